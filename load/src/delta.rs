//! What a share of a load measured since it last told: a value with limits and a version, which is sent to where all shares are merged.
//!
//! A delta has the samples themselves, as counts of the buckets of their histograms, and no figure that was made of them: so what is
//! merged of all deltas is what one machine would have measured, to the last bit. It has names and not numbers, so it is read without any
//! other one, and whoever gets them in another order comes to the same. The newest [`Standing`] of a share counts.

mod check;
mod contents;
mod error;
mod pages;
mod taking;
#[cfg(test)]
mod tests;
mod times;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use error::{BadDelta, BadTimes};
pub use taking::Deltas;

pub(crate) use contents::{Apart, Contents, PhaseStreams, PhaseTimes, RequestTimes};
pub(crate) use pages::Pages;
pub(crate) use times::{Extent, Times};

/// The version of what is written here. Another one is refused: shares of one load are made by hosts of one version.
pub const VERSION: u32 = 1;
/// The longest delta, in bytes: what servers of messages take by default is 1 MiB.
pub const MAX_BYTES: usize = 900 << 10;
/// The most deltas of a share, some for each second of a week.
pub const MAX_DELTAS: u64 = 1 << 22;
/// The most samples that one histogram or count of a delta may have.
pub const MAX_COUNT: u64 = 1 << 30;
/// The most bytes that one delta may tell as received, or events as lost.
pub const MAX_SUM: u64 = 1 << 50;
/// No delta is of a later time of a load than this: its warm-up, its executor and its grace may each take a week.
pub const MAX_TIME: Duration = Duration::from_hours(4 * 7 * 24);

/// What a share measured in a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    version: u32,
    bounds: Bounds,
    share: usize,
    number: u64,
    from_ms: u64,
    until_ms: u64,
    /// Whether the next delta of the share is a further page of the same time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    more: bool,
    standing: Standing,
    contents: Contents,
}

/// Between which times the histograms count, and how exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    least_ns: u64,
    most_ns: u64,
    figures: u8,
}

/// How a share stands at the end of a delta: since the start of the load, not since the delta before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Virtual users in the load; in open models, busy ones.
    pub vus: u32,
    /// The most of them at once.
    pub most_vus: u32,
    /// Streams that are open.
    pub open_streams: u32,
    /// The most of them at once.
    pub most_open_streams: u32,
    /// Open models: iterations that were to start, without those of the warm-up. None in closed models.
    pub intended: Option<u64>,
    /// Open models: those of them that found no free virtual user in time.
    pub dropped: u64,
    /// Open models: those of them that nobody has come for, and that are not too late for it. They are dropped with the share if it is lost.
    #[serde(default)]
    pub waiting: u64,
    /// Iterations that had not ended after the grace.
    pub interrupted: u64,
    /// Iterations that began in the warm-up.
    pub warm_up: u64,
    /// How much time of what is measured has passed, in nanoseconds.
    pub measured_ns: u64,
    /// From the end of the warm-up to the end of the last iteration, in nanoseconds.
    pub elapsed_ns: u64,
    /// Whether the machine that makes the share was itself the limit.
    pub saturated: bool,
    /// The share of a core that its busiest worker used, from 0 to 1.
    pub busiest: f64,
    /// Whether this is the last delta of the share.
    pub over: bool,
}

impl Delta {
    /// Which share measured it, from 0.
    pub fn share(&self) -> usize {
        self.share
    }

    /// Which one of its share it is, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// From when on it was measured, since the start of the load.
    pub fn from(&self) -> Duration {
        Duration::from_millis(self.from_ms)
    }

    /// Until when it was measured, since the start of the load.
    pub fn until(&self) -> Duration {
        Duration::from_millis(self.until_ms)
    }

    /// Whether it is a page of its time that further ones follow: what the share measured until its end is not known with it.
    pub fn is_continued(&self) -> bool {
        self.more
    }

    /// How its share stood at its end.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// To be sent: at most [`MAX_BYTES`] of JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BadDelta> {
        let bytes = serde_json::to_vec(self).map_err(|error| BadDelta::unreadable(&error))?;
        if bytes.len() > MAX_BYTES {
            return Err(BadDelta::TooLong(bytes.len()));
        }
        Ok(bytes)
    }

    /// From what was sent. Nothing beyond the limits of this module is read.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadDelta> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }

        if bytes.len() > MAX_BYTES {
            return Err(BadDelta::TooLong(bytes.len()));
        }
        let read: Result<Self, _> = serde_json::from_slice(bytes);
        let delta = read.map_err(|error| match serde_json::from_slice(bytes) {
            Ok(Versioned { version }) if version != VERSION => BadDelta::Version(version),
            _ => BadDelta::unreadable(&error),
        })?;
        delta.check()?;
        Ok(delta)
    }
}
