//! SHA-256 of a plugin's bytes: what a plugin is called in the lock, in the cache and in a registry, wherever it came from.

use std::{
    fmt,
    io::{self, Read},
    str::FromStr,
};

use assay_report::hint::Hinted;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Bytes that are read at once.
const PART: usize = 128 << 10;
/// What the text of a digest begins with, as OCI's image specification has it ("Digests").
const PREFIX: &str = "sha256:";
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The SHA-256 of some bytes, shown as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of everything that can be read, and how many bytes that is. They are never in memory as a whole.
    pub fn of_reader(mut reader: impl Read) -> io::Result<(Self, u64)> {
        let mut digester = Digester::default();
        let mut part = vec![0; PART];
        loop {
            match reader.read(&mut part) {
                Ok(0) => return Ok(digester.finish()),
                Ok(count) => digester.update(&part[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The 32 bytes themselves.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 digits without what is before them, as the host's own cache and its reports write a digest.
    pub fn hexadecimal(&self) -> String {
        self.0
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|digit| char::from(DIGITS[usize::from(digit)]))
            .collect()
    }

    /// Reads 64 digits, as [`Digest::hexadecimal`] writes them.
    pub fn from_hexadecimal(digits: &str) -> Result<Self, NoDigest> {
        let wrong = || NoDigest(clip(digits));
        if digits.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let value = |digit: u8| DIGITS.iter().position(|known| *known == digit);
            let (high, low) = value(pair[0]).zip(value(pair[1])).ok_or_else(wrong)?;
            *byte = u8::try_from(high << 4 | low).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}", self.hexadecimal())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let digits = text
            .strip_prefix(PREFIX)
            .ok_or_else(|| NoDigest(clip(text)))?;
        Self::from_hexadecimal(digits).map_err(|_| NoDigest(clip(text)))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Takes bytes as they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digester {
    hasher: Sha256,
    size: u64,
}

impl Digester {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// How many bytes came.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn finish(self) -> (Digest, u64) {
        (Digest(self.hasher.finalize().into()), self.size)
    }
}

/// A text that is no digest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no digest")]
pub struct NoDigest(String);

impl Hinted for NoDigest {
    fn hint(&self) -> Option<String> {
        Some("a digest is `sha256:` and 64 digits of 0-9 and a-f".to_owned())
    }
}

/// Enough of a text to know it by.
fn clip(text: &str) -> String {
    const SHOWN: usize = 80;
    text.chars()
        .take(SHOWN)
        .flat_map(char::escape_default)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, the example of one block.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn it_is_sha_256_and_reads_what_it_shows() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), ABC);
        assert_eq!(ABC.parse(), Ok(digest));
        assert_eq!(Digest::from_hexadecimal(&ABC[7..]), Ok(digest));
        assert_ne!(Digest::of(b"abd"), digest);
    }

    #[test]
    fn what_is_read_in_parts_has_the_digest_of_the_whole() {
        for size in [0, 1, PART - 1, PART, PART + 1] {
            let bytes = vec![7; size];
            let whole = (Digest::of(&bytes), size as u64);
            assert_eq!(Digest::of_reader(&*bytes).unwrap(), whole);
        }
    }

    #[test]
    fn whatever_is_written_otherwise_is_refused() {
        let upper = ABC.to_uppercase();
        let long = format!("{ABC}0");
        let not_ascii = format!("sha256:{}", "é".repeat(32));
        for text in [
            "",
            "sha256:",
            &ABC[7..],
            &ABC[..70],
            &long,
            &upper,
            "sha512:00",
            &not_ascii,
            &format!("sha256:{}", "g".repeat(64)),
            &format!("sha256:+{}", "0".repeat(63)),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_text_that_is_none_is_not_shown_whole() {
        let error = "x".repeat(10_000).parse::<Digest>().unwrap_err();
        assert!(error.to_string().len() < 120);
    }
}
