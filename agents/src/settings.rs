//! How large and how patient a run is. The coordinator has them, and tells agents the times with its offer, so that both reckon alike.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest that any of [`Times`] may be.
pub const MAX_TIME: Duration = Duration::from_mins(10);

/// Where the server keeps what a run has there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// On its disk: a run survives that the server is started again.
    #[default]
    File,
    /// In its memory: faster where the disk is slow, and a run ends with the server.
    Memory,
}

/// Limits of a run on the server, and its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the server keeps what is below.
    pub storage: Storage,
    /// Copies in a cluster, from 1 to 5.
    pub replicas: usize,
    /// Bytes that agents have told and the coordinator has not heard yet. Agents wait when it is reached.
    pub events_bytes: u64,
    /// Bytes of shards that no agent has finished yet. The coordinator waits when it is reached.
    pub shards_bytes: u64,
    /// How long anything may lie on the server, and so how long a run may be: what a dead coordinator left is gone by then.
    pub keep: Duration,
    /// Times a shard of cases is given to an agent before it is lost.
    pub deliveries: u32,
    /// Bytes that a shard of cases may tell, which are kept on this machine's disk until it has ended.
    pub held_bytes: u64,
    /// Bytes that all shards of cases that have not ended may have told together, which are on this machine's disk. A shard that would be beyond it is lost.
    pub all_held_bytes: u64,
    /// How patient everybody is.
    pub times: Times,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            storage: Storage::default(),
            replicas: 1,
            events_bytes: 256 << 20,
            shards_bytes: 64 << 20,
            keep: Duration::from_hours(24),
            deliveries: 3,
            held_bytes: 256 << 20,
            all_held_bytes: 4 << 30,
            times: Times::default(),
        }
    }
}

/// How patient everybody in a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Between two beats of an agent, by which it also learns how the run is.
    pub beat: Duration,
    /// How long nobody may answer for the coordinator, with the server in reach, until its agents stop what they run. They stay until the outage is over: it may
    /// have lost its own connection alone.
    pub absence: Duration,
    /// How long the server may be away, or the coordinator silent, until agents leave and the coordinator gives up.
    pub outage: Duration,
    /// How long a shard that was stopped may take to end. Then it is dropped.
    pub grace: Duration,
    /// How long agents have to answer to a call.
    pub call: Duration,
    /// How long agents have to fetch plugins and make them ready.
    pub joining: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            beat: Duration::from_millis(250),
            // With a beat to find it out and one to look again that is a second.
            absence: Duration::from_millis(500),
            outage: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            call: Duration::from_secs(2),
            joining: Duration::from_mins(2),
        }
    }
}

impl Times {
    /// How long after its last beat an agent has certainly stopped, so that another one may have its shards.
    pub fn lost_after(&self) -> Duration {
        self.outage + self.grace + Duration::from_secs(1)
    }

    /// How long after it was told to stop a shard has certainly ended, its last word included.
    pub fn stopped_after(&self) -> Duration {
        self.grace + Duration::from_secs(2)
    }

    /// Whether each of them is one that an agent can keep.
    pub(crate) fn are_sane(&self) -> bool {
        let all = [
            self.beat,
            self.absence,
            self.outage,
            self.grace,
            self.call,
            self.joining,
        ];
        all.iter().all(|time| !time.is_zero() && *time <= MAX_TIME) && self.beat < self.outage
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MAX_TIME, Times};

    #[test]
    fn times_that_nobody_can_keep_are_known() {
        let usual = Times::default();
        assert!(usual.are_sane());
        assert!(
            Times {
                joining: MAX_TIME,
                ..usual
            }
            .are_sane()
        );
        let longer = MAX_TIME + Duration::from_nanos(1);
        let wrong = [
            Times {
                joining: longer,
                ..usual
            },
            Times {
                beat: Duration::ZERO,
                ..usual
            },
            Times {
                beat: usual.outage,
                ..usual
            },
        ];
        for times in wrong {
            assert!(!times.are_sane(), "{times:?}");
        }
    }
}
