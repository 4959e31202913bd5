//! Figures of the suite's own, figures of the services, and baselines to judge them by.
//!
//! Names and labels are as Prometheus has them, names at most 256 bytes long; a suite has at most 1,000 series, 100 of them histograms.

mod page;

use std::fmt;

use crate::bindings::metrics as contract;

pub use contract::{Grade, MetricKind, Summary, Unit};
pub use page::{Family, Page, Sample};

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The plugin has no grant for this.
    Denied,
    /// A name, a label or a value that cannot be.
    Invalid,
    /// No baseline of that name is declared by the suite.
    UnknownBaseline,
    /// Nothing was measured, so there is nothing to judge.
    NoSamples,
    /// The page or the query could not be had.
    Unreachable,
    /// What came is not the text format of Prometheus.
    Malformed,
    /// This host does not do it.
    Unsupported,
}

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the suite brought it about itself. No samples is none of these: something that should have happened did not.
    pub(crate) fn is_own_fault(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Denied
                | ErrorKind::Invalid
                | ErrorKind::UnknownBaseline
                | ErrorKind::Unsupported
        )
    }
}

impl From<contract::Error> for Error {
    fn from(error: contract::Error) -> Self {
        let (kind, text) = match error {
            contract::Error::Denied(text) => (ErrorKind::Denied, text),
            contract::Error::Invalid(text) => (ErrorKind::Invalid, text),
            contract::Error::UnknownBaseline(text) => (ErrorKind::UnknownBaseline, text),
            contract::Error::NoSamples(text) => (ErrorKind::NoSamples, text),
            contract::Error::Unreachable(text) => (ErrorKind::Unreachable, text),
            contract::Error::Malformed(text) => (ErrorKind::Malformed, text),
            contract::Error::Unsupported(text) => (ErrorKind::Unsupported, text),
        };
        Self { kind, text }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Denied => "denied",
            ErrorKind::Invalid => "invalid figure",
            ErrorKind::UnknownBaseline => "unknown baseline",
            ErrorKind::NoSamples => "no samples",
            ErrorKind::Unreachable => "no metrics to be had",
            ErrorKind::Malformed => "malformed metrics",
            ErrorKind::Unsupported => "unsupported",
        };
        write!(formatter, "{what}: {}", self.text)
    }
}

impl std::error::Error for Error {}

/// Labels as pairs of name and value; at most 10, values at most 128 bytes.
type Labels<'a> = &'a [(&'a str, &'a str)];

/// Adds to a counter.
pub fn counter(name: &str, labels: Labels<'_>, add: f64) -> Result<(), Error> {
    Ok(contract::counter(name, &owned(labels), add)?)
}

/// Sets a gauge.
pub fn gauge(name: &str, labels: Labels<'_>, value: f64, unit: Unit) -> Result<(), Error> {
    Ok(contract::gauge(name, &owned(labels), value, unit)?)
}

/// Adds a value to a histogram. From 0 to 10^12, resolved to a millionth.
pub fn observe(name: &str, labels: Labels<'_>, value: f64, unit: Unit) -> Result<(), Error> {
    Ok(contract::observe(name, &owned(labels), value, unit)?)
}

/// What a histogram of this suite holds so far; none if nothing was observed under that name and labels.
pub fn summarize(name: &str, labels: Labels<'_>) -> Option<Summary> {
    contract::summarize(name, &owned(labels))
}

/// Judges a figure, in the unit of the baseline, that rests on so many samples, and reports it. Between target and critical the case is
/// degraded, beyond that it fails; the grade is answered in either case.
pub fn judge(baseline: &str, value: f64, samples: u64) -> Result<Grade, Error> {
    let measurement = contract::Measurement { value, samples };
    Ok(contract::judge(baseline, measurement)?)
}

/// Reads a page in Prometheus's text format. At most 16 MiB and 100,000 samples.
pub async fn scrape(url: impl Into<String>) -> Result<Page, Error> {
    let families = contract::scrape(url.into()).await?;
    Ok(Page::new(families))
}

/// Asks the Prometheus of the environment an instant query.
pub async fn query(promql: impl Into<String>) -> Result<Vec<Sample>, Error> {
    let samples = contract::query(promql.into()).await?;
    Ok(samples.into_iter().map(Sample::from).collect())
}

fn owned(labels: Labels<'_>) -> Vec<(String, String)> {
    labels
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
