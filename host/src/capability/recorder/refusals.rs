//! Which refusals of an attempt are told: whoever asks for the same again and again hides nothing else by it.

use std::collections::BTreeMap;

use super::limits::{MAX_REFUSALS, MAX_SAME_REFUSALS};

/// How often each thing was refused that is told.
#[derive(Debug, Default)]
pub(super) struct Refusals(BTreeMap<(String, String), u32>);

impl Refusals {
    /// Hears of one: what sort of thing it was, and which. Answers whether it is to be told.
    pub(super) fn hear(&mut self, capability: &str, subject: &str) -> bool {
        let key = (capability.to_owned(), subject.to_owned());
        if let Some(times) = self.0.get_mut(&key) {
            *times = times.saturating_add(1);
            return *times <= MAX_SAME_REFUSALS;
        }
        let is_told = self.0.len() < MAX_REFUSALS;
        if is_told {
            self.0.insert(key, 1);
        }
        is_told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_up_to_its_limit_and_hides_nothing_else() {
        let mut refusals = Refusals::default();
        for _ in 0..MAX_SAME_REFUSALS {
            assert!(refusals.hear("host", "one"));
        }
        assert!(!refusals.hear("host", "one"));
        assert!(refusals.hear("host", "another"));
        assert!(refusals.hear("setting", "one"));
    }

    #[test]
    fn different_ones_are_told_up_to_their_limit() {
        let mut refusals = Refusals::default();
        for number in 0..MAX_REFUSALS {
            assert!(refusals.hear("host", &number.to_string()));
        }
        assert!(!refusals.hear("host", "one more"));
        assert!(refusals.hear("host", "0"));
    }
}
