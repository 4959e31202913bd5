//! `http` for a virtual user that has its instance to itself: what it waits for is an errand of its thread ([`super::errand`]).

use assay_load::transport::With;
use bytes::Bytes;
use tokio::time::Instant;
use wasmtime::component::Resource;

use super::{
    State, Thread,
    errand::Carrier,
    http::{Fired, Prepared},
};
use crate::{
    capability::http::Template,
    plugin::bindings::assay::suite::http::{self, Error, Request, Sample},
};

/// What a template is fired with, kept for as long as that takes.
pub(in crate::load) enum Given {
    Nothing,
    Body(Bytes),
    Values(Vec<String>),
}

impl Given {
    pub(super) fn with(&self) -> With<'_> {
        match self {
            Self::Nothing => With::Prepared,
            Self::Body(body) => With::Body(body.clone()),
            Self::Values(values) => With::Values(values),
        }
    }
}

/// What a virtual user that is alone in its instance has its thread do meanwhile.
pub(in crate::load) enum Order {
    /// Its times count from that moment; without one, from when it is carried out.
    Fire(Prepared, Given, Option<Instant>),
    Send(Box<Request>),
}

/// What comes of it. The larger one is boxed: every virtual user keeps room for either, and each answer is handed on some times.
pub(in crate::load) enum Answer {
    Fired(Result<Sample, Error>),
    Sent(Box<Result<http::Response, Error>>),
}

impl Carrier<Order, Answer> for Thread {
    async fn carry_out(&self, order: Order) -> Answer {
        match order {
            Order::Fire(prepared, given, began) => {
                let began = began.unwrap_or_else(Instant::now);
                Answer::Fired(self.fire(&prepared, given.with(), began).await)
            }
            // In a box of its own: it would take its room from every virtual user.
            Order::Send(request) => Answer::Sent(Box::new(Box::pin(self.send(*request)).await)),
        }
    }
}

impl State {
    /// Sends the request with which an iteration begins that began then.
    pub(super) async fn open_alone(&mut self, opening: Prepared, began: Instant) -> Fired {
        let order = Order::Fire(opening, Given::Nothing, Some(began));
        self.fired(order).await
    }

    async fn fired(&mut self, order: Order) -> Fired {
        match self.errands.wait_for(order).await {
            Answer::Fired(fired) => Ok(fired),
            Answer::Sent(_) => Err(mixed_up()),
        }
    }

    pub(super) async fn fire_alone(
        &mut self,
        template: &Resource<Template>,
        given: Given,
    ) -> Fired {
        if !self.users.is_alone() {
            return Ok(Err(shared()));
        }
        let prepared = self.prepared(template)?;
        self.fired(Order::Fire(prepared, given, None)).await
    }

    /// Sends a whole request.
    pub(super) async fn send_alone(
        &mut self,
        request: Request,
    ) -> wasmtime::Result<Result<http::Response, Error>> {
        if !self.users.is_alone() {
            return Ok(Err(shared()));
        }
        let order = Order::Send(Box::new(request));
        match self.errands.wait_for(order).await {
            Answer::Sent(sent) => Ok(*sent),
            Answer::Fired(_) => Err(mixed_up()),
        }
    }
}

fn shared() -> Error {
    Error::Unsupported(
        "what stops the whole instance is for a virtual user that has it to itself: make the plan `isolated`, or wait with the others".to_owned(),
    )
}

/// An instance has one errand at a time, so its answer is that of the order.
fn mixed_up() -> wasmtime::Error {
    wasmtime::Error::msg("the host mixed up two answers, which is a mistake of the host")
}
