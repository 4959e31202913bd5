//! Whether a plugin without a signature of a known key may run: a plain value, which `assay.toml` gives.

use assay_report::hint::Hinted;
use thiserror::Error;

use super::{PublicKey, Signature};
use crate::digest::Digest;

/// What is demanded of signatures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Nothing; nobody looks at them.
    #[default]
    None,
    /// Whoever runs a plugin that none of these keys signed is told.
    Warn(Vec<PublicKey>),
    /// What none of these keys signed does not run.
    Require(Vec<PublicKey>),
}

/// What a policy says of a plugin that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nobody looked.
    Unasked,
    /// This key signed it.
    Signed(PublicKey),
    /// None of the keys did, and somebody has to be told.
    Warned(Distrust),
}

impl Policy {
    /// Looks at the signatures of a digest. One good one is enough: others may be of keys that are known elsewhere.
    pub fn judge(&self, digest: &Digest, signatures: &[Signature]) -> Result<Trust, Distrust> {
        let (keys, is_required) = match self {
            Self::None => return Ok(Trust::Unasked),
            Self::Warn(keys) => (keys, false),
            Self::Require(keys) => (keys, true),
        };
        match signed(keys, digest, signatures) {
            Ok(key) => Ok(Trust::Signed(key)),
            Err(distrust) if is_required => Err(distrust),
            Err(distrust) => Ok(Trust::Warned(distrust)),
        }
    }
}

fn signed(
    keys: &[PublicKey],
    digest: &Digest,
    signatures: &[Signature],
) -> Result<PublicKey, Distrust> {
    let known = |signature: &&Signature| keys.contains(signature.key());
    let of_known: Vec<&Signature> = signatures.iter().filter(known).collect();
    if let Some(good) = of_known.iter().find(|signature| signature.holds(digest)) {
        return Ok(*good.key());
    }
    Err(match (of_known.first(), signatures.first()) {
        (Some(forged), _) => Distrust::Forged(*forged.key(), *digest),
        (None, Some(strange)) => Distrust::UnknownKey(*strange.key()),
        (None, None) => Distrust::Unsigned,
    })
}

/// Why no known key vouches for a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Distrust {
    /// There is no signature.
    #[error("it is not signed")]
    Unsigned,
    /// Somebody else signed it.
    #[error("it is signed by {0}, which is none of the keys of `assay.toml`")]
    UnknownKey(PublicKey),
    /// The signature is of something else.
    #[error("its signature of {0} is not one of {1}")]
    Forged(PublicKey, Digest),
}

impl Hinted for Distrust {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Unsigned => "sign it, or lock one that is signed",
            Self::UnknownKey(_) => "add the key, if you know whose it is and trust them",
            Self::Forged(..) => {
                "do not run it; lock it anew from where it comes, and ask who changed it"
            }
        };
        Some(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SecretKey;

    fn secret(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    #[test]
    fn one_good_signature_of_a_known_key_is_enough() {
        let digest = Digest::of(b"plugin");
        let keys = vec![secret(1).public(), secret(2).public()];
        let signatures = [
            Signature::sign(&secret(9), &digest),
            Signature::sign(&secret(1), &Digest::of(b"former")),
            Signature::sign(&secret(2), &digest),
        ];
        for policy in [Policy::Warn(keys.clone()), Policy::Require(keys)] {
            let trust = policy.judge(&digest, &signatures);
            assert_eq!(trust, Ok(Trust::Signed(secret(2).public())));
        }
    }

    #[test]
    fn what_no_known_key_signed_is_refused_or_told_or_nobody_s_business() {
        let digest = Digest::of(b"plugin");
        let keys = vec![secret(1).public()];
        let strange = Signature::sign(&secret(2), &digest);
        let forged = Signature::sign(&secret(1), &Digest::of(b"other"));
        for (signatures, distrust) in [
            (vec![], Distrust::Unsigned),
            (
                vec![strange.clone()],
                Distrust::UnknownKey(secret(2).public()),
            ),
            (
                vec![strange, forged],
                Distrust::Forged(secret(1).public(), digest),
            ),
        ] {
            let judge = |policy: Policy| policy.judge(&digest, &signatures);
            assert_eq!(judge(Policy::None), Ok(Trust::Unasked));
            let warned = Trust::Warned(distrust.clone());
            assert_eq!(judge(Policy::Warn(keys.clone())), Ok(warned));
            assert_eq!(judge(Policy::Require(keys.clone())), Err(distrust));
        }
    }

    #[test]
    fn a_policy_without_keys_trusts_nobody() {
        let digest = Digest::of(b"plugin");
        let signature = Signature::sign(&secret(1), &digest);
        let refused = Policy::Require(Vec::new()).judge(&digest, &[signature]);
        assert_eq!(refused, Err(Distrust::UnknownKey(secret(1).public())));
    }
}
