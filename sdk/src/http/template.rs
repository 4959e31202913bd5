//! Requests that are prepared once and fired many times.

use std::time::Duration;

use super::Error;
use crate::bindings::http as contract;

/// A request that is parsed, checked and granted. Dropping it frees it; calls under way go on.
#[derive(Debug)]
pub struct Template {
    inner: contract::Template,
    label: String,
    /// Whether it cannot be sent without values.
    has_slots: bool,
}

/// What a prepared request answers: enough for statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The status code.
    pub status: u16,
    /// Bytes of body received and thrown away.
    pub received: u64,
    /// To the first byte.
    pub first_byte: Duration,
    /// In all.
    pub total: Duration,
}

impl Template {
    pub(super) fn prepare(request: &contract::Request, label: String) -> Result<Self, Error> {
        match contract::Template::prepare(request) {
            Ok(inner) => Ok(Self {
                inner,
                label,
                has_slots: false,
            }),
            Err(error) => Err(Error::of(error, &label)),
        }
    }

    pub(super) fn prepare_with(
        request: &contract::Request,
        slots: &[&str],
        label: String,
    ) -> Result<Self, Error> {
        let slots: Vec<String> = slots.iter().map(|&slot| slot.to_owned()).collect();
        match contract::Template::prepare_with(request, &slots) {
            Ok(inner) => Ok(Self {
                inner,
                label,
                has_slots: !slots.is_empty(),
            }),
            Err(error) => Err(Error::of(error, &label)),
        }
    }

    /// Sends it; the body of the answer is thrown away.
    pub async fn fire(&self) -> Result<Sample, Error> {
        self.sample(self.inner.fire().await)
    }

    /// The same with this body in place of the prepared one.
    pub async fn fire_with_body(&self, body: impl Into<Vec<u8>>) -> Result<Sample, Error> {
        self.sample(self.inner.fire_with_body(body.into()).await)
    }

    /// The same with these values in its slots, in their order.
    pub async fn fire_with<V: Into<String>>(
        &self,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Sample, Error> {
        let values = values.into_iter().map(Into::into).collect();
        self.sample(self.inner.fire_with(values).await)
    }

    /// [`fire`](Self::fire) for a virtual user, or a case, that has nothing else under way: it stops all of the instance while it waits, and
    /// costs least. Where virtual users share their instance it is `unsupported`.
    pub fn fire_now(&self) -> Result<Sample, Error> {
        self.sample(self.inner.fire_now())
    }

    /// The same with this body in place of the prepared one.
    pub fn fire_with_body_now(&self, body: &[u8]) -> Result<Sample, Error> {
        self.sample(self.inner.fire_with_body_now(body))
    }

    /// The same with these values in its slots, in their order.
    pub fn fire_with_now<V: Into<String>>(
        &self,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Sample, Error> {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        self.sample(self.inner.fire_with_now(&values))
    }

    /// As the contract has it.
    pub(crate) fn inner(&self) -> &contract::Template {
        &self.inner
    }

    /// Whether it cannot be sent without values.
    pub(crate) fn has_slots(&self) -> bool {
        self.has_slots
    }

    /// What it is called in errors.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    fn sample(&self, answer: Result<contract::Sample, contract::Error>) -> Result<Sample, Error> {
        Sample::of(answer, &self.label)
    }
}

impl Sample {
    /// What a template of this label answered.
    pub(crate) fn of(
        answer: Result<contract::Sample, contract::Error>,
        label: &str,
    ) -> Result<Self, Error> {
        let sample = answer.map_err(|error| Error::of(error, label))?;
        Ok(Self {
            status: sample.status,
            received: sample.received,
            first_byte: Duration::from_nanos(sample.first_byte),
            total: Duration::from_nanos(sample.total),
        })
    }
}
