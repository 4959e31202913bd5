//! What a threshold looks at.

use crate::bindings::load as contract;

pub use contract::Figure;

/// What a threshold looks at: a figure of iterations, of the requests of one name, or of event streams. Distributions are of successes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Measure {
    /// Iterations; those of open models from the moment at which they should have started.
    Iterations(Figure),
    /// Requests of this name.
    Request(String, Figure),
    /// From asking for a stream to the head of its answer.
    StreamConnect(Figure),
    /// From asking for a stream to its first event.
    FirstEvent(Figure),
    /// Between two events of a stream.
    EventGap(Figure),
    /// Gaps between two events that were longer than [`Plan::stall`](super::Plan::stall).
    Stalls,
    /// Streams that broke and were opened again.
    Reconnects,
    /// Ids that were left out, where a stream counts its ids.
    LostEvents,
    /// Events whose id was there before, where a stream counts its ids.
    DuplicatedEvents,
    /// Streams that broke while they were read, and were not opened again.
    StreamsCutShort,
}

impl Measure {
    /// Requests of this name.
    pub fn request(name: impl Into<String>, figure: Figure) -> Self {
        Self::Request(name.into(), figure)
    }
}

impl From<Measure> for contract::Measure {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Iterations(figure) => Self::Iterations(figure),
            Measure::Request(name, figure) => Self::Requests((name, figure)),
            Measure::StreamConnect(figure) => Self::StreamConnect(figure),
            Measure::FirstEvent(figure) => Self::FirstEvent(figure),
            Measure::EventGap(figure) => Self::EventGap(figure),
            Measure::Stalls => Self::Stalls,
            Measure::Reconnects => Self::Reconnects,
            Measure::LostEvents => Self::LostEvents,
            Measure::DuplicatedEvents => Self::DuplicatedEvents,
            Measure::StreamsCutShort => Self::StreamsCutShort,
        }
    }
}
