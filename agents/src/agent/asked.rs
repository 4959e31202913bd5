//! Who waits for an agent's answer to an offer. An offer whose answer may have gone down with the server is made again, and answered again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::Message;

use super::reply;
use crate::{
    connection::Connection,
    message::{Answer, encode},
};

/// An offer, as often as it was made. Its clones are of the same one.
#[derive(Clone, Debug)]
pub(super) struct Asked(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// The latest, which alone is waited for.
    message: Message,
    answer: Option<Answer>,
}

impl Asked {
    /// For the first time.
    pub(super) fn new(message: Message) -> Self {
        let answer = None;
        Self(Arc::new(Mutex::new(State { message, answer })))
    }

    /// It is made again. What is answered already is said again.
    pub(super) async fn again(&self, connection: &Connection, message: Message) {
        let answer = {
            let mut state = self.lock();
            state.message = message.clone();
            state.answer.clone()
        };
        if let Some(answer) = answer {
            reply(connection, &message, encode(&answer)).await;
        }
    }

    /// This is the answer.
    pub(super) async fn answer(&self, connection: &Connection, answer: Answer) {
        let message = {
            let mut state = self.lock();
            state.answer = Some(answer.clone());
            state.message.clone()
        };
        reply(connection, &message, encode(&answer)).await;
    }

    /// Every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
