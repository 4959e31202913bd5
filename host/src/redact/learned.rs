//! Secrets that a run meets on its way. Bounded: a system that sets another cookie with each answer pushes out the oldest ones.

use std::collections::VecDeque;

use super::needles::Secret;

/// Secrets that are remembered.
pub(super) const MAX_LEARNED: usize = 512;
/// Bytes of a secret that is remembered.
pub(super) const MAX_LEARNED_BYTES: usize = 4 << 10;
/// Bytes of all of them.
pub(super) const MAX_ALL_BYTES: usize = 64 << 10;

/// The newest ones.
#[derive(Debug, Default)]
pub(super) struct Learned {
    secrets: VecDeque<Secret>,
    bytes: usize,
    /// Of the newest ones, how many nobody has asked for.
    new: usize,
}

impl Learned {
    /// Whether it is known, or nothing to be remembered.
    pub(super) fn has(&self, value: &str) -> bool {
        value.len() > MAX_LEARNED_BYTES || self.secrets.iter().any(|known| known.value() == value)
    }

    /// Remembers it; none if there is nothing new to remember.
    pub(super) fn add(&mut self, value: &str) -> Option<Secret> {
        if self.has(value) {
            return None;
        }
        let secret = Secret::nameless(value)?;
        self.bytes += value.len();
        self.secrets.push_back(secret.clone());
        self.new += 1;
        while self.secrets.len() > MAX_LEARNED || self.bytes > MAX_ALL_BYTES {
            let oldest = self.secrets.pop_front()?;
            self.bytes -= oldest.value().len();
        }
        self.new = self.new.min(self.secrets.len());
        Some(secret)
    }

    /// Whether some came since [`Learned::newest`] was last asked.
    pub(super) fn has_new(&self) -> bool {
        self.new > 0
    }

    /// Those that came since this was last asked, the oldest first, but for what was forgotten meanwhile.
    pub(super) fn newest(&mut self) -> Vec<String> {
        let known = self.secrets.len() - std::mem::take(&mut self.new);
        let newest = self.secrets.iter().skip(known);
        newest.map(|secret| secret.value().to_owned()).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_answered_once_and_only_what_is_remembered_still() {
        let mut learned = Learned::default();
        assert!(learned.newest().is_empty());
        learned.add("first one");
        learned.add("second one");
        learned.add("first one");
        assert_eq!(learned.newest(), ["first one", "second one"]);
        assert!(learned.newest().is_empty());
        for number in 0..=MAX_LEARNED {
            learned.add(&format!("secret {number}"));
        }
        let newest = learned.newest();
        assert_eq!((newest.len(), &*newest[0]), (MAX_LEARNED, "secret 1"));
    }

    #[test]
    fn at_the_limit_the_oldest_is_forgotten_and_what_is_too_long_or_too_short_is_not_remembered() {
        let mut learned = Learned::default();
        for number in 0..=MAX_LEARNED {
            assert!(learned.add(&format!("secret {number}")).is_some());
        }
        assert!(!learned.has("secret 0") && learned.has("secret 1"));
        assert_eq!(learned.iter().count(), MAX_LEARNED);
        assert!(learned.add("secret 1").is_none());
        assert!(learned.add("abc").is_none());
        assert!(learned.add(&"x".repeat(MAX_LEARNED_BYTES)).is_some());
        assert!(learned.add(&"x".repeat(MAX_LEARNED_BYTES + 1)).is_none());
        for letter in [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
        ] {
            learned.add(&letter.repeat(MAX_LEARNED_BYTES));
        }
        assert_eq!(learned.iter().count(), MAX_ALL_BYTES / MAX_LEARNED_BYTES);
    }
}
