//! Keeps what began in the warm-up out of all statistics.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// Open from the beginning, unless it is told to open at a moment.
#[derive(Debug, Default)]
pub(super) struct Gate {
    opens: OnceLock<Instant>,
}

impl Gate {
    /// Shuts out what begins before. Only the first moment counts.
    pub(super) fn opens_at(&self, moment: Instant) {
        let _ = self.opens.set(moment);
    }

    /// Whether what took that long until now belongs to what is measured. Looks at the clock (30 ns) only after a warm-up was asked for.
    pub(super) fn admits(&self, nanoseconds: u64) -> bool {
        let Some(opens) = self.opens.get() else {
            return true;
        };
        let began = Instant::now().checked_sub(Duration::from_nanos(nanoseconds));
        began.is_some_and(|began| began >= *opens)
    }
}
