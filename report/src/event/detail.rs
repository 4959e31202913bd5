//! A request and its answer in detail, and the last events of a stream: what is told once more of attempts that went bad. Each text
//! is cut at a limit, so that what a system sends cannot fill the log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Headers of a message that are told.
pub const MAX_HEADERS: usize = 64;
/// Bytes of the name and of the value of a header that are told.
pub const MAX_HEADER_BYTES: usize = 1 << 10;
/// Bytes of a body that are told.
pub const MAX_BODY_BYTES: usize = 8 << 10;
/// Events of a stream that are told: the last ones.
pub const MAX_STREAM_EVENTS: usize = 5;
/// Bytes of the data of an event that are told; of its name and of its id each a quarter of that.
pub const MAX_EVENT_BYTES: usize = 1 << 10;

/// What was sent, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeDetail {
    /// The request as it went out first; where redirects were followed, others came after it.
    pub request: Message,
    /// The answer, as far as it came; none without one.
    pub response: Option<Message>,
    /// Where the answer came from, if redirects led there; at most 2 KiB.
    pub redirected_to: Option<String>,
}

/// Headers and a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// At most 64, in the order of the message, as far as it is known.
    pub headers: Vec<Header>,
    /// How many headers that limit left out.
    pub dropped_headers: u64,
    /// What follows the head.
    pub body: MessageBody,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// In lower case, at most 1 KiB.
    pub name: String,
    /// At most 1 KiB; bytes that are not UTF-8 are replaced.
    pub value: String,
}

/// The body of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageBody {
    /// The first 8 KiB of it. None if that is no UTF-8: a body of bytes is told by its size alone.
    pub text: Option<String>,
    /// Bytes of it, as far as it was sent or came.
    pub size: u64,
    /// Whether the limit cut it.
    pub truncated: bool,
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamedEvent {
    /// Its id, if it has one of its own; at most 256 bytes.
    pub id: Option<String>,
    /// Its name, at most 256 bytes.
    pub name: String,
    /// Its data, at most 1 KiB.
    pub data: String,
    /// Whether a limit cut one of the three.
    pub truncated: bool,
    /// Since the stream was asked for.
    pub at_ns: u64,
}

impl ExchangeDetail {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        let Self {
            request,
            response,
            redirected_to,
        } = self;
        let response = response.as_ref().map_or(0, Message::bytes);
        request.bytes() + response + redirected_to.as_ref().map_or(0, String::len)
    }
}

impl Message {
    /// Adds a header, unless there are as many as are told.
    pub fn header(&mut self, name: &str, value: &str) {
        if self.headers.len() == MAX_HEADERS {
            self.dropped_headers += 1;
            return;
        }
        self.headers.push(Header {
            name: cut(name, MAX_HEADER_BYTES).to_owned(),
            value: cut(value, MAX_HEADER_BYTES).to_owned(),
        });
    }

    fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|one| one.name.len() + one.value.len()).sum();
        headers + self.body.text.as_ref().map_or(0, String::len)
    }
}

impl MessageBody {
    /// A body of which `size` bytes are known to be there so far, and how it begins: [`MAX_BODY_BYTES`] of that are looked at.
    pub fn new(start: &[u8], size: u64) -> Self {
        let kept = &start[..start.len().min(MAX_BODY_BYTES)];
        let truncated = size > kept.len() as u64;
        let text = match std::str::from_utf8(kept) {
            Ok(text) => Some(text),
            // Where the limit cuts a character the rest of it may well be text.
            Err(error) if truncated && error.error_len().is_none() => {
                std::str::from_utf8(&kept[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        };
        Self {
            text: text.map(str::to_owned),
            size,
            truncated: truncated && text.is_some(),
        }
    }
}

impl StreamedEvent {
    /// An event as it is told.
    pub fn new(id: Option<&str>, name: &str, data: &str, at_ns: u64) -> Self {
        let small = MAX_EVENT_BYTES / 4;
        let truncated = data.len() > MAX_EVENT_BYTES
            || name.len() > small
            || id.is_some_and(|id| id.len() > small);
        Self {
            id: id.map(|id| cut(id, small).to_owned()),
            name: cut(name, small).to_owned(),
            data: cut(data, MAX_EVENT_BYTES).to_owned(),
            truncated,
            at_ns,
        }
    }

    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        self.id.as_ref().map_or(0, String::len) + self.name.len() + self.data.len()
    }
}

/// The longest start of at most `limit` bytes that ends between two characters.
fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_at_the_limit_between_two_characters() {
        let whole = "x".repeat(MAX_BODY_BYTES);
        let body = MessageBody::new(whole.as_bytes(), MAX_BODY_BYTES as u64);
        assert_eq!(
            (body.text.as_deref(), body.truncated),
            (Some(&*whole), false)
        );
        let longer = "x".repeat(MAX_BODY_BYTES - 1) + "é";
        let body = MessageBody::new(longer.as_bytes(), longer.len() as u64);
        assert_eq!(body.text.as_deref(), Some(&longer[..MAX_BODY_BYTES - 1]));
        assert_eq!((body.size, body.truncated), (8_193, true));
    }

    #[test]
    fn a_body_of_bytes_is_told_by_its_size_alone() {
        for (bytes, size) in [(&b"a\xFFb"[..], 3), (b"PK\x03\xC3", 4), (b"\xFF", 9_000)] {
            let body = MessageBody::new(bytes, size);
            assert_eq!((body.text, body.size, body.truncated), (None, size, false));
        }
    }

    #[test]
    fn headers_beyond_the_limit_are_counted_and_long_ones_cut() {
        let mut message = Message::default();
        for _ in 0..MAX_HEADERS + 2 {
            message.header("x-long", &"v".repeat(MAX_HEADER_BYTES + 1));
        }
        assert_eq!((message.headers.len(), message.dropped_headers), (64, 2));
        assert_eq!(message.headers[0].value.len(), MAX_HEADER_BYTES);
    }

    #[test]
    fn an_event_at_its_limits_is_whole_and_a_longer_one_says_that_it_is_cut() {
        let text = |bytes: usize| "x".repeat(bytes);
        let event =
            |id, name, data| StreamedEvent::new(Some(&text(id)), &text(name), &text(data), 0);
        assert!(!event(256, 256, 1_024).truncated);
        for (id, name, data) in [(257, 0, 0), (0, 257, 0), (0, 0, 1_025)] {
            let event = event(id, name, data);
            assert!(event.truncated);
            assert!(event.bytes() <= 1_024);
        }
    }
}
