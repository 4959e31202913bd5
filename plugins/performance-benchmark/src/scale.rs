//! How large everything is: `[settings.performance]`. Without it the suite is as large as a look that takes less than a minute.

use std::time::Duration;

use assay_sdk::prelude::*;
use serde::Deserialize;

/// The sizes.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Scale {
    /// Users who work at the same time: the seed has at most 20 requests under way.
    pub(crate) users: u32,
    /// Users of a crowd, which must be served as well.
    pub(crate) crowd: u32,
    /// Seconds of each load that measures how long something takes.
    pub(crate) load_s: f64,
    /// Seconds of warm-up before each of them.
    pub(crate) warm_up_s: f64,
    /// How many streams are open at once, one step after the other.
    pub(crate) streams: Vec<u32>,
    /// Iterations before memory is measured, so that whatever has a bound has reached it.
    pub(crate) memory_warm_up: u64,
    /// Seconds over which memory is measured.
    pub(crate) memory_s: f64,
    /// Seconds in which an hour's work is done, 1,200 pieces of it.
    pub(crate) hour_s: f64,
    /// Services whose memory must not grow. The others' is measured, and told.
    pub(crate) memory_of: Vec<String>,
    /// How well the growth of memory must be known at least, in percent: a margin as wide as the critical level hides what is judged.
    pub(crate) widest_margin: f64,
    /// Into how many slices of time continuous operation is cut; there is one more before them, which is not judged.
    pub(crate) slices: u32,
    /// Seconds of a slice.
    pub(crate) slice_s: f64,
    /// Creations a second in a slice, and as many beside them: an easy rate.
    pub(crate) continuous_per_second: u32,
    /// Creations that are made after each slice, as fast as it goes, and as many beside them.
    pub(crate) slice_work: u64,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            users: 20,
            crowd: 64,
            load_s: 4.0,
            warm_up_s: 1.0,
            streams: vec![20, 50, 100, 200],
            memory_warm_up: 1_500,
            memory_s: 10.0,
            hour_s: 10.0,
            memory_of: ["project-service", "generation-service"]
                .map(str::to_owned)
                .to_vec(),
            widest_margin: 20.0,
            slices: 10,
            slice_s: 1.0,
            continuous_per_second: 20,
            slice_work: 200,
        }
    }
}

/// Times of which something is measured are at least so long, in seconds.
const SHORTEST: f64 = 0.1;
/// No time is longer: a week, as of the host's loads.
const LONGEST: f64 = 7.0 * 24.0 * 3_600.0;

/// Pieces of work in an hour of the seed: it makes 10 episodes in 30 s.
pub(crate) const WORK_OF_AN_HOUR: f64 = 1_200.0;

impl Scale {
    /// What the settings say; errored if that cannot be.
    #[track_caller]
    pub(crate) fn of_settings() -> Result<Self> {
        let scale: Self = context::optional_setting("performance")?.unwrap_or_default();
        match scale.mistake() {
            None => Ok(scale),
            Some(mistake) => Err(Problem::errored(format!(
                "`[settings.performance]`: {mistake}"
            ))),
        }
    }

    fn mistake(&self) -> Option<&'static str> {
        let of_nothing = [
            (u64::from(self.users), "`users` is 0"),
            (u64::from(self.crowd), "`crowd` is 0"),
            (self.slice_work, "`slice-work` is 0"),
            (
                u64::from(self.continuous_per_second),
                "`continuous-per-second` is 0",
            ),
        ];
        if let Some((_, mistake)) = of_nothing.into_iter().find(|(size, _)| *size == 0) {
            return Some(mistake);
        }
        let times = [
            (self.load_s, "`load-s` is no time from 0.1 s to a week"),
            (self.memory_s, "`memory-s` is no time from 0.1 s to a week"),
            (self.hour_s, "`hour-s` is no time from 0.1 s to a week"),
            (self.slice_s, "`slice-s` is no time from 0.1 s to a week"),
        ];
        let known = SHORTEST..=LONGEST;
        if let Some((_, mistake)) = times.into_iter().find(|(time, _)| !known.contains(time)) {
            return Some(mistake);
        }
        if !(0.0..=LONGEST).contains(&self.warm_up_s) {
            return Some("`warm-up-s` is no time from 0 s to a week");
        }
        if self.streams.is_empty() || !self.streams.is_sorted_by(|less, more| less < more) {
            return Some("`streams` is not a list of rising numbers");
        }
        if self.memory_of.is_empty() {
            return Some("`memory-of` names no service");
        }
        if (self.slices as usize) < crate::regression::FEWEST {
            return Some("`slices` is less than 8, which is too few for a trend");
        }
        None
    }

    pub(crate) fn load(&self) -> Duration {
        Duration::from_secs_f64(self.load_s)
    }

    pub(crate) fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up_s)
    }

    pub(crate) fn memory(&self) -> Duration {
        Duration::from_secs_f64(self.memory_s)
    }

    pub(crate) fn slice(&self) -> Duration {
        Duration::from_secs_f64(self.slice_s)
    }

    /// From one piece of work of a user to the next, so that all users together do an hour's in `hour-s`.
    pub(crate) fn pace(&self) -> Duration {
        let each = f64::from(self.users) / WORK_OF_AN_HOUR;
        Duration::from_secs_f64(self.hour_s).mul_f64(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scale {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(read("{}"), Scale::default());
        assert_eq!(read(r#"{"load-s": 2}"#).load(), Duration::from_secs(2));
        assert_eq!(
            read(r#"{"load-s": 0.5}"#).load(),
            Duration::from_millis(500)
        );
        assert_eq!(Scale::default().mistake(), None);
    }

    #[test]
    fn sizes_with_which_nothing_is_measured_are_refused() {
        for (text, mistake) in [
            (r#"{"users": 0}"#, "`users` is 0"),
            (
                r#"{"load-s": 0.09}"#,
                "`load-s` is no time from 0.1 s to a week",
            ),
            (
                r#"{"slice-s": 604801}"#,
                "`slice-s` is no time from 0.1 s to a week",
            ),
            (
                r#"{"warm-up-s": -1}"#,
                "`warm-up-s` is no time from 0 s to a week",
            ),
            (
                r#"{"streams": []}"#,
                "`streams` is not a list of rising numbers",
            ),
            (
                r#"{"streams": [20, 20]}"#,
                "`streams` is not a list of rising numbers",
            ),
            (r#"{"memory-of": []}"#, "`memory-of` names no service"),
            (
                r#"{"slices": 7}"#,
                "`slices` is less than 8, which is too few for a trend",
            ),
        ] {
            assert_eq!(read(text).mistake(), Some(mistake));
        }
        assert!(serde_json::from_str::<Scale>(r#"{"user": 1}"#).is_err());
    }

    #[test]
    fn an_hour_in_less_time_has_the_same_work() {
        let scale = Scale {
            users: 20,
            hour_s: 12.0,
            ..Scale::default()
        };
        // 20 users, 5 pieces of work a second each.
        assert_eq!(scale.pace(), Duration::from_millis(200));
    }
}
