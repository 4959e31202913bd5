//! What a registry says: manifests, challenges, digests and signatures, within their limits and read as they are written.

use assay_pins::{
    Digest,
    registry::{Challenge, Logins, manifest::Manifest},
    signature::{MAX_SIGNATURES, PublicKey, Signature},
};

use crate::pieces;

/// Bytes that the plugin of a manifest may have.
const LIMIT: u64 = 1 << 20;

/// Reads bytes as each of them.
pub fn registry(data: &[u8]) {
    if let Ok(manifest) = Manifest::read(data) {
        understood(&manifest);
    }
    let text = pieces::text(data);
    if let Some(Challenge::Bearer { realm, service }) = Challenge::read(&text) {
        let service = service.unwrap_or_default();
        assert!(
            realm.len() + service.len() <= text.len(),
            "{realm} {service}"
        );
    }
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
    }
    if let Ok(signature) = text.parse::<Signature>() {
        assert_eq!(signature.to_string().parse(), Ok(signature.clone()));
        assert!(!signature.holds(&Digest::of(data)), "nobody signed it");
    }
    if let Ok(key) = text.parse::<PublicKey>() {
        let again: PublicKey = key.to_string().parse().expect("it was written");
        assert_eq!(again, key);
    }
    if let Ok(logins) = Logins::of_docker(&text) {
        let shown = format!("{logins:?}");
        let long = logins.secrets().filter(|secret| secret.len() > 8);
        for secret in long {
            assert!(
                !shown.contains(secret) || text.matches(secret).count() > 0,
                "{shown}"
            );
        }
    }
}

fn understood(manifest: &Manifest) {
    let written = serde_json::to_vec(manifest).expect("a manifest is JSON");
    assert_eq!(Manifest::read(&written).as_ref(), Ok(manifest));
    match manifest.plugin(LIMIT) {
        Ok(plugin) => {
            assert!(plugin.size <= LIMIT && plugin.signatures.len() <= MAX_SIGNATURES);
            assert_eq!(manifest.layers.len(), 1);
            assert_eq!(manifest.layers[0].digest, plugin.digest);
        }
        Err(problem) => {
            assert!(problem.len() < 2_000, "{problem}");
            assert!(!problem.chars().any(char::is_control), "{problem:?}");
        }
    }
}
