//! The file of one compiled plugin: a mark, the checksum of the rest, a header, the code.
//!
//! ```text
//! mark (16 bytes) | SHA-256 of the rest (64 hexadecimal digits) | length of the header (8 bytes, little endian) | header (JSON) | code
//! ```

use std::io;

use serde::{Deserialize, Serialize};

use crate::plugin::{Description, digest};

const MARK: &[u8; 16] = b"assay-compiled 1";
const CHECKSUM: usize = 64;

/// What an entry knows about its code.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    /// The digest of the plugin's file.
    pub(super) plugin: String,
    /// What compiled it.
    pub(super) engine: String,
    /// What the suite said of itself.
    pub(super) description: Description,
}

/// The bytes of an entry.
pub(super) fn encode(header: &Header, code: &[u8]) -> io::Result<Vec<u8>> {
    let header = serde_json::to_vec(header)?;
    let mut rest = Vec::with_capacity(8 + header.len() + code.len());
    rest.extend_from_slice(&(header.len() as u64).to_le_bytes());
    rest.extend_from_slice(&header);
    rest.extend_from_slice(code);
    let checksum = digest::of(&rest);
    Ok([MARK, checksum.as_bytes(), &rest].concat())
}

/// The header and the code of an entry; none if it is not whole, or not an entry.
pub(super) fn decode(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let (checksum, rest) = bytes.strip_prefix(MARK)?.split_at_checked(CHECKSUM)?;
    if digest::of(rest).as_bytes() != checksum {
        return None;
    }
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (header, code) = rest.split_at_checked(length)?;
    Some((serde_json::from_slice(header).ok()?, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::description::Scenario;

    fn header() -> Header {
        Header {
            plugin: "p".into(),
            engine: "e".into(),
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
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let bytes = encode(&header(), b"code").unwrap();
        assert_eq!(decode(&bytes), Some((header(), &b"code"[..])));
    }

    #[test]
    fn an_entry_that_is_cut_or_changed_anywhere_is_refused() {
        let bytes = encode(&header(), b"code").unwrap();
        for index in 0..bytes.len() {
            assert!(decode(&bytes[..index]).is_none(), "cut at {index}");
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert!(decode(&changed).is_none(), "changed at {index}");
        }
        assert!(decode(&[&*bytes, b"more"].concat()).is_none());
        assert!(decode(b"something else").is_none());
    }
}
