//! The head of an answer, and what it says of the body and of the connection (RFC 9112 sections 4, 6.3 and 9.3).

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use super::super::answer::Head;
use super::super::error::Error;
use super::chunked::Chunked;

/// Headers of an answer.
const MAX_HEADERS: usize = 128;

/// How the body ends.
#[derive(Debug)]
pub(in super::super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked(Chunked),
    /// With the connection.
    UntilClose,
}

/// What is wanted of a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) is_head: bool,
    pub(super) with_headers: bool,
}

/// A head that was understood.
#[derive(Debug)]
pub(in super::super) struct Parsed {
    /// Without headers if they were not wanted.
    pub(in super::super) head: Head,
    pub(in super::super) framing: Framing,
    /// Whether the server lets the connection serve another request.
    pub(in super::super) keeps: bool,
    /// Bytes of it.
    pub(super) length: usize,
}

impl Parsed {
    /// Whether another head follows, to the same request.
    pub(super) fn is_interim(&self) -> bool {
        self.head.status < 200
    }
}

/// None if there is more to come.
pub(super) fn parse(bytes: &[u8], wanted: Wanted) -> Result<Option<Parsed>, Error> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default()
        .parse_response_with_uninit_headers(&mut response, bytes, &mut headers)
        .map_err(|error| protocol(&format!("it is not HTTP/1: {error}")))?;
    let Status::Complete(length) = parsed else {
        return Ok(None);
    };
    let (Some(status), Some(minor)) = (response.code, response.version) else {
        return Err(protocol("it has no status line"));
    };
    let meaning = Meaning::of(response.headers)?;
    let (framing, keeps) = meaning.consequences(status, minor, wanted.is_head)?;
    Ok(Some(Parsed {
        head: Head {
            status,
            version: if minor == 0 { "HTTP/1.0" } else { "HTTP/1.1" },
            headers: if wanted.with_headers {
                texts(response.headers)
            } else {
                Vec::new()
            },
        },
        framing,
        keeps,
        length,
    }))
}

/// What the headers say of the message itself.
#[derive(Debug, Default)]
struct Meaning {
    length: Option<u64>,
    /// The last transfer coding is `chunked`; none if there is no coding.
    chunked: Option<bool>,
    close: bool,
    keep_alive: bool,
}

impl Meaning {
    fn of(headers: &[Header<'_>]) -> Result<Self, Error> {
        let mut meaning = Self::default();
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            // Most headers are none of these, and the length of the name tells.
            match header.name.len() {
                14 if is("content-length") => meaning.content_length(header.value)?,
                17 if is("transfer-encoding") => {
                    let last = list(header.value).last().unwrap_or_default();
                    meaning.chunked = Some(last.eq_ignore_ascii_case(b"chunked"));
                }
                10 if is("connection") => {
                    for option in list(header.value) {
                        meaning.close |= option.eq_ignore_ascii_case(b"close");
                        meaning.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                _ => {}
            }
        }
        Ok(meaning)
    }

    /// The same number several times is one; different ones are an attempt to be understood in two ways.
    fn content_length(&mut self, value: &[u8]) -> Result<(), Error> {
        for number in list(value) {
            let length = decimal(number)
                .filter(|length| self.length.is_none_or(|earlier| earlier == *length));
            if length.is_none() {
                let value = String::from_utf8_lossy(value);
                return Err(protocol(&format!(
                    "its `content-length` is wrong or contradicts another: `{}`",
                    value.escape_debug()
                )));
            }
            self.length = length;
        }
        Ok(())
    }

    /// The rules of RFC 9112 section 6.3, in their order.
    fn consequences(
        &self,
        status: u16,
        minor: u8,
        is_head: bool,
    ) -> Result<(Framing, bool), Error> {
        let keeps = !self.close && (minor > 0 || self.keep_alive);
        match status {
            0..100 => return Err(protocol(&format!("its status is {status}"))),
            101 => return Err(protocol("it switches to a protocol that was not asked for")),
            100..200 | 204 | 304 => return Ok((Framing::Length(0), keeps)),
            _ if is_head => return Ok((Framing::Length(0), keeps)),
            _ => {}
        }
        match (self.chunked, self.length) {
            (Some(_), _) if minor == 0 => Err(protocol(
                "it has a `transfer-encoding`, which HTTP/1.0 does not know",
            )),
            // With both, whoever is between may have understood the other: the answer is taken, the connection is not kept.
            (Some(true), length) => Ok((
                Framing::Chunked(Chunked::default()),
                keeps && length.is_none(),
            )),
            (Some(false), _) | (None, None) => Ok((Framing::UntilClose, false)),
            (None, Some(length)) => Ok((Framing::Length(length), keeps)),
        }
    }
}

/// The parts of a list, without the space around them.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Digits alone: no sign, no space.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn texts(headers: &[Header<'_>]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value);
            (header.name.to_ascii_lowercase(), value.into_owned())
        })
        .collect()
}

