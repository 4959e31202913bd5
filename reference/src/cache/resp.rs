//! RESP2: commands in, replies out. Every length that a client announces has a limit.

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

/// The most parts of a command.
const PARTS: usize = 1_024;
/// The longest part.
const PART: usize = 8 << 20;
/// The most bytes of a command.
const COMMAND: usize = 16 << 20;
/// The longest line: a length, or a command without a frame.
const LINE: usize = 4 << 10;

/// What is no RESP2, or over a limit. The connection is closed after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Protocol error: {0}")]
pub(super) struct ProtocolError(&'static str);

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Simple(&'static str),
    Error(String),
    Integer(i64),
    Bulk(Bytes),
    Nil,
    Array(Vec<Reply>),
}

impl Reply {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Simple(text) => line(out, '+', text),
            Self::Error(text) => line(out, '-', text),
            Self::Integer(number) => line(out, ':', &number.to_string()),
            Self::Bulk(bytes) => {
                line(out, '$', &bytes.len().to_string());
                out.extend_from_slice(bytes);
                out.extend_from_slice(b"\r\n");
            }
            Self::Nil => line(out, '$', "-1"),
            Self::Array(parts) => {
                line(out, '*', &parts.len().to_string());
                for part in parts {
                    part.write(out);
                }
            }
        }
    }
}

fn line(out: &mut Vec<u8>, kind: char, text: &str) {
    out.push(kind as u8);
    out.extend(text.bytes().filter(|byte| !b"\r\n".contains(byte)));
    out.extend_from_slice(b"\r\n");
}

/// Takes a whole command off the front of the buffer; none if it is not all there yet. An empty one is to be ignored.
pub(super) fn command(buffer: &mut BytesMut) -> Result<Option<Vec<Bytes>>, ProtocolError> {
    let Some((first, mut at)) = line_at(buffer, 0)? else {
        return Ok(None);
    };
    let Some(count) = first.strip_prefix(b"*") else {
        let parts = first
            .split(u8::is_ascii_whitespace)
            .filter(|part| !part.is_empty())
            .map(Bytes::copy_from_slice)
            .collect();
        buffer.advance(at);
        return Ok(Some(parts));
    };
    let count = length(count, PARTS, "invalid multibulk length")?;
    let mut ranges = Vec::new();
    for _ in 0..count {
        let Some((header, begin)) = line_at(buffer, at)? else {
            return Ok(None);
        };
        let header = header
            .strip_prefix(b"$")
            .ok_or(ProtocolError("expected '$'"))?;
        let end = begin + length(header, PART, "invalid bulk length")?;
        if end > COMMAND {
            return Err(ProtocolError("too big command"));
        }
        if buffer.len() < end + 2 {
            return Ok(None);
        }
        if &buffer[end..end + 2] != b"\r\n" {
            return Err(ProtocolError("expected CRLF after a bulk"));
        }
        ranges.push(begin..end);
        at = end + 2;
    }
    let whole = buffer.split_to(at).freeze();
    Ok(Some(
        ranges.into_iter().map(|range| whole.slice(range)).collect(),
    ))
}

/// The line that begins here, and where the next one does.
fn line_at(buffer: &[u8], begin: usize) -> Result<Option<(&[u8], usize)>, ProtocolError> {
    let rest = &buffer[begin..];
    match rest.iter().take(LINE).position(|byte| *byte == b'\n') {
        Some(end) => {
            let line = &rest[..end];
            Ok(Some((
                line.strip_suffix(b"\r").unwrap_or(line),
                begin + end + 1,
            )))
        }
        None if rest.len() >= LINE => Err(ProtocolError("too big line")),
        None => Ok(None),
    }
}

fn length(digits: &[u8], most: usize, problem: &'static str) -> Result<usize, ProtocolError> {
    std::str::from_utf8(digits)
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|length| *length <= most)
        .ok_or(ProtocolError(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Result<Vec<Vec<Bytes>>, ProtocolError> {
        let mut buffer = BytesMut::from(input);
        let mut commands = Vec::new();
        while let Some(parts) = command(&mut buffer)? {
            commands.push(parts);
        }
        Ok(commands)
    }

    #[test]
    fn commands_come_out_whole_however_the_bytes_arrive() {
        let input = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING now\r\n*1\r\n$4\r\nPI\r\n\r\n";
        let wanted: Vec<Vec<Bytes>> = vec![
            vec!["GET".into(), "k".into()],
            vec!["PING".into(), "now".into()],
            vec!["PI\r\n".into()],
        ];
        assert_eq!(all(input).unwrap(), wanted);
        let mut buffer = BytesMut::new();
        let mut commands = Vec::new();
        for byte in input {
            buffer.extend_from_slice(&[*byte]);
            commands.extend(command(&mut buffer).unwrap());
        }
        assert_eq!(commands, wanted);
    }

    #[test]
    fn what_is_over_a_limit_or_no_resp_is_refused() {
        for input in [
            &b"*1025\r\n"[..],
            b"*-1\r\n",
            b"*1\r\n$8388609\r\n",
            b"*1\r\nGET\r\n",
            b"*1\r\n$1\r\nkxx",
            &[b'x'; LINE],
        ] {
            assert!(all(input).is_err(), "{input:?}");
        }
        assert_eq!(all(b"*1024\r\n"), Ok(vec![]));
    }
}
