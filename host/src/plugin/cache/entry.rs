//! The file of one compiled plugin: a mark, the checksum of the head, the head, the code. The head names the checksum of the code, so that
//! it can be believed without reading the code, and the code cannot be taken for another one's.
//!
//! ```text
//! mark (16 bytes) | SHA-256 of the head (64 hexadecimal digits) | length of the head (8 bytes, little endian) | head (JSON) | code
//! ```

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::Knowledge;
use crate::plugin::digest;

const MARK: &[u8; 16] = b"assay-compiled 4";
const CHECKSUM: usize = 64;

/// What an entry knows of its code.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The digest of the plugin's file.
    pub(super) plugin: String,
    /// What compiled it.
    pub(super) engine: String,
    /// What is known of the plugin.
    pub(super) knowledge: Knowledge,
    /// The digest of the code.
    pub(super) code: String,
}

/// The bytes of an entry up to its code.
pub(super) fn encode_head(head: &Head) -> io::Result<Vec<u8>> {
    let head = serde_json::to_vec(head)?;
    let length = (head.len() as u64).to_le_bytes();
    Ok([MARK, digest::of(&head).as_bytes(), &length, &head].concat())
}

/// The head of an entry; none if it is not whole, or this is no entry.
pub(super) fn read_head(entry: &mut impl Read) -> Option<Head> {
    let mut start = [0; MARK.len() + CHECKSUM];
    entry.read_exact(&mut start).ok()?;
    let checksum = start.strip_prefix(MARK)?;
    let mut length = [0; 8];
    entry.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    // Grows with what is there: a length that is wrong does not claim memory.
    let mut head = Vec::new();
    entry.take(length).read_to_end(&mut head).ok()?;
    if head.len() as u64 != length || digest::of(&head).as_bytes() != checksum {
        return None;
    }
    serde_json::from_slice(&head).ok()
}

/// The code of an entry whose head was read; none if it is not the one that the head names.
pub(super) fn read_code(head: &Head, entry: &mut impl Read) -> Option<Vec<u8>> {
    let mut code = Vec::new();
    entry.read_to_end(&mut code).ok()?;
    (digest::of(&code) == head.code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::{Description, contract::Facade, description::Scenario};

    fn head() -> Head {
        Head {
            plugin: "p".into(),
            engine: "e".into(),
            knowledge: Knowledge {
                facade: Facade {
                    contract: "assay:suite@0.1.0".into(),
                    imports: vec!["assay:suite/context@0.1.0".into()],
                    calls: vec!["context.log".into()],
                    wants: assay_grants::Grants::default(),
                },
                description: Description {
                    name: "shop".into(),
                    version: "1".into(),
                    summary: String::new(),
                    cases: Vec::new(),
                    scenarios: vec![Scenario {
                        name: "browse".into(),
                        summary: String::new(),
                    }],
                    baselines: Vec::new(),
                    has_setup: true,
                    has_teardown: false,
                },
            },
            code: digest::of(b"code"),
        }
    }

    fn read(mut entry: &[u8]) -> Option<(Head, Vec<u8>)> {
        let head = read_head(&mut entry)?;
        let code = read_code(&head, &mut entry)?;
        Some((head, code))
    }

    fn entry() -> Vec<u8> {
        [&*encode_head(&head()).unwrap(), b"code"].concat()
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        assert_eq!(read(&entry()), Some((head(), b"code".to_vec())));
    }

    #[test]
    fn an_entry_that_is_cut_or_changed_anywhere_is_refused() {
        let bytes = entry();
        for index in 0..bytes.len() {
            assert!(read(&bytes[..index]).is_none(), "cut at {index}");
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert!(read(&changed).is_none(), "changed at {index}");
        }
        assert!(read(&[&*bytes, b"more"].concat()).is_none());
        assert!(read(b"something else").is_none());
    }

    #[test]
    fn a_head_is_believed_whatever_comes_behind_it() {
        let bytes = encode_head(&head()).unwrap();
        assert_eq!(read_head(&mut &*bytes), Some(head()));
        let other = [&*bytes, b"c0de"].concat();
        assert_eq!(read_head(&mut &*other), Some(head()));
        assert!(read(&other).is_none());
    }
}
