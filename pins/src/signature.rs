//! Who vouches for a plugin: an Ed25519 signature over its digest (RFC 8032), as a line of text that says by which key.
//!
//! What is signed is not the digest alone but a sentence around it that no other program signs: a signature that was made for
//! something else is none here, and one of these is none elsewhere.

mod key;
mod policy;

use std::{fmt, str::FromStr};

use assay_report::hint::Hinted;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::digest::Digest;

pub use key::{KeyError, PublicKey, SecretKey};
pub use policy::{Distrust, Policy, Trust};

/// Signatures that one plugin may have.
pub const MAX_SIGNATURES: usize = 16;

/// What stands before the digest in the sentence that is signed. It ends in a zero, which no text has.
const DOMAIN: &[u8] = b"assay plugin signature, version 1\0";
/// What the text of a signature and of a public key begins with.
const PREFIX: &str = "ed25519:";

/// A signature of a digest, shown as `ed25519:KEY:SIGNATURE`, both in Base64 (RFC 4648, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    key: PublicKey,
    bytes: [u8; 64],
}

impl Signature {
    /// Signs a digest.
    pub fn sign(secret: &SecretKey, digest: &Digest) -> Self {
        Self {
            key: secret.public(),
            bytes: secret.sign(&sentence(digest)),
        }
    }

    /// Which key it says that it was made with.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether that key made it for this digest.
    pub fn holds(&self, digest: &Digest) -> bool {
        self.key.verifies(&sentence(digest), &self.bytes)
    }
}

/// What is signed of a digest.
fn sentence(digest: &Digest) -> Vec<u8> {
    [DOMAIN, digest.to_string().as_bytes()].concat()
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.key, STANDARD.encode(self.bytes))
    }
}

impl FromStr for Signature {
    type Err = NoSignature;

    fn from_str(text: &str) -> Result<Self, NoSignature> {
        let (key, signature) = text.rsplit_once(':').ok_or(NoSignature)?;
        let bytes = STANDARD.decode(signature).map_err(|_| NoSignature)?;
        Ok(Self {
            key: key.parse().map_err(|_| NoSignature)?,
            bytes: bytes.try_into().map_err(|_| NoSignature)?,
        })
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A text that is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no signature of a plugin")]
pub struct NoSignature;

impl Hinted for NoSignature {
    fn hint(&self) -> Option<String> {
        Some(
            "a signature is `ed25519:`, the public key, `:` and the signature, both in Base64"
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    #[test]
    fn a_signature_holds_for_its_digest_and_for_no_other() {
        let digest = Digest::of(b"plugin");
        let signature = Signature::sign(&secret(1), &digest);
        assert_eq!(*signature.key(), secret(1).public());
        assert!(signature.holds(&digest));
        assert!(!signature.holds(&Digest::of(b"plugim")));
    }

    #[test]
    fn it_is_read_back_as_it_is_shown() {
        let signature = Signature::sign(&secret(1), &Digest::of(b"plugin"));
        let text = signature.to_string();
        assert!(text.starts_with("ed25519:"), "{text}");
        assert_eq!(text.parse(), Ok(signature));
    }

    #[test]
    fn another_key_cannot_put_its_name_on_it() {
        let digest = Digest::of(b"plugin");
        let mut signature = Signature::sign(&secret(1), &digest);
        signature.key = secret(2).public();
        assert!(!signature.holds(&digest));
    }

    #[test]
    fn each_flipped_bit_of_a_signature_is_seen() {
        let digest = Digest::of(b"plugin");
        let whole = Signature::sign(&secret(1), &digest);
        for bit in 0..64 * 8 {
            let mut signature = whole.clone();
            signature.bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!signature.holds(&digest), "bit {bit}");
        }
    }

    #[test]
    fn a_signature_of_the_bare_digest_is_none() {
        let digest = Digest::of(b"plugin");
        let secret = secret(1);
        for bare in [digest.bytes().to_vec(), digest.to_string().into_bytes()] {
            let signature = Signature {
                key: secret.public(),
                bytes: secret.sign(&bare),
            };
            assert!(!signature.holds(&digest));
        }
    }

    #[test]
    fn a_text_that_is_no_signature_is_refused() {
        let whole = Signature::sign(&secret(1), &Digest::of(b"plugin")).to_string();
        let shorter = &whole[..whole.len() - 4];
        let longer = format!("{whole}AAAA");
        for text in ["", "ed25519:", "ed25519::", shorter, &longer, &whole[1..]] {
            assert_eq!(text.parse::<Signature>(), Err(NoSignature), "{text}");
        }
    }
}
