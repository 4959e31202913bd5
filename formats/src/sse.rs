//! Bytes to events, by WHATWG HTML section 9.2.6, with what browsers keep to themselves left visible: comments, `retry`, own ids.
//!
//! `eventsource-stream` builds the events. It gets whole lines of one block at a time, since by itself it shows no comments, does
//! not tell an event's own id from an inherited one, has no limit and stumbles over a byte order mark: a pass in front does that.

use std::convert::Infallible;

use bytes::{Buf, Bytes};
use eventsource_stream::EventStream;
use futures::{FutureExt, StreamExt, stream};

/// Bytes of the data of an event.
pub const MAX_DATA_BYTES: usize = 1 << 20;
/// Bytes of a line: the largest data on one line, with its field name.
pub const MAX_LINE_BYTES: usize = "data: ".len() + MAX_DATA_BYTES;
/// U+FEFF, which may stand once at the very start.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What came out of the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// A block with data ended.
    Event {
        /// The block's own `id`; none if it had none.
        id: Option<String>,
        /// `message` if the block had none.
        name: String,
        /// Its lines, with line feeds between them.
        data: String,
        /// The block's own `retry`, in milliseconds.
        retry_ms: Option<u64>,
    },
    /// A comment line, without the space that may follow its colon.
    Comment(String),
    /// A block without data ended that had a `retry` field, in milliseconds.
    Retry(u64),
}

/// Why there is nothing more to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// A line is not UTF-8.
    NotUtf8,
    /// The data of an event, or a line, is over its limit.
    TooLarge,
}

/// The state of a stream between two pieces of it. Holds at most one unfinished block.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The line so far, without its end.
    line: Vec<u8>,
    /// The last line ended with CR: an LF right after it belongs to that end.
    after_cr: bool,
    /// The first line is over, so that no byte order mark can come.
    started: bool,
    block: Block,
    last_event_id: Option<String>,
    reconnection_ms: Option<u64>,
}

/// The fields of a block so far.
#[derive(Debug, Default)]
struct Block {
    /// The newest `event` line, whole.
    name: String,
    /// The `data` lines, whole, each with a line feed.
    data: String,
    /// Bytes of the values of the `data` lines, with a line feed after each.
    data_bytes: usize,
    id: Option<String>,
    retry_ms: Option<u64>,
}

impl Decoder {
    /// Takes from `input` up to the end of the next item; none once the input is used up.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<Decoded>, Undecodable> {
        while self.take_line(input)? {
            let line = std::mem::take(&mut self.line);
            let decoded = self.decode(&line)?;
            if decoded.is_some() {
                return Ok(decoded);
            }
        }
        Ok(None)
    }

    /// The `id` that the newest block with one had; empty if that block took it back.
    pub fn last_event_id(&self) -> Option<&str> {
        self.last_event_id.as_deref()
    }

    /// The newest `retry`, in milliseconds.
    pub fn reconnection_ms(&self) -> Option<u64> {
        self.reconnection_ms
    }

    /// Whether a whole line is there. CR, LF and CR LF end one.
    fn take_line(&mut self, input: &mut Bytes) -> Result<bool, Undecodable> {
        if !input.is_empty() && std::mem::take(&mut self.after_cr) && input.starts_with(b"\n") {
            input.advance(1);
        }
        let end = input.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let length = end.unwrap_or(input.len());
        if self.line.len() + length > MAX_LINE_BYTES {
            return Err(Undecodable::TooLarge);
        }
        self.line.extend_from_slice(&input.split_to(length));
        if end.is_some() {
            self.after_cr = input.get_u8() == b'\r';
        }
        Ok(end.is_some())
    }

    fn decode(&mut self, line: &[u8]) -> Result<Option<Decoded>, Undecodable> {
        let first = !std::mem::replace(&mut self.started, true);
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if first => rest,
            _ => line,
        };
        let line = std::str::from_utf8(line).map_err(|_| Undecodable::NotUtf8)?;
        if line.is_empty() {
            let block = std::mem::take(&mut self.block);
            if block.id.is_some() {
                self.last_event_id.clone_from(&block.id);
            }
            return Ok(block.dispatch());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        if field.is_empty() {
            return Ok(Some(Decoded::Comment(value.to_owned())));
        }
        self.block.add(field, value, line)?;
        self.reconnection_ms = self.block.retry_ms.or(self.reconnection_ms);
        Ok(None)
    }
}

