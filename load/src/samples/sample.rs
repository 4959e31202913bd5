//! One thing that happened, as small as it can be: 24 bytes.

use crate::phase::Phase;

/// The name of a request, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(pub(super) u16);

/// A kind of failure, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FailureId(pub(super) u16);

/// The name of a check, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CheckId(pub(super) u16);

/// A request that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestSample {
    /// Under which it is gathered.
    pub name: NameId,
    /// What it was exposed to.
    pub phase: Phase,
    /// Why it failed, if it did.
    pub failure: Option<FailureId>,
    /// From its sending to its end.
    pub nanoseconds: u64,
    /// Bytes of the body received.
    pub received: u64,
}

/// What a shard keeps until it is emptied.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sample {
    /// An iteration that ended.
    Iteration {
        phase: Phase,
        failure: Option<FailureId>,
        nanoseconds: u64,
    },
    /// How far an iteration's start was behind the intended one, although its virtual user was free.
    Late {
        nanoseconds: u64,
    },
    Request(RequestSample),
    Check {
        id: CheckId,
        passed: bool,
    },
    Stream {
        phase: Phase,
        sample: StreamSample,
        nanoseconds: u64,
    },
    /// Events of a stream that never came.
    Lost {
        phase: Phase,
        events: u64,
    },
}

/// What happened to a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamSample {
    Connected,
    NotConnected { failure: FailureId },
    FirstEvent,
    Gap,
    Stall,
    Reconnected,
    Duplicated,
    Broken { failure: FailureId },
    CutShort,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_as_small_as_stated() {
        assert_eq!(size_of::<Sample>(), 24);
    }
}
