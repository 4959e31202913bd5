//! Bytes as several inputs: a byte that UTF-8 does not have stands between them, so that an input can be written and mutated as it is.

use std::borrow::Cow;

/// What stands between two pieces.
const SEPARATOR: u8 = 0xFE;

/// The first piece, and all that is behind it.
pub(crate) fn split(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == SEPARATOR) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}

/// All pieces; at least one, which may be empty.
pub(crate) fn all(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == SEPARATOR)
}

/// Bytes as a text, with a replacement character for what is none.
pub(crate) fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}
