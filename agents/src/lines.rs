//! Lines out of bytes that come in parts.

use thiserror::Error;

/// Bytes of one word as JSON, at most: many times what the host's own limits let through.
pub(crate) const MAX_LINE_BYTES: usize = 4 << 20;

/// A line that does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a line has more than {MAX_LINE_BYTES} bytes")]
pub(crate) struct TooLong;

/// A line that has begun.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes bytes and gives each line that they end, without its end.
    pub(crate) fn take<E: From<TooLong>>(
        &mut self,
        mut bytes: &[u8],
        mut line: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.grow(&bytes[..end])?;
            line(&self.begun)?;
            self.begun.clear();
            bytes = &bytes[end + 1..];
        }
        Ok(self.grow(bytes)?)
    }

    /// Whether no line has begun.
    pub(crate) fn is_empty(&self) -> bool {
        self.begun.is_empty()
    }

    fn grow(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.begun.len() + bytes.len() > MAX_LINE_BYTES {
            return Err(TooLong);
        }
        self.begun.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, MAX_LINE_BYTES, TooLong};

    fn taken(parts: &[&[u8]]) -> Result<Vec<Vec<u8>>, TooLong> {
        let (mut lines, mut taken) = (Lines::default(), Vec::new());
        for part in parts {
            lines.take(part, |line| {
                taken.push(line.to_vec());
                Ok::<_, TooLong>(())
            })?;
        }
        Ok(taken)
    }

    #[test]
    fn lines_are_the_same_however_their_bytes_come() {
        let whole = b"one\n\ntwo and a half\n";
        let expected = taken(&[whole]).unwrap();
        assert_eq!(expected, [&b"one"[..], b"", b"two and a half"]);
        for cut in 0..=whole.len() {
            let (first, second) = whole.split_at(cut);
            assert_eq!(taken(&[first, second]).unwrap(), expected, "{cut}");
        }
    }

    #[test]
    fn a_line_has_a_limit_also_when_it_comes_in_parts() {
        let longest = vec![b'x'; MAX_LINE_BYTES];
        assert_eq!(taken(&[&longest, b"\n"]).unwrap().len(), 1);
        assert_eq!(taken(&[&longest, b"x"]), Err(TooLong));
    }
}
