//! SHA-256, as hexadecimal text: what identifies a plugin's file, an engine, and the content of a cache entry.

use std::hash::{Hash, Hasher};

use sha2::{Digest as _, Sha256};

/// The digest of these bytes: 64 hexadecimal digits.
pub fn of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
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
    fn the_digest_of_a_hash_tells_values_apart() {
        assert_eq!(of_hash(&("a", 1)), of_hash(&("a", 1)));
        assert_ne!(of_hash(&("a", 1)), of_hash(&("a", 2)));
    }
}
