//! An answer whose bytes are all there, understood as a connection understands them: by the same steps, without a socket. It lets fuzzing
//! reach what reads a server's bytes, and compare how they come.

use super::super::answer::Head;
use super::super::error::Error;
use super::buffer::Buffer;
use super::head::Wanted;

/// An answer, and what is to become of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Status, version and headers.
    pub head: Head,
    /// All of it, without its framing.
    pub body: Vec<u8>,
    /// Whether the connection may serve another request: the server lets it, and nothing came after the answer.
    pub keeps: bool,
    /// Bytes that came after the answer.
    pub rest: usize,
}

/// Understands the bytes that a server sent before it ended the connection, as they come in pieces of so many bytes (at least 1).
/// `is_head` is for an answer to `HEAD`.
pub fn whole(bytes: &[u8], is_head: bool, piece: usize) -> Result<Whole, Error> {
    let wanted = Wanted {
        is_head,
        with_headers: true,
    };
    let mut pieces = bytes.chunks(piece.max(1));
    let mut buffer = Buffer::new(0);
    let mut interim = 0;
    let mut parsed = loop {
        if let Some(parsed) = buffer.head(wanted, &mut interim)? {
            break parsed;
        }
        match pieces.next() {
            Some(piece) => buffer.add(piece),
            None => return Err(buffer.cut_off_head(wanted)),
        }
    };
    let mut body = Vec::new();
    loop {
        let piece = parsed.framing.next(buffer.filled())?;
        buffer.consume(piece.framing);
        if piece.data > 0 {
            body.extend_from_slice(&buffer.filled()[..piece.data]);
            buffer.consume(piece.data);
            continue;
        }
        if parsed.framing.is_done() {
            break;
        }
        if let Some(piece) = pieces.next() {
            buffer.add(piece);
        } else {
            parsed.framing.at_the_end_of_the_connection()?;
            break;
        }
    }
    let rest = buffer.filled().len() + pieces.map(<[u8]>::len).sum::<usize>();
    Ok(Whole {
        head: parsed.head,
        body,
        keeps: parsed.keeps && rest == 0,
        rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_same_however_its_bytes_come() {
        let chunked = b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for piece in [1, 2, 7, chunked.len()] {
            let answer = whole(chunked, false, piece).unwrap();
            assert_eq!((answer.head.status, &*answer.body), (200, &b"abc"[..]));
            assert!(answer.keeps);
            let more = whole(&[chunked, &b"HTTP"[..]].concat(), false, piece).unwrap();
            assert_eq!((more.rest, more.keeps), (4, false));
        }
    }

    #[test]
    fn an_answer_that_is_cut_off_is_none() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        for end in 0..answer.len() {
            let error = whole(&answer[..end], false, 5).unwrap_err();
            assert_eq!(error.kind(), "closed", "{end}");
        }
        assert_eq!(whole(answer, false, 5).unwrap().body, b"abc");
    }
}
