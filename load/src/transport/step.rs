//! Values in a path that would be no name but a step to another path: `.` and `..`, which servers take for that, encoded or not.

use super::error::Error;

/// The part of a path that is written just now.
#[derive(Debug, Default)]
pub(super) struct Part {
    start: usize,
    /// Whether a value is in it.
    pub(super) has_slot: bool,
}

impl Part {
    /// A text is about to be written that may end it.
    pub(super) fn goes_on(&mut self, bytes: &[u8], out: &[u8]) -> Result<(), Error> {
        let is_end = |byte: &u8| matches!(byte, b'/' | b'?' | b' ');
        if let Some(end) = bytes.iter().position(is_end) {
            self.ends(&bytes[..end], out)?;
        }
        if let Some(last) = bytes.iter().rposition(is_end) {
            self.start = out.len() + last + 1;
            self.has_slot = false;
        }
        Ok(())
    }

    /// It ends with this. Fails with `invalid` if a value has made a step of it.
    pub(super) fn ends(&self, rest: &[u8], out: &[u8]) -> Result<(), Error> {
        if !self.has_slot {
            return Ok(());
        }
        let part = [&out[self.start..], rest].concat().to_ascii_lowercase();
        let part = String::from_utf8_lossy(&part).replace("%2e", ".");
        if part == "." || part == ".." {
            return Err(Error::Invalid(format!(
                "a value makes `{part}` of a part of the path, which is a step of the path to another one; put it into the query, \
                 or let it be something else"
            )));
        }
        Ok(())
    }
}
