//! What was sent and what came, of a request or a stream that was told again: the heads as tables, the bodies as text.
//!
//! A body of bytes is told by its size alone, and whatever is cut says so: at a limit of the host, or at one of this page.

use crate::{
    event::{ExchangeDetail, Message, MessageBody},
    words::{clean, clip, count},
};

/// Headers of a message that are shown.
const MAX_HEADERS: usize = 32;
/// Characters of a name or a value of a header.
const MAX_VALUE: usize = 300;
/// Characters of a body.
const MAX_BODY: usize = 4_000;
/// Bytes that the page itself needs for a message, and for a row of a table.
const MESSAGE_BYTES: usize = 400;
const ROW_BYTES: usize = 50;

/// A request and its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Recalled {
    pub(super) messages: Vec<Shown>,
    /// What else is known of it, in lines: where redirects led, and the `traceparent`.
    pub(super) further: Vec<String>,
}

/// A message.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// `Request` or `Answer`.
    pub(super) title: &'static str,
    pub(super) headers: Vec<(String, String)>,
    pub(super) hidden_headers: u64,
    /// How long the body is, and what of it is shown, in words.
    pub(super) length: String,
    /// Empty if there is none that is text.
    pub(super) body: String,
}

impl Recalled {
    pub(super) fn new(detail: &ExchangeDetail, traceparent: Option<&str>) -> Self {
        let ExchangeDetail {
            request,
            response,
            redirected_to,
        } = detail;
        let answer = response.as_ref().map(|answer| Shown::new("Answer", answer));
        let named = [
            ("redirected to", redirected_to.as_deref()),
            ("traceparent", traceparent),
        ];
        let further = named.into_iter().filter_map(|(name, value)| {
            let value = value?;
            Some(format!("{name} {}", clip(&clean(value), MAX_VALUE)))
        });
        Self {
            messages: [Shown::new("Request", request)]
                .into_iter()
                .chain(answer)
                .collect(),
            further: further.collect(),
        }
    }

    /// How many bytes of the page it takes.
    pub(super) fn bytes(&self) -> usize {
        let further = self.further.iter().map(|line| super::bytes_of(line));
        let messages = self.messages.iter().map(Shown::bytes);
        messages.chain(further).sum()
    }
}

impl Shown {
    fn new(title: &'static str, message: &Message) -> Self {
        let headers = message.headers.iter().take(MAX_HEADERS);
        let short = |text: &str| clip(&clean(text), MAX_VALUE);
        let hidden = message.headers.len().saturating_sub(MAX_HEADERS) as u64;
        let body = message.body.text.as_deref().unwrap_or_default();
        let body = clean(body);
        Self {
            title,
            headers: headers
                .map(|header| (short(&header.name), short(&header.value)))
                .collect(),
            hidden_headers: hidden.saturating_add(message.dropped_headers),
            length: length(&message.body, &body),
            body: clip(&body, MAX_BODY),
        }
    }

    fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let headers =
            headers.map(|(name, value)| ROW_BYTES + super::bytes_of(name) + super::bytes_of(value));
        MESSAGE_BYTES + headers.sum::<usize>() + super::bytes_of(&self.body)
    }
}

/// How long a body is, and what of it is shown.
fn length(body: &MessageBody, shown: &str) -> String {
    let size = usize::try_from(body.size).unwrap_or(usize::MAX);
    let is_cut = body.truncated || shown.chars().count() > MAX_BODY;
    match &body.text {
        _ if size == 0 => "no body".to_owned(),
        None => format!("{} that are no text", count(size, "byte")),
        Some(_) if is_cut => format!("{}, of which the start is shown", count(size, "byte")),
        Some(_) => count(size, "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &[u8]) -> Shown {
        let message = Message {
            body: MessageBody::new(body, body.len() as u64),
            ..Message::default()
        };
        Shown::new("Answer", &message)
    }

    #[test]
    fn a_body_says_how_long_it_is_and_whether_it_is_whole() {
        for (body, length, starts) in [
            (&b""[..], "no body", ""),
            (b"a", "1 byte", "a"),
            (b"\xff\x00", "2 bytes that are no text", ""),
            (&[b'x'; MAX_BODY], "4000 bytes", "xxx"),
            (
                &[b'x'; MAX_BODY + 1],
                "4001 bytes, of which the start is shown",
                "xxx",
            ),
            (
                &[b'x'; 9_000],
                "9000 bytes, of which the start is shown",
                "xxx",
            ),
        ] {
            let shown = shown(body);
            assert_eq!(shown.length, length);
            assert!(shown.body.starts_with(starts), "{length}");
            assert!(shown.body.len() <= MAX_BODY);
        }
    }

    #[test]
    fn headers_beyond_the_limit_are_counted_with_those_that_the_host_left_out() {
        let mut message = Message {
            dropped_headers: 3,
            ..Message::default()
        };
        for number in 0..MAX_HEADERS {
            message.header(&format!("x-{number}"), "v");
        }
        assert_eq!(Shown::new("Request", &message).hidden_headers, 3);
        message.header("x-more", &"v".repeat(MAX_VALUE + 1));
        let shown = Shown::new("Request", &message);
        assert_eq!(shown.headers.len(), MAX_HEADERS);
        assert_eq!(shown.hidden_headers, 4);
    }
}
