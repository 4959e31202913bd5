//! Requests that are prepared once and fired many times.

use std::time::Duration;

use super::Error;
use crate::bindings::http as contract;

/// A request that is parsed, checked and granted. Dropping it frees it; calls under way go on.
#[derive(Debug)]
pub struct Template {
    inner: contract::Template,
    label: String,
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
            Ok(inner) => Ok(Self { inner, label }),
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

    fn sample(&self, answer: Result<contract::Sample, contract::Error>) -> Result<Sample, Error> {
        let sample = answer.map_err(|error| Error::of(error, &self.label))?;
        Ok(Sample {
            status: sample.status,
            received: sample.received,
            first_byte: Duration::from_nanos(sample.first_byte),
            total: Duration::from_nanos(sample.total),
        })
    }
}
