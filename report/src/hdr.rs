//! Whole distributions as HDR histogram interval logs, for the field's own tools: `HistogramLogProcessor`, `HistogramLogAnalyzer`, and
//! whatever else reads the format 1.3 of <https://github.com/HdrHistogram/HdrHistogram>.
//!
//! Two files, for a log has one unit. Each line is a distribution of one metric in one phase, under a tag that says of what.

use std::{
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use assay_load::encoded::EncodedHistogram;
use hdrhistogram::serialization::{
    V2DeflateSerializeError, V2DeflateSerializer,
    interval_log::{IntervalLogWriterBuilder, IntervalLogWriterError, Tag},
};

mod distributions;
mod tag;

pub(crate) use self::distributions::Distributions;
pub use self::distributions::{MAX_INTERVALS, MAX_LOG_BYTES};
use self::{distributions::Interval, tag::tag};
use crate::{ReportError, file, json::document::Report, words::count};

/// The files in the folder.
const FILES: [(&str, Unit); 2] = [
    ("times.hlog", Unit::Nanoseconds),
    ("figures.hlog", Unit::Steps),
];
/// What values are divided by to be the greatest value of a line, as those tools do: of nanoseconds it is milliseconds, and of the
/// figures of suites, which are counted in millionths, their own unit.
const MAX_VALUE_DIVISOR: f64 = 1e6;

/// What the values of a log are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// Times in nanoseconds.
    Nanoseconds,
    /// Anything else, in steps of a unit that the tag names.
    Steps,
}

impl Unit {
    fn of(distribution: &EncodedHistogram) -> Self {
        match (distribution.unit.as_str(), distribution.steps_per_unit) {
            ("seconds", 1_000_000_000) => Self::Nanoseconds,
            _ => Self::Steps,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Nanoseconds => "values are nanoseconds",
            Self::Steps => "values are steps; a tag ends with the unit and how many steps it has",
        }
    }
}

/// Writes the files.
pub(crate) fn write(
    report: &Report,
    distributions: &Distributions,
    folder: &Path,
) -> Result<(), ReportError> {
    FILES.iter().try_for_each(|(name, unit)| {
        file::write_whole(&folder.join(name), |writer| {
            log(report, distributions, *unit, writer)
        })
    })
}

/// Removes the files of a former run, and nothing else in the folder.
pub(crate) fn remove_former(folder: &Path) -> Result<(), ReportError> {
    FILES
        .iter()
        .try_for_each(|(name, _)| file::remove_former(&folder.join(name)))
}

/// A log. Its lines are in the order of their start, in seconds from the start of the run; what is left out is counted at its end.
fn log(
    report: &Report,
    distributions: &Distributions,
    unit: Unit,
    mut writer: &mut dyn Write,
) -> io::Result<()> {
    let of_unit = |interval: &&Interval| Unit::of(&interval.distribution) == unit;
    let mut intervals: Vec<&Interval> = distributions.intervals().iter().filter(of_unit).collect();
    intervals.sort_by_key(|interval| interval.started_at_ns);
    let mut serializer = V2DeflateSerializer::new();
    let mut log = header(report, unit).begin_log_with(&mut writer, &mut serializer)?;
    let mut unreadable = 0;
    for interval in intervals {
        let Ok(histogram) = interval.distribution.decode() else {
            unreadable += 1;
            continue;
        };
        let tag = tag(interval, unit == Unit::Steps);
        let start = Duration::from_nanos(interval.started_at_ns);
        let length = Duration::from_nanos(interval.length_ns());
        log.write_histogram(&histogram, start, length, Tag::new(&tag))
            .map_err(of_log)?;
    }
    for (number, what) in [
        (unreadable, "could not be read"),
        (
            distributions.left_out(),
            "came after the most that are kept",
        ),
    ] {
        if number > 0 {
            let number = count(number, "distribution");
            log.write_comment(&format!("left out: {number} that {what}"))?;
        }
    }
    Ok(())
}

fn of_log(error: IntervalLogWriterError<V2DeflateSerializeError>) -> io::Error {
    match error {
        IntervalLogWriterError::IoError(error) => error,
        IntervalLogWriterError::SerializeError(error) => io::Error::other(error.to_string()),
    }
}

/// With both times, a reader need not guess whether lines count from the start of the run or from 1970.
fn header(report: &Report, unit: Unit) -> IntervalLogWriterBuilder {
    let mut header = IntervalLogWriterBuilder::new();
    header
        .add_comment("[Histogram log format version 1.3]")
        .add_comment(unit.words())
        .with_max_value_divisor(MAX_VALUE_DIVISOR);
    let started = report.run.as_ref().map(|run| run.started_at.as_str());
    let started = started.and_then(|text| humantime::parse_rfc3339(text).ok());
    // A log of others may say of any year that the run was in it.
    if let Some(started) = started.filter(|started| *started >= SystemTime::UNIX_EPOCH) {
        header.with_start_time(started).with_base_time(started);
    }
    header
}
