//! What is no delta that can be merged.

use super::{MAX_BYTES, MAX_COUNT, MAX_DELTAS, MAX_SUM, VERSION};
use crate::samples::MAX_NAME;

/// The longest reason why something cannot be read, in characters.
const MAX_REASON: usize = 200;

/// Why a delta is not merged. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDelta {
    /// It is longer than [`MAX_BYTES`].
    #[error("a delta of {0} bytes is longer than {MAX_BYTES}; take it as the host wrote it")]
    TooLong(usize),
    /// It is no delta.
    #[error("it is no delta of a load ({0}); take it as the host wrote it")]
    Unreadable(String),
    /// Its version is not [`VERSION`].
    #[error(
        "a delta of version {0} was sent where {VERSION} is read; run all shares of a load with hosts of one version"
    )]
    Version(u32),
    /// Its histograms count between other bounds.
    #[error(
        "its histograms have other bounds than those here; run all shares of a load with hosts of one version"
    )]
    Bounds,
    /// One of its histograms is none.
    #[error("its histogram of {what} {problem}; take it as the host wrote it")]
    Times {
        /// What it is of.
        what: &'static str,
        /// What is wrong with it.
        problem: BadTimes,
    },
    /// No share has that number.
    #[error(
        "share {share} sent a delta, and the load has {of}; merge only what was sent for this load"
    )]
    NoSuchShare {
        /// From 0.
        share: usize,
        /// How many there are.
        of: usize,
    },
    /// The number of the delta is [`MAX_DELTAS`] or more.
    #[error("a delta has the number {0}, and {MAX_DELTAS} are possible; tell of a load less often")]
    Number(u64),
    /// Too many gaps in the numbers of a share.
    #[error(
        "the deltas of share {0} have too many gaps; give the share up, or have it send again what is missing"
    )]
    Gaps(usize),
    /// It ends before it begins, or after any load has ended.
    #[error(
        "a delta from {from_ms} ms until {until_ms} ms is of no time of a load; take it as the host wrote it"
    )]
    Time {
        /// Since the start of the load.
        from_ms: u64,
        /// Since the start of the load.
        until_ms: u64,
    },
    /// More of something than a host keeps apart.
    #[error("it tells {found} {what} apart and may tell {most}; take it as the host wrote it")]
    Many {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A name is longer than names are.
    #[error("a name has {0} bytes and may have {MAX_NAME}; take the delta as the host wrote it")]
    LongName(usize),
    /// A count is beyond [`MAX_COUNT`], or a sum beyond [`MAX_SUM`].
    #[error(
        "it counts {found} {what}, beyond {MAX_COUNT} of anything and sums of {MAX_SUM}; tell of a load more often"
    )]
    Count {
        /// What is counted.
        what: &'static str,
        /// How often.
        found: u64,
    },
    /// What is a share of a core is none.
    #[error("its busiest worker used {0} of a core; take the delta as the host wrote it")]
    Busiest(String),
}

impl BadDelta {
    /// The reason may quote what was sent, however long it is.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        Self::Unreadable(error.to_string().chars().take(MAX_REASON).collect())
    }
}

/// What is wrong with a histogram of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTimes {
    /// It ends within a number, or a number is longer than numbers are.
    #[error("breaks off")]
    BreaksOff,
    /// A bucket lies beyond the last one.
    #[error("has values beyond its bounds")]
    Bounds,
    /// A bucket without a value, or more than [`MAX_COUNT`] values.
    #[error("has a count that cannot be")]
    Count,
    /// Its least value, its greatest value and its sum are not those of such counts.
    #[error("contradicts itself")]
    Extremes,
}
