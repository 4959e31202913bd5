//! How much the page may take of the machine, and how long it waits for whom.

use std::time::Duration;

/// Limits of a page. Tests make them small; a run takes the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages that look at the same time; one more is refused with the status 503.
    pub viewers: usize,
    /// Connections at the same time; more of them wait until one ends.
    pub connections: usize,
    /// The shortest time between two looks at the run.
    pub interval: Duration,
    /// A look that took some time is followed by none for so many times as long: twenty times are a twentieth of a processor.
    pub rest: u32,
    /// A connection on which nothing moves for so long is closed: a viewer that reads nothing is not waited for.
    pub patience: Duration,
    /// How long the end of a run waits for viewers to get it.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            viewers: 8,
            connections: 64,
            interval: Duration::from_secs(1),
            rest: 20,
            patience: Duration::from_secs(30),
            farewell: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// How often a viewer hears that the page is still there, whatever happens in the run.
    pub(crate) fn heartbeat(&self) -> Duration {
        self.patience / 3
    }
}
