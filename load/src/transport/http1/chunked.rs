//! The chunked transfer coding (RFC 9112 section 7.1), taken apart in place.

use super::super::error::Error;

/// Bytes of what is neither size nor data: the extensions of one chunk, or the trailers.
const MAX_ASIDE_BYTES: u32 = 16 << 10;

/// Where the decoder stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Chunked {
    state: State,
    /// Of the size of the chunk that begins.
    size: u64,
    digits: u32,
    /// Bytes of extensions of this chunk, or of trailers.
    aside: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Extension,
    SizeLineFeed,
    Data,
    DataReturn,
    DataLineFeed,
    TrailerStart,
    Trailer,
    TrailerLineFeed,
    EndLineFeed,
    End,
}

/// What is at the front of the input: so many bytes of framing, and after them so many of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) framing: usize,
    pub(super) data: usize,
}

impl Chunked {
    /// Whether the last chunk and its trailers are over.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::End
    }

    /// Takes from the front of the input, up to the end of the first data in it. Without data it has taken everything, or is done.
    pub(super) fn next(&mut self, input: &[u8]) -> Result<Piece, Error> {
        let mut framing = 0;
        while framing < input.len() && !self.is_done() {
            if self.state == State::Data {
                let left = (input.len() - framing) as u64;
                let data = self.size.min(left);
                self.size -= data;
                if self.size == 0 {
                    self.state = State::DataReturn;
                }
                return Ok(Piece {
                    framing,
                    data: usize::try_from(data).unwrap_or(usize::MAX),
                });
            }
            self.state = self.step(input[framing])?;
            framing += 1;
        }
        Ok(Piece { framing, data: 0 })
    }

    fn step(&mut self, byte: u8) -> Result<State, Error> {
        match (self.state, byte) {
            (State::Size, _) if byte.is_ascii_hexdigit() => self.digit(byte),
            (State::Size, b'\r') if self.digits > 0 => Ok(State::SizeLineFeed),
            (State::Size, b';' | b' ' | b'\t') if self.digits > 0 => self.beside(State::Extension),
            (State::Size, _) => Err(wrong("has a size that is no hexadecimal number", byte)),
            (State::Extension | State::TrailerStart | State::Trailer, b'\n') => {
                Err(wrong("has a bare line feed", byte))
            }
            (State::Extension, b'\r') => Ok(State::SizeLineFeed),
            (State::Extension, _) => self.beside(State::Extension),
            (State::SizeLineFeed, b'\n') => Ok(self.begin()),
            (State::DataReturn, b'\r') => Ok(State::DataLineFeed),
            (State::DataLineFeed, b'\n') => Ok(State::Size),
            (State::TrailerStart, b'\r') => Ok(State::EndLineFeed),
            (State::TrailerStart | State::Trailer, _) if byte != b'\r' => {
                self.beside(State::Trailer)
            }
            (State::Trailer, _) => Ok(State::TrailerLineFeed),
            (State::TrailerLineFeed, b'\n') => Ok(State::TrailerStart),
            (State::EndLineFeed, b'\n') => Ok(State::End),
            _ => Err(wrong("does not end where it should", byte)),
        }
    }

    fn digit(&mut self, byte: u8) -> Result<State, Error> {
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        self.digits += 1;
        // Sixteen digits fill the number; more of them, zeros too, are a game.
        if self.digits > 16 {
            return Err(wrong("has a size of more than 16 digits", byte));
        }
        self.size = self.size << 4 | u64::from(digit);
        Ok(State::Size)
    }

    /// After the line with the size.
    fn begin(&mut self) -> State {
        self.digits = 0;
        self.aside = 0;
        if self.size == 0 {
            State::TrailerStart
        } else {
            State::Data
        }
    }

    fn beside(&mut self, state: State) -> Result<State, Error> {
        self.aside += 1;
        if self.aside > MAX_ASIDE_BYTES {
            return Err(Error::Protocol(format!(
                "the extensions of a chunk, or the trailers, have more than {MAX_ASIDE_BYTES} bytes"
            )));
        }
        Ok(state)
    }
}

fn wrong(what: &str, byte: u8) -> Error {
    Error::Protocol(format!(
        "a chunk of the answer {what}, at `{}`",
        byte.escape_ascii()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data of a body that arrives in pieces of this many bytes, and what was left over.
    fn decoded(body: &str, step: usize) -> Result<(String, String), Error> {
        let mut chunked = Chunked::default();
        let (mut data, mut left) = (Vec::new(), Vec::new());
        for arrived in body.as_bytes().chunks(step) {
            let mut rest = arrived;
            while !rest.is_empty() && !chunked.is_done() {
                let piece = chunked.next(rest)?;
                rest = &rest[piece.framing..];
                data.extend_from_slice(&rest[..piece.data]);
                rest = &rest[piece.data..];
            }
            left.extend_from_slice(rest);
        }
        assert!(chunked.is_done(), "{chunked:?}");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ok((text(data), text(left)))
    }

    #[test]
    fn a_body_is_the_same_however_it_is_cut_up() {
        let body = "5\r\nwhole\r\n00a;name=\"v;\"\r\n0123456789\r\n1 \r\nx\r\n0\r\nTrailer: t\r\nx:\r\n\r\nHTTP";
        for step in 1..=body.len() {
            let (data, left) = decoded(body, step).unwrap();
            assert_eq!((&*data, &*left), ("whole0123456789x", "HTTP"), "{step}");
        }
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        for body in [
            "\r\n",
            "xyz\r\n",
            "-1\r\n",
            "5\nwhole\r\n",
            "5\r\nwhole!\r\n0\r\n\r\n",
            "5\r\nwhole\n0\r\n\r\n",
            "5;a\nb\r\nwhole",
            "0\r\n\n",
            "0\r\na: b\nc\r\n\r\n",
            "0\r\na: b\rc\r\n\r\n",
            "10000000000000000\r\n",
            "; x\r\n",
        ] {
            let mut chunked = Chunked::default();
            let mut rest = body.as_bytes();
            let refused = loop {
                match chunked.next(rest) {
                    Err(error) => break error,
                    Ok(piece) => rest = &rest[piece.framing + piece.data..],
                }
                assert!(!rest.is_empty(), "{body:?} was taken");
            };
            assert_eq!(refused.kind(), "protocol", "{body:?}");
        }
    }

    #[test]
    fn extensions_and_trailers_may_be_as_long_as_the_limit_and_no_longer() {
        let limit = MAX_ASIDE_BYTES as usize;
        let extension = |length: usize| format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(length - 1));
        assert!(decoded(&extension(limit), 1000).is_ok());
        assert!(decoded(&extension(limit + 1), 1000).is_err());
        let trailer = |length: usize| format!("0\r\n{}\r\n\r\n", "t".repeat(length));
        assert!(decoded(&trailer(limit), 1000).is_ok());
        assert!(decoded(&trailer(limit + 1), 1000).is_err());
    }

    #[test]
    fn the_largest_size_is_counted_down_and_not_believed() {
        let mut chunked = Chunked::default();
        let piece = chunked.next(b"ffffffffffffffff\r\nabc").unwrap();
        assert_eq!(
            piece,
            Piece {
                framing: 18,
                data: 3
            }
        );
        assert_eq!(chunked.size, u64::MAX - 3);
    }
}
