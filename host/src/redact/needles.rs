//! A secret, and the ways in which it may be written that cannot be undone without knowing it: in base64 it looks different after each
//! thing that may stand before it.

use std::{collections::BTreeSet, sync::Arc};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

use super::spans::Label;

/// Bytes of the shortest secret: a shorter one would be found everywhere.
pub const MIN_SECRET_BYTES: usize = 4;

/// Something that must not be told.
#[derive(Clone)]
pub struct Secret {
    value: String,
    label: Label,
}

/// Not even its own description tells it.
impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Secret")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl Secret {
    /// The value of a setting, which is told by its name; none if it is shorter than [`MIN_SECRET_BYTES`].
    pub fn setting(name: &str, value: &str) -> Option<Self> {
        let label = Some(Arc::from(format!("[secret {name}]")));
        (value.len() >= MIN_SECRET_BYTES).then(|| Self {
            value: value.to_owned(),
            label,
        })
    }

    /// One without a name; none if it is shorter than [`MIN_SECRET_BYTES`].
    pub(super) fn nameless(value: &str) -> Option<Self> {
        (value.len() >= MIN_SECRET_BYTES).then(|| Self {
            value: value.to_owned(),
            label: None,
        })
    }

    pub(super) fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn label(&self) -> Label {
        self.label.clone()
    }

    /// How it may be written.
    pub(super) fn needles(&self) -> BTreeSet<Needle> {
        let value = self.value.as_bytes();
        let plain = |bytes: Vec<u8>| Needle {
            bytes,
            is_base64: false,
        };
        let hex = |digit: fn(&u8) -> String| value.iter().map(digit).collect::<String>();
        // A text in which the ends of lines are left out has none in the secret either.
        let one_line = value.iter().copied().filter(|byte| !b"\r\n".contains(byte));
        let mut needles = BTreeSet::from([
            plain(value.to_vec()),
            plain(one_line.collect()),
            plain(self.value.replace(' ', "+").into_bytes()),
            plain(hex(|byte| format!("{byte:02x}")).into_bytes()),
            plain(hex(|byte| format!("{byte:02X}")).into_bytes()),
        ]);
        for before in 0..3 {
            needles.extend(base64(value, before));
        }
        needles.retain(|needle| needle.bytes.len() >= MIN_SECRET_BYTES);
        needles
    }
}

/// A way in which a secret may be written.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needle {
    pub(super) bytes: Vec<u8>,
    /// The letters beside it may hold a part of it, too.
    pub(super) is_base64: bool,
}

/// What it looks like in base64 behind so many bytes, without the letters that depend on what is beside it: in both alphabets.
fn base64(value: &[u8], before: usize) -> [Needle; 2] {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(value);
    let first = (before * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|engine| Needle {
        bytes: engine.encode(&bytes).as_bytes()[first..last].to_vec(),
        is_base64: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_base64_is_known_whatever_stands_beside_it() {
        let secret = Secret::nameless("s3cr3t-p4ss").unwrap();
        let needles = secret.needles();
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "z", "zy", "zyx"] {
                let text = STANDARD_NO_PAD.encode(format!("{before}s3cr3t-p4ss{after}"));
                let found = |needle: &Needle| {
                    let needle = std::str::from_utf8(&needle.bytes).unwrap();
                    text.contains(needle)
                };
                assert!(needles.iter().any(found), "{before} {after}: {text}");
            }
        }
    }

    #[test]
    fn the_shortest_secret_is_found_in_each_way_and_a_shorter_one_is_none() {
        assert!(Secret::nameless("abc").is_none());
        let needles = Secret::nameless("abcd").unwrap().needles();
        assert!(needles.iter().filter(|needle| needle.is_base64).count() >= 3);
    }

    #[test]
    fn a_description_of_a_secret_does_not_tell_it() {
        let secret = Secret::setting("load.token", "hunter2hunter2").unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
