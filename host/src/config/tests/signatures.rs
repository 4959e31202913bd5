//! `[signatures]`: who has to vouch for locked plugins.

use assay_pins::signature::Policy;

use super::{assert_refused, inputs};
use crate::config::{resolve, signatures::MAX_KEYS};

/// The public key of RFC 8032, section 7.1, test 1.
const KEY: &str = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn policy(text: &str) -> Policy {
    resolve(inputs(text)).unwrap().signatures
}

#[test]
fn without_a_word_nobody_looks_at_signatures() {
    assert_eq!(policy(""), Policy::None);
    assert_eq!(
        policy("[signatures]\npolicy = \"none\"\nkeys = []"),
        Policy::None
    );
}

#[test]
fn keys_alone_mean_that_they_are_required() {
    let keys = vec![KEY.parse().unwrap()];
    let required = policy(&format!("[signatures]\nkeys = [\"{KEY}\"]"));
    assert_eq!(required, Policy::Require(keys.clone()));
    let warned = policy(&format!(
        "[signatures]\npolicy = \"warn\"\nkeys = [\"{KEY}\"]"
    ));
    assert_eq!(warned, Policy::Warn(keys));
}

#[test]
fn what_demands_a_signature_of_nobody_is_refused() {
    let by_policy = "assay.toml:2: `policy`: nobody is trusted";
    let by_keys = "assay.toml:2: `keys`: nobody is trusted";
    assert_refused(&[
        ("[signatures]\npolicy = \"require\"", by_policy, ""),
        ("[signatures]\npolicy = \"warn\"\nkeys = []", by_policy, ""),
        ("[signatures]\nkeys = []", by_keys, ""),
        (
            "[signatures]\npolicy = \"requires\"",
            "assay.toml:2: `requires` is no policy of signatures",
            "did you mean `require`?",
        ),
        (
            "[signatures]\nkeys = [\"ed25519:short\"]",
            "assay.toml:2: `keys`: this is no public key of Ed25519",
            "",
        ),
    ]);
}

#[test]
fn there_are_as_many_keys_as_may_be_and_no_more() {
    let keys = |count| {
        let keys = vec![format!("\"{KEY}\""); count].join(",");
        format!("[signatures]\nkeys = [{keys}]")
    };
    let Policy::Require(most) = policy(&keys(MAX_KEYS)) else {
        panic!("they are required");
    };
    assert_eq!(most.len(), MAX_KEYS);
    let refused = "assay.toml:2: `keys`: 101 keys are more than 100";
    assert_refused(&[(&keys(MAX_KEYS + 1), refused, "")]);
}
