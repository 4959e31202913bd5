//! A recorded run, told again: reporters hear what they would have heard while it went on.

use std::path::Path;

use crate::{
    event::{Event, EventKind},
    log::{self, LogError},
};

/// What was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// How many events.
    pub events: u64,
    /// Whether the last of them was the end of the run. If not, the host was stopped in the middle.
    pub is_complete: bool,
}

/// Tells each event of a log, one by one in constant memory. What has been told when an error comes is no whole run: only what was
/// gathered from a log without an error may be written.
pub fn replay(path: &Path, tell: impl FnMut(&Event)) -> Result<Replayed, LogError> {
    replay_events(path, log::read(path)?, tell)
}

/// The same of events that are read already; the path is for messages.
pub(crate) fn replay_events(
    path: &Path,
    events: impl Iterator<Item = Result<Event, LogError>>,
    mut tell: impl FnMut(&Event),
) -> Result<Replayed, LogError> {
    let mut replayed = Replayed {
        events: 0,
        is_complete: false,
    };
    for event in events {
        let event = event?;
        if replayed.events == 0 && !matches!(event.kind, EventKind::RunStarted(_)) {
            return Err(LogError::NoStart {
                path: path.to_owned(),
            });
        }
        replayed.events += 1;
        replayed.is_complete = matches!(event.kind, EventKind::RunFinished { .. });
        tell(&event);
    }
    if replayed.events == 0 {
        return Err(LogError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(replayed)
}
