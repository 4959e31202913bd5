//! Names that no other attempt, run or user has.

use std::cell::Cell;

use assay_sdk::context;

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// A name for something that this attempt makes: what it is for, the run, the entry, the attempt, and a number.
pub fn unique(purpose: &str) -> String {
    let identity = context::identity();
    let count = COUNT.get() + 1;
    COUNT.set(count);
    let (run, entry, attempt) = (identity.run_id, identity.entry, identity.attempt);
    format!("{purpose} [{run} {entry} {attempt}.{count}]")
}

/// An idempotency key that no other request has.
pub fn idempotency_key() -> String {
    let plain = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => character,
        _ => '_',
    };
    unique("key").chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_plain_and_differ() {
        let (one, other) = (idempotency_key(), idempotency_key());
        assert_ne!(one, other);
        assert!(
            one.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{one}"
        );
    }

    #[test]
    fn two_names_for_one_purpose_differ() {
        let (first, second) = (unique("play"), unique("play"));
        assert_ne!(first, second);
        assert!(first.starts_with("play [native native 1."), "{first}");
    }
}
