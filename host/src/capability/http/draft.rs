//! The detail of a request while it is under way: the heads, and the start of both bodies. Copies, so that a body of many megabytes is
//! not held for its first bytes.

use assay_report::event::{ExchangeDetail, MAX_BODY_BYTES, Message, MessageBody};
use reqwest::header::HeaderMap;

use super::prepare::Body;

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    request: Message,
    request_start: Vec<u8>,
    request_size: u64,
    response: Option<Message>,
    response_start: Vec<u8>,
    response_size: u64,
    redirected_to: Option<String>,
}

impl Draft {
    /// What goes out.
    pub(super) fn request(&mut self, headers: &HeaderMap, traceparent: Option<&str>, body: &Body) {
        self.request = message(headers);
        if let Some(traceparent) = traceparent.filter(|_| !headers.contains_key("traceparent")) {
            self.request.header("traceparent", traceparent);
        }
        self.request_start.clear();
        self.request_size = body.len() as u64;
        match body {
            Body::None => {}
            Body::Whole(bytes) => add(&mut self.request_start, bytes),
            Body::Paced { pieces, .. } => {
                for piece in pieces {
                    add(&mut self.request_start, piece);
                }
            }
        }
    }

    /// The head of the answer.
    pub(super) fn response(&mut self, headers: &HeaderMap) {
        self.response = Some(message(headers));
    }

    /// Where the answer came from.
    pub(super) fn redirected_to(&mut self, url: String) {
        self.redirected_to = Some(url);
    }

    /// More of the answer's body.
    pub(super) fn received(&mut self, chunk: &[u8]) {
        self.response_size += chunk.len() as u64;
        add(&mut self.response_start, chunk);
    }

    /// All that is known, of a request of whose body so many bytes went out.
    pub(super) fn end(self, sent: u64) -> ExchangeDetail {
        let Self {
            mut request,
            mut request_start,
            request_size,
            response,
            response_start,
            response_size,
            redirected_to,
        } = self;
        // What was not sent is not told, and what a redirect sent again only once.
        let sent = sent.min(request_size);
        request_start.truncate(usize::try_from(sent).unwrap_or(usize::MAX));
        request.body = MessageBody::new(&request_start, sent);
        let response = response.map(|head| Message {
            body: MessageBody::new(&response_start, response_size),
            ..head
        });
        ExchangeDetail {
            request,
            response,
            redirected_to,
        }
    }
}

fn message(headers: &HeaderMap) -> Message {
    let mut message = Message::default();
    for (name, value) in headers {
        message.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    message
}

fn add(start: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_BODY_BYTES.saturating_sub(start.len());
    start.extend_from_slice(&bytes[..bytes.len().min(room)]);
}