fn protocol(why: &str) -> Error {
    Error::Protocol(format!("the answer cannot be understood: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Wanted = Wanted {
        is_head: false,
        with_headers: false,
    };

    fn understood(head: &str, wanted: Wanted) -> Result<String, &'static str> {
        let text = head.replace('\n', "\r\n") + "\r\n\r\n";
        let parsed = parse(text.as_bytes(), wanted)
            .map_err(|error| error.kind())?
            .unwrap();
        assert_eq!(parsed.length, text.len());
        let framing = match parsed.framing {
            Framing::Length(length) => length.to_string(),
            Framing::Chunked(_) => "chunked".to_owned(),
            Framing::UntilClose => "until close".to_owned(),
        };
        let keeps = if parsed.keeps { "keeps" } else { "closes" };
        Ok(format!("{framing}, {keeps}"))
    }

    #[test]
    fn the_end_of_a_body_is_where_the_head_says() {
        let table = [
            ("HTTP/1.1 200 OK\nContent-Length: 5", "5, keeps"),
            (
                "HTTP/1.1 200 OK\ncontent-length: 5, 5\nContent-Length: 5",
                "5, keeps",
            ),
            (
                "HTTP/1.1 200 OK\nContent-Length: 0\nConnection: Close",
                "0, closes",
            ),
            (
                "HTTP/1.1 200 OK\nContent-Length: 0\nConnection: x, close",
                "0, closes",
            ),
            ("HTTP/1.0 200 OK\nContent-Length: 5", "5, closes"),
            (
                "HTTP/1.0 200 OK\nContent-Length: 5\nConnection: keep-alive",
                "5, keeps",
            ),
            (
                "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
                "chunked, keeps",
            ),
            (
                "HTTP/1.1 200 OK\nTransfer-Encoding: gzip, Chunked",
                "chunked, keeps",
            ),
            (
                "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 5",
                "chunked, closes",
            ),
            (
                "HTTP/1.1 200 OK\nTransfer-Encoding: gzip",
                "until close, closes",
            ),
            ("HTTP/1.1 200 OK", "until close, closes"),
            ("HTTP/1.1 204 None\nContent-Length: 5", "0, keeps"),
            ("HTTP/1.1 304 Same\nContent-Length: 5", "0, keeps"),
            ("HTTP/1.1 103 Hints\nLink: a", "0, keeps"),
        ];
        for (head, expected) in table {
            assert_eq!(understood(head, ANY).as_deref(), Ok(expected), "{head}");
        }
        let wanted = Wanted {
            is_head: true,
            ..ANY
        };
        let head = "HTTP/1.1 200 OK\nContent-Length: 5";
        assert_eq!(understood(head, wanted).as_deref(), Ok("0, keeps"));
    }

    #[test]
    fn heads_that_could_be_understood_in_two_ways_are_refused() {
        for head in [
            "+PONG",
            "HTTP/2 200 OK",
            "HTTP/1.1 99 Low",
            "HTTP/1.1 099 Low",
            "HTTP/1.1 101 Switching",
            "HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6",
            "HTTP/1.1 200 OK\nContent-Length: 5, 6",
            "HTTP/1.1 200 OK\nContent-Length: +5",
            "HTTP/1.1 200 OK\nContent-Length:",
            "HTTP/1.1 200 OK\nContent-Length: 18446744073709551616",
            "HTTP/1.0 200 OK\nTransfer-Encoding: chunked",
            "HTTP/1.1 200 OK\nBad Name: x",
        ] {
            assert_eq!(understood(head, ANY), Err("protocol"), "{head}");
        }
        let largest = "HTTP/1.1 200 OK\nContent-Length: 18446744073709551615";
        assert!(understood(largest, ANY).is_ok());
    }

    #[test]
    fn as_many_headers_as_allowed_are_taken_and_one_more_is_refused() {
        let head = |headers: usize| {
            let lines = "\nx: y".repeat(headers - 1);
            format!("HTTP/1.1 200 OK{lines}\nContent-Length: 0")
        };
        assert_eq!(
            understood(&head(MAX_HEADERS), ANY).as_deref(),
            Ok("0, keeps")
        );
        assert_eq!(understood(&head(MAX_HEADERS + 1), ANY), Err("protocol"));
    }
}
