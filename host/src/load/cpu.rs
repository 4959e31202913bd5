//! The time of a processor that a thread takes, told to another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use assay_load::generator;

/// The time of a processor that a thread took, as the thread itself told it last. Cheap to clone: all clones are of the same thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Cpu {
    nanoseconds: Arc<AtomicU64>,
}

impl Cpu {
    /// To be called on the thread itself, now and then.
    pub(super) fn tell(&self) {
        let nanoseconds = generator::thread_time().as_nanos();
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or(u64::MAX);
        self.nanoseconds.store(nanoseconds, Ordering::Relaxed);
    }

    /// What it took until it told.
    pub(super) fn taken(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }
}
