//! Sends one request, and again if that may help.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Method,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue},
};

use super::super::{
    client::{Client, Failure},
    settings::VERSION,
};

/// How often a request is tried in all.
pub(super) const MAX_TRIES: u32 = 5;
/// The wait before it is tried again; twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Sends requests, one after the other: a remote takes the samples of a series in their order only.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    headers: HeaderMap,
}

impl Sender {
    pub(super) fn new(client: Client) -> Self {
        let headers = [
            (CONTENT_ENCODING, "snappy"),
            (CONTENT_TYPE, "application/x-protobuf"),
            (VERSION, "0.1.0"),
        ];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Self {
            client,
            headers: headers.into_iter().collect(),
        }
    }

    /// Until it is taken or refused, at most [`MAX_TRIES`] times.
    pub(super) async fn send(&self, body: &Arc<[u8]>) -> Result<(), Failure> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            let url = self.client.destination().url().clone();
            let sent = self
                .client
                .send(Method::POST, url, self.headers.clone(), body.to_vec());
            match sent.await {
                Err(failure) if failure.may_pass() && tries < MAX_TRIES => {
                    tokio::time::sleep(failure.retry_after().unwrap_or(wait)).await;
                }
                done => return done,
            }
            wait *= 2;
            tries += 1;
        }
    }
}