impl Block {
    fn add(&mut self, field: &str, value: &str, line: &str) -> Result<(), Undecodable> {
        match field {
            "event" => {
                line.clone_into(&mut self.name);
                self.name.push('\n');
            }
            "data" => {
                self.data_bytes += value.len() + 1;
                if self.data_bytes > MAX_DATA_BYTES + 1 {
                    return Err(Undecodable::TooLarge);
                }
                self.data.push_str(line);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                // No digits, or more than fit, are ignored as any other malformed value is.
                self.retry_ms = value.parse().ok().or(self.retry_ms);
            }
            _ => {}
        }
        Ok(())
    }

    /// What a browser would dispatch, or what it would keep to itself.
    fn dispatch(self) -> Option<Decoded> {
        if self.data.is_empty() {
            return self.retry_ms.map(Decoded::Retry);
        }
        let lines = [&self.name, &self.data, "\n"]
            .into_iter()
            .flat_map(|part| part.split_inclusive('\n'))
            .map(Ok::<_, Infallible>);
        let event = EventStream::new(stream::iter(lines))
            .next()
            .now_or_never()
            .flatten()
            .and_then(Result::ok)
            .expect("a block of whole lines in UTF-8 with data in it is an event, at once");
        Some(Decoded::Event {
            id: self.id,
            name: event.event,
            data: event.data,
            retry_ms: self.retry_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes the pieces, the last of which may end in the middle of something.
    fn decode(pieces: &[&[u8]]) -> (Vec<Decoded>, Decoder) {
        let mut decoder = Decoder::default();
        let mut items = Vec::new();
        for piece in pieces {
            let mut input = Bytes::copy_from_slice(piece);
            while let Some(item) = decoder.next(&mut input).unwrap() {
                items.push(item);
            }
            assert!(input.is_empty());
        }
        (items, decoder)
    }

    fn failure(bytes: &[u8]) -> Option<Undecodable> {
        let mut input = Bytes::copy_from_slice(bytes);
        let mut decoder = Decoder::default();
        loop {
            match decoder.next(&mut input) {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => return Some(error),
            }
        }
    }

    fn event(id: Option<&str>, name: &str, data: &str, retry_ms: Option<u64>) -> Decoded {
        Decoded::Event {
            id: id.map(str::to_owned),
            name: name.to_owned(),
            data: data.to_owned(),
            retry_ms,
        }
    }

    fn message(data: &str) -> Decoded {
        event(None, "message", data, None)
    }

    fn comment(text: &str) -> Decoded {
        Decoded::Comment(text.to_owned())
    }

    #[test]
    fn the_rules_of_the_standard_hold() {
        let table: Vec<(&str, Vec<Decoded>)> = vec![
            ("data: a\n\n", vec![message("a")]),
            ("data:a\n\n", vec![message("a")]),
            ("data:  a \n\n", vec![message(" a ")]),
            ("data: a\ndata: b\n\n", vec![message("a\nb")]),
            ("data\n\n", vec![message("")]),
            ("data\ndata\n\n", vec![message("\n")]),
            ("data:\n\n", vec![message("")]),
            ("data: a: b\n\n", vec![message("a: b")]),
            ("data: a\rdata: b\r\r", vec![message("a\nb")]),
            ("data: a\r\ndata: b\r\n\r\n", vec![message("a\nb")]),
            ("data: a\n\r\n\r", vec![message("a")]),
            ("\u{feff}data: a\n\n", vec![message("a")]),
            ("\n\u{feff}data: a\n\n", vec![]),
            ("\u{feff}\u{feff}data: a\n\n", vec![]),
            ("event: x\ndata: a\n\n", vec![event(None, "x", "a", None)]),
            (
                "event: x\nevent: y\ndata: a\n\n",
                vec![event(None, "y", "a", None)],
            ),
            ("event: x\nevent\ndata: a\n\n", vec![message("a")]),
            ("event: x\n\ndata: a\n\n", vec![message("a")]),
            ("data: a\n", vec![]),
            ("data: a", vec![]),
            (
                "id: 1\ndata: a\n\ndata: b\n\n",
                vec![event(Some("1"), "message", "a", None), message("b")],
            ),
            (
                "id\ndata: a\n\n",
                vec![event(Some(""), "message", "a", None)],
            ),
            (
                "id: 1\nid: 2\0\ndata: a\n\n",
                vec![event(Some("1"), "message", "a", None)],
            ),
            (
                "retry: 10\ndata: a\n\n",
                vec![event(None, "message", "a", Some(10))],
            ),
            ("retry: 10\n\n", vec![Decoded::Retry(10)]),
            ("retry: 10\nretry: x1\n\n", vec![Decoded::Retry(10)]),
            (
                "retry: +5\n\nretry: -5\n\nretry: 1.5\n\nretry:\n\nretry: 99999999999999999999\n\n",
                vec![],
            ),
            (": hello\n", vec![comment("hello")]),
            (
                ":\n::\n:  two\n",
                vec![comment(""), comment(":"), comment(" two")],
            ),
            (
                "data: a\n: between\ndata: b\n\n",
                vec![comment("between"), message("a\nb")],
            ),
            ("Data: a\n data: b\nother: c\n\n", vec![]),
            ("data: é€😀\n\n", vec![message("é€😀")]),
        ];
        for (text, expected) in table {
            assert_eq!(decode(&[text.as_bytes()]).0, expected, "{text:?}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(decode(&bytes).0, expected, "{text:?}, byte by byte");
        }
    }

    #[test]
    fn a_line_feed_after_a_whole_end_of_a_line_is_an_empty_line_wherever_a_piece_ends() {
        let (items, _) = decode(&[b"data: a\r\n", b"\n"]);
        assert_eq!(items, [message("a")]);
        let (items, _) = decode(&[b"data: a\r", b"\n", b"\ndata: b\r\n", b"\n"]);
        assert_eq!(items, [message("a"), message("b")]);
    }

    #[test]
    fn the_newest_id_counts_once_its_block_is_over() {
        let id = |text: &str| {
            decode(&[text.as_bytes()])
                .1
                .last_event_id()
                .map(str::to_owned)
        };
        assert_eq!(id("data: a\n\n"), None);
        assert_eq!(id("id: 1\n"), None);
        assert_eq!(id("id: 1\n\n").as_deref(), Some("1"));
        assert_eq!(id("id: 1\ndata: a\n\ndata: b\n\n").as_deref(), Some("1"));
        assert_eq!(id("id: 1\ndata: a\n\nid\n\n").as_deref(), Some(""));
    }

    #[test]
    fn a_retry_counts_at_once() {
        let (_, decoder) = decode(&[b"retry: 7\n\nretry: 8\n"]);
        assert_eq!(decoder.reconnection_ms(), Some(8));
    }

    #[test]
    fn what_is_not_utf8_is_an_error_wherever_it_stands() {
        for bytes in [b"data: \xFF\n\n".as_slice(), b": \xC3\n", b"\xFE: a\n"] {
            assert_eq!(failure(bytes), Some(Undecodable::NotUtf8));
        }
    }

    #[test]
    fn data_at_the_limit_is_an_event_and_one_byte_more_is_too_large() {
        let one_line = |length: usize| format!("data: {}\n\n", "x".repeat(length));
        let (items, _) = decode(&[one_line(MAX_DATA_BYTES).as_bytes()]);
        assert_eq!(items, [message(&"x".repeat(MAX_DATA_BYTES))]);
        assert_eq!(
            failure(one_line(MAX_DATA_BYTES + 1).as_bytes()),
            Some(Undecodable::TooLarge)
        );
        let lines = |count: usize| "data\n".repeat(count) + "\n";
        let (items, _) = decode(&[lines(MAX_DATA_BYTES + 1).as_bytes()]);
        assert_eq!(items, [message(&"\n".repeat(MAX_DATA_BYTES))]);
        assert_eq!(
            failure(lines(MAX_DATA_BYTES + 2).as_bytes()),
            Some(Undecodable::TooLarge)
        );
        let endless = vec![b':'; MAX_LINE_BYTES + 1];
        assert_eq!(failure(&endless), Some(Undecodable::TooLarge));
    }
}
