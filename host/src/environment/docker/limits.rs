//! Limits of a container's memory and processor, and their undoing.

use bollard::models::{ContainerUpdateBody as Update, HostConfig};
use serde::{Deserialize, Serialize};

/// What the kernel itself takes for "no limit" (the largest number of whole pages): the engine has no word for lifting a limit of
/// memory, and this one is none.
const UNLIMITED_MEMORY: i64 = i64::MAX - 4095;
/// Microseconds in which a quota of processor time holds.
const PERIOD: i64 = 100_000;
/// The shortest quota that the engine takes, in microseconds.
const SHORTEST_QUOTA: i64 = 1_000;
/// The least memory that the engine takes, in bytes.
pub(super) const LEAST_MEMORY: u64 = 6 << 20;
/// The most that is a limit, in bytes: no machine has so much.
pub(super) const MOST_MEMORY: u64 = 1 << 60;

/// The limits of a container, as the engine tells them. 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: i64,
    /// Bytes of memory and swap; -1 for as much as there is.
    pub memory_swap: i64,
    /// Billionths of a core.
    pub nano_cpus: i64,
    /// Microseconds of processor time in a period; -1 for none.
    pub cpu_quota: i64,
    /// Microseconds.
    pub cpu_period: i64,
}

impl Limits {
    pub(super) fn of(config: &HostConfig) -> Self {
        Self {
            memory: config.memory.unwrap_or_default(),
            memory_swap: config.memory_swap.unwrap_or_default(),
            nano_cpus: config.nano_cpus.unwrap_or_default(),
            cpu_quota: config.cpu_quota.unwrap_or_default(),
            cpu_period: config.cpu_period.unwrap_or_default(),
        }
    }

    /// At most so many bytes, and no swap beyond them.
    pub(super) fn limit_memory(bytes: u64) -> Update {
        let bytes = bytes.min(MOST_MEMORY).cast_signed();
        Update {
            memory: Some(bytes),
            memory_swap: Some(bytes),
            ..Update::default()
        }
    }

    /// What has to be asked for so that the limits are these again; nothing where they are.
    pub(super) fn restore(self, now: Self) -> Vec<Update> {
        let of = |limits: Self| [limits.old_memory(), limits.old_cpu()];
        let wanted = of(self).into_iter().zip(of(now));
        let differing = wanted.filter(|(wanted, now)| wanted != now);
        differing.map(|(wanted, _)| wanted).collect()
    }

    /// The limit of memory that there was. That of memory and swap is always named: raised alone, the first would be above the second
    /// for a moment, which the kernel refuses.
    fn old_memory(self) -> Update {
        let or_none = |limit: i64| if limit <= 0 { UNLIMITED_MEMORY } else { limit };
        Update {
            memory: Some(or_none(self.memory)),
            memory_swap: Some(or_none(self.memory_swap)),
            ..Update::default()
        }
    }

    /// At most so many cores, in the way in which the container was limited at first: the engine refuses to mix the two.
    pub(super) fn limit_cpu(self, cores: f64) -> Update {
        if self.nano_cpus > 0 {
            return Update {
                nano_cpus: Some(whole(cores * 1e9)),
                ..Update::default()
            };
        }
        let period = if self.cpu_period == 0 {
            PERIOD
        } else {
            self.cpu_period
        };
        #[expect(clippy::cast_precision_loss, reason = "a period is at most a second")]
        let quota = whole(cores * period as f64).max(SHORTEST_QUOTA);
        Update {
            cpu_period: Some(period),
            cpu_quota: Some(quota),
            ..Update::default()
        }
    }

    /// The limit of the processor that there was.
    fn old_cpu(self) -> Update {
        if self.nano_cpus > 0 {
            return Update {
                nano_cpus: Some(self.nano_cpus),
                ..Update::default()
            };
        }
        let none = |value: i64, instead| if value == 0 { instead } else { value };
        Update {
            cpu_period: Some(none(self.cpu_period, PERIOD)),
            cpu_quota: Some(none(self.cpu_quota, -1)),
            ..Update::default()
        }
    }

    /// Whether the engine shows what an update asked for.
    pub(super) fn show(self, update: &Update) -> bool {
        let is = |asked: Option<i64>, shown| asked.is_none_or(|asked| asked == shown);
        is(update.memory, self.memory)
            && is(update.nano_cpus, self.nano_cpus)
            && is(update.cpu_quota, self.cpu_quota)
            && is(update.cpu_period, self.cpu_period)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a number of cores, checked before"
)]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Limits {
        Limits::of(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn limits_that_were_changed_come_back_as_they_were() {
        let before = limits(r#"{"Memory":64000000,"MemorySwap":128000000,"NanoCpus":1500000000}"#);
        let changed = limits(r#"{"Memory":7000000,"MemorySwap":7000000,"NanoCpus":500000000}"#);
        let restored = before.restore(changed);
        assert_eq!(restored.len(), 2);
        assert_eq!(
            (restored[0].memory, restored[0].memory_swap),
            (Some(64_000_000), Some(128_000_000))
        );
        assert_eq!(restored[1].nano_cpus, Some(1_500_000_000));
        assert_eq!(before.limit_cpu(0.5).nano_cpus, Some(500_000_000));
    }

    #[test]
    fn where_there_was_no_limit_there_is_none_afterwards() {
        let before = limits("{}");
        let restored = before.restore(limits(r#"{"Memory":7000000,"CpuQuota":50000}"#));
        assert_eq!(
            (restored[0].memory, restored[0].memory_swap),
            (
                Some(9_223_372_036_854_771_712),
                Some(9_223_372_036_854_771_712)
            )
        );
        assert_eq!(restored[1].cpu_quota, Some(-1));
        assert_eq!(before.limit_cpu(0.5).cpu_quota, Some(50_000));
        assert_eq!(before.limit_cpu(0.001).cpu_quota, Some(SHORTEST_QUOTA));
    }

    #[test]
    fn limits_that_are_the_old_ones_are_left_alone_also_after_they_were_lifted() {
        let none = Limits::default();
        let lifted = Limits {
            memory: UNLIMITED_MEMORY,
            memory_swap: UNLIMITED_MEMORY,
            cpu_quota: -1,
            cpu_period: PERIOD,
            ..none
        };
        let limited = limits(r#"{"Memory":64,"MemorySwap":128,"NanoCpus":1500000000}"#);
        for (now, old) in [(none, none), (lifted, none), (limited, limited)] {
            assert_eq!(old.restore(now), [], "{now:?}");
        }
    }

    #[test]
    fn only_what_was_asked_for_has_to_show() {
        let update = Limits::limit_memory(64_000_000);
        assert!(limits(r#"{"Memory":64000000,"CpuQuota":7}"#).show(&update));
        assert!(!limits(r#"{"Memory":64000001}"#).show(&update));
    }
}
