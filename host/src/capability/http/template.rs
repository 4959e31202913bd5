//! Prepared requests that a suite holds on to, and how much of the host's memory all of them may take together.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::prepare::Prepared;
use super::slots::Slotted;
use super::{Context, exchange};
use crate::plugin::bindings::assay::suite::http::{Error, Request, Sample};

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
    /// None if it has no slots.
    slotted: Option<Slotted>,
    _room: OwnedSemaphorePermit,
}

/// What changes of a template this time.
#[derive(Clone, Debug)]
pub(super) enum With {
    /// Nothing.
    Prepared,
    /// Another body.
    Body(Vec<u8>),
    /// Values for its slots.
    Values(Vec<String>),
}

impl Template {
    /// Fails as [`Prepared::for_template`] does, and with `invalid` if there is no room for it.
    pub(super) fn new(room: &Room, request: Request) -> Result<Self, Error> {
        Self::hold(room, Prepared::for_template(request)?, None)
    }

    /// The same with slots.
    pub(super) fn with_slots(
        room: &Room,
        request: Request,
        slots: &[String],
    ) -> Result<Self, Error> {
        let slotted = Slotted::new(request, slots)?;
        Self::hold(room, slotted.sample()?, Some(slotted))
    }

    fn hold(room: &Room, prepared: Prepared, slotted: Option<Slotted>) -> Result<Self, Error> {
        let texts = prepared.bytes() * if slotted.is_some() { 2 } else { 1 };
        let bytes = OVERHEAD_BYTES + texts;
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
                slotted,
                _room: room,
            }),
        })
    }

    /// Where it goes, whatever its slots get: none of them is in scheme, host or port.
    pub(super) fn url(&self) -> &reqwest::Url {
        &self.held.prepared.url
    }

    /// Sends it; the body of the answer is thrown away.
    pub(super) async fn fire(&self, context: &Context, with: With) -> Result<Sample, Error> {
        let (prepared, body) = self.filled(with)?;
        exchange::fire(context, &prepared, body).await
    }

    fn filled(&self, with: With) -> Result<(Cow<'_, Prepared>, Option<Bytes>), Error> {
        match (&self.held.slotted, with) {
            (Some(slotted), With::Values(values)) => {
                let mut filled = slotted.fill(&values)?;
                // Gathered under one name, whatever the values are.
                filled.name.clone_from(&self.held.prepared.name);
                Ok((Cow::Owned(filled), None))
            }
            (None, With::Values(values)) if !values.is_empty() => Err(Error::Invalid(format!(
                "{} values for a template without slots; prepare it with slots",
                values.len()
            ))),
            (Some(_), With::Prepared | With::Body(_)) => Err(Error::Invalid(
                "the template has slots, which need values: use `fire-with`".to_owned(),
            )),
            (None, With::Body(body)) => Ok((Cow::Borrowed(&self.held.prepared), Some(body.into()))),
            (None, With::Prepared | With::Values(_)) => {
                Ok((Cow::Borrowed(&self.held.prepared), None))
            }
        }
    }
}
