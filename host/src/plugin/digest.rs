//! SHA-256, as hexadecimal text: what identifies a plugin's file, an engine, and the content of a cache entry.

use std::{
    hash::{Hash, Hasher},
    io::{self, Read},
};

use sha2::{Digest as _, Sha256};

/// Bytes that are read at once.
const PART: usize = 128 << 10;

/// The digest of these bytes: 64 hexadecimal digits.
pub fn of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The digest of everything that can be read, and how many bytes that is. It is never in memory as a whole.
pub(super) fn of_reader(mut reader: impl Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut part = vec![0; PART];
    let mut size = 0;
    loop {
        match reader.read(&mut part) {
            Ok(0) => return Ok((hexadecimal(&hasher.finalize()), size)),
            Ok(count) => {
                hasher.update(&part[..count]);
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest of a value that can only be hashed. Unlike the standard library's hashes it is the same in each process.
pub(super) fn of_hash(value: &impl Hash) -> String {
    let mut hasher = Sha256Hasher(Sha256::new());
    value.hash(&mut hasher);
    hexadecimal(&hasher.0.finalize())
}

/// Hands everything that is hashed to SHA-256.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The first eight bytes of the digest so far.
    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest[..8]
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, the example of one block.
    #[test]
    fn it_is_sha_256() {
        assert_eq!(
            of(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn what_is_read_in_parts_has_the_digest_of_the_whole() {
        for size in [0, 1, PART - 1, PART, PART + 1] {
            let bytes = vec![7; size];
            assert_eq!(of_reader(&*bytes).unwrap(), (of(&bytes), size as u64));
        }
    }

    #[test]
    fn the_digest_of_a_hash_tells_values_apart() {
        assert_eq!(of_hash(&("a", 1)), of_hash(&("a", 1)));
        assert_ne!(of_hash(&("a", 1)), of_hash(&("a", 2)));
    }
}
