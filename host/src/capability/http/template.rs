//! Prepared requests that a suite holds on to, and how much of the host's memory all of them may take together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::prepare::Prepared;
use crate::plugin::bindings::assay::suite::http::{Error, Request};

/// Bytes that the templates of an attempt may take together.
pub(super) const MAX_TEMPLATES_BYTES: usize = 128 << 20;
/// Bytes that a template takes besides its texts and its body.
const OVERHEAD_BYTES: usize = 1 << 10;

/// The room that is left for templates of an attempt, in bytes.
#[derive(Debug)]
pub(super) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_TEMPLATES_BYTES)))
    }
}

/// The host's side of the resource: a request that is checked once and fired many times. Cheap to clone; the last clone gives its
/// room back.
#[derive(Clone, Debug)]
pub struct Template {
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    prepared: Prepared,
    _room: OwnedSemaphorePermit,
}

impl Template {
    /// Fails as [`Prepared::for_template`] does, and with `invalid` if there is no room for it.
    pub(super) fn new(room: &Room, request: Request) -> Result<Self, Error> {
        let prepared = Prepared::for_template(request)?;
        let bytes = OVERHEAD_BYTES + prepared.bytes();
        let free = Arc::clone(&room.0);
        // More than can be counted does not fit either.
        let room = free
            .try_acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX))
            .map_err(|_| {
                Error::Invalid(format!(
                    "a template of {bytes} bytes is one too many: all of an attempt take at most {MAX_TEMPLATES_BYTES}; drop one first"
                ))
            })?;
        Ok(Self {
            held: Arc::new(Held {
                prepared,
                _room: room,
            }),
        })
    }

    /// What is sent.
    pub(super) fn prepared(&self) -> &Prepared {
        &self.held.prepared
    }
}
