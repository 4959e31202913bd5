//! What a metric is called, what it is and what it says: the head of a family of series.

use std::borrow::Cow;

/// What the series of a family are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A sum that only grows. Its name ends in `_total`.
    Counter,
    /// A value that was set last.
    Gauge,
    /// A distribution, in buckets.
    Histogram,
    /// A distribution of which only some percentiles are known.
    Summary,
    /// What does not change, in labels. Its name ends in `_info`, its value is 1.
    Info,
}

/// The head of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    /// With its unit and what its kind asks for behind it.
    pub(crate) name: Cow<'static, str>,
    /// A sentence.
    pub(crate) help: Cow<'static, str>,
    /// What its series are.
    pub(crate) kind: Kind,
}

impl Metric {
    /// One of this crate's own.
    pub(crate) const fn new(kind: Kind, name: &'static str, help: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            help: Cow::Borrowed(help),
            kind,
        }
    }

    /// One whose name somebody else gave.
    pub(crate) fn own(kind: Kind, name: String, help: String) -> Self {
        Self {
            name: Cow::Owned(name),
            help: Cow::Owned(help),
            kind,
        }
    }

    /// Whether somebody else named it, so that there may be any number of the like.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.name, Cow::Owned(_))
    }
}
