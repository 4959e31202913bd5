//! One thread's share of a load.

use std::io;
use std::sync::Arc;

use super::alarm::Alarm;
use super::seat::Seat;
use super::{Turns, timer};
use crate::samples::Shard;

/// What the virtual users of one thread share: the log of their samples, and a timer. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub struct Worker {
    shared: Arc<Shared>,
}

/// Behind one pointer: each seat has it.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) turns: Turns,
    pub(super) shard: Arc<Shard>,
    pub(super) alarm: Arc<Alarm>,
}

impl Worker {
    pub(super) fn new(turns: Turns, alarm: Arc<Alarm>) -> Self {
        let shared = Arc::new(Shared {
            shard: turns.samples().shard(),
            turns,
            alarm,
        });
        Self { shared }
    }

    /// Where its virtual users leave their samples.
    pub fn shard(&self) -> &Arc<Shard> {
        &self.shared.shard
    }

    /// The seat of a virtual user, which is numbered from 1, unique in the load, and stays on this worker. Dropping it leaves the load.
    pub fn seat(&self, vu: u32) -> Seat {
        Seat::new(Arc::clone(&self.shared), vu)
    }

    /// Wakes its virtual users as exactly as the kernel can, some tens of microseconds after their time, until it is dropped. To be spawned on
    /// the worker's own runtime, which needs its driver of I/O. Without it they wait by tokio's timer, which is up to 1 ms behind.
    pub async fn keep_time(self) -> io::Result<()> {
        timer::drive(&self.shared.alarm).await
    }
}
