//! What a load is judged by: a measure of it, in the unit of a baseline.
//!
//! The levels are not known here. Whoever knows them holds the value against them.

mod watch;

use serde::{Deserialize, Serialize};

use crate::plan::Invalid;

pub use watch::{Reading, Watch};

/// A figure of a distribution. Distributions are of successes only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the statistics' own")]
pub enum Figure {
    Mean,
    P50,
    P90,
    P95,
    P99,
    P999,
    Max,
    /// Hundredths of all, successes and failures, that failed.
    FailedPercent,
    /// Successes a second: what fails, however fast, is no throughput.
    PerSecond,
}

/// What a threshold looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How long iterations take: in open models from their intended start.
    Iterations(Figure),
    /// How long requests of that name take.
    Requests(String, Figure),
    /// How long streams take to open.
    StreamConnect(Figure),
    /// From the opening of a stream's request to its first event.
    FirstEvent(Figure),
    /// Between an event of a stream and the next one.
    EventGap(Figure),
    /// Gaps that were too long.
    Stalls,
    /// Streams that were opened again after a break.
    Reconnects,
    /// Events that are missing in the numbers of a stream.
    LostEvents,
    /// Events that came again.
    DuplicatedEvents,
    /// Streams that the server ended before they were done.
    StreamsCutShort,
}

impl Measure {
    /// The figure, if it is one of a distribution and not a count.
    pub fn figure(&self) -> Option<Figure> {
        match self {
            Self::Iterations(figure)
            | Self::Requests(_, figure)
            | Self::StreamConnect(figure)
            | Self::FirstEvent(figure)
            | Self::EventGap(figure) => Some(*figure),
            Self::Stalls
            | Self::Reconnects
            | Self::LostEvents
            | Self::DuplicatedEvents
            | Self::StreamsCutShort => None,
        }
    }

    fn kind(&self) -> Kind {
        match self.figure() {
            None => Kind::Count,
            Some(Figure::FailedPercent) => Kind::Percent,
            Some(Figure::PerSecond) => Kind::Rate,
            Some(_) => Kind::Time,
        }
    }
}

/// What a value is, whatever it is measured of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Time,
    Percent,
    Rate,
    Count,
}

impl Kind {
    /// What it is, and which units fit, for people.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Time => ("a time", "`ns`, `us`, `ms` or `s`"),
            Self::Percent => ("a share", "`%`"),
            Self::Rate => ("a rate", "`/s`, or in things such as `requests/s`"),
            Self::Count => ("a count", "what is counted, such as `events`"),
        }
    }

    /// Of a unit as a suite writes it, and how many nanoseconds it has if it is one of time.
    fn of_unit(unit: &str) -> (Self, f64) {
        match unit {
            "ns" => (Self::Time, 1.0),
            // The sign for micro and the Greek letter look the same.
            "us" | "µs" | "μs" => (Self::Time, 1e3),
            "ms" => (Self::Time, 1e6),
            "s" => (Self::Time, 1e9),
            "%" => (Self::Percent, 1.0),
            _ if unit.ends_with("/s") => (Self::Rate, 1.0),
            _ => (Self::Count, 1.0),
        }
    }
}

/// A measure that a baseline of the suite is held against. Measure and unit fit.
///
/// As data it is what it was made of, and is checked when it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Given", into = "Given")]
pub struct Threshold {
    baseline: String,
    unit: String,
    measure: Measure,
    /// Nanoseconds in the baseline's unit, or 1.
    divisor: f64,
    aborts: bool,
}

/// What a threshold is made of.
#[derive(Serialize, Deserialize)]
struct Given {
    baseline: String,
    unit: String,
    measure: Measure,
    aborts: bool,
}

impl TryFrom<Given> for Threshold {
    type Error = Invalid;

    fn try_from(given: Given) -> Result<Self, Invalid> {
        Self::new(given.baseline, &given.unit, given.measure, given.aborts)
    }
}

impl From<Threshold> for Given {
    fn from(threshold: Threshold) -> Self {
        Self {
            baseline: threshold.baseline,
            unit: threshold.unit,
            measure: threshold.measure,
            aborts: threshold.aborts,
        }
    }
}

impl Threshold {
    /// Of a baseline and its unit. `aborts`: missing the critical level ends the load.
    ///
    /// Refuses a unit that is not one of the measure, and a figure that the measure does not have.
    pub fn new(
        baseline: impl Into<String>,
        unit: &str,
        measure: Measure,
        aborts: bool,
    ) -> Result<Self, Invalid> {
        let baseline = baseline.into();
        if matches!(
            measure,
            Measure::FirstEvent(Figure::FailedPercent) | Measure::EventGap(Figure::FailedPercent)
        ) {
            return Err(Invalid::NeverFails(baseline));
        }
        let (kind, divisor) = Kind::of_unit(unit);
        if kind != measure.kind() {
            let (measured, fitting) = measure.kind().words();
            return Err(Invalid::Unit {
                baseline,
                unit: unit.to_owned(),
                measured,
                fitting,
            });
        }
        Ok(Self {
            baseline,
            unit: unit.to_owned(),
            measure,
            divisor,
            aborts,
        })
    }

    /// The name of the baseline.
    pub fn baseline(&self) -> &str {
        &self.baseline
    }

    /// What is looked at.
    pub fn measure(&self) -> &Measure {
        &self.measure
    }

    /// Whether missing the critical level ends the load.
    pub fn aborts(&self) -> bool {
        self.aborts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_fits_what_is_measured_or_the_threshold_is_refused_with_those_that_do() {
        let p95 = || Measure::Iterations(Figure::P95);
        let failed = || Measure::Requests("create".into(), Figure::FailedPercent);
        let rate = || Measure::StreamConnect(Figure::PerSecond);
        for (unit, measure) in [
            ("ns", p95()),
            ("us", p95()),
            ("µs", p95()),
            ("μs", p95()),
            ("ms", p95()),
            ("s", p95()),
            ("%", failed()),
            ("/s", rate()),
            ("streams/s", rate()),
            ("events", Measure::LostEvents),
            ("", Measure::Stalls),
        ] {
            let threshold = Threshold::new("b", unit, measure, false);
            assert!(threshold.is_ok(), "{unit}: {threshold:?}");
        }
        for (unit, measure) in [
            ("%", p95()),
            ("seconds", p95()),
            ("ms", failed()),
            ("", rate()),
            ("ms", Measure::LostEvents),
            ("%", Measure::Reconnects),
            ("/s", Measure::Stalls),
        ] {
            let refused = Threshold::new("b", unit, measure, false).unwrap_err();
            assert!(matches!(refused, Invalid::Unit { .. }), "{unit}: {refused}");
        }
        let refused = Threshold::new("speed", "parsecs", p95(), false).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "baseline `speed` is in `parsecs`, and what it is to judge is a time; declare it in `ns`, `us`, `ms` or `s`"
        );
    }

    #[test]
    fn what_cannot_fail_has_no_share_of_failures() {
        for measure in [
            Measure::FirstEvent(Figure::FailedPercent),
            Measure::EventGap(Figure::FailedPercent),
        ] {
            let refused = Threshold::new("b", "%", measure, false);
            assert_eq!(refused, Err(Invalid::NeverFails("b".into())));
        }
    }
}
