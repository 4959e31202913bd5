//! Names as small numbers, and no more of them than a budget.
//!
//! Whoever puts an id into a name (a URL, a check) would otherwise grow memory with each request. Beyond the budget all further names are
//! one, which says so.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// The name of all that are beyond the budget.
pub const OTHER: &str = "…other";
/// The longest name, in bytes; a longer one is cut, and ends in `…`.
pub const MAX_NAME: usize = 256;

/// Names in the order of their first use; the place of a name is its number.
#[derive(Debug)]
pub(super) struct Names {
    budget: usize,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<String, u16>,
    names: Vec<String>,
}

impl Names {
    /// With room for so many, fewer than 65,536, and [`OTHER`].
    pub(super) fn with_budget(budget: u16) -> Self {
        Self {
            budget: usize::from(budget),
            known: RwLock::default(),
        }
    }

    /// The number of a name, which stays the same. About 30 ns for a known one: keep it where that matters.
    pub(super) fn number(&self, name: &str) -> u16 {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(name) {
            return *number;
        }
        drop(known);
        self.add(cut(name))
    }

    fn add(&self, name: String) -> u16 {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let name = match known.numbers.len() < self.budget {
            true => name,
            false if known.numbers.contains_key(&name) => name,
            false => OTHER.to_owned(),
        };
        if let Some(number) = known.numbers.get(&name) {
            return *number;
        }
        // At most the budget and one more.
        let number = u16::try_from(known.names.len()).unwrap_or(u16::MAX);
        known.names.push(name.clone());
        known.numbers.insert(name, number);
        number
    }

    /// All of them; the place is the number.
    pub(super) fn all(&self) -> Vec<String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.names.clone()
    }
}

fn cut(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let end = name.floor_char_boundary(MAX_NAME - '…'.len_utf8());
    format!("{}…", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let names = Names::with_budget(10);
        assert_eq!(
            (names.number("a"), names.number("b"), names.number("a")),
            (0, 1, 0)
        );
        assert_eq!(names.all(), ["a", "b"]);
    }

    #[test]
    fn beyond_the_budget_all_names_are_one_and_the_known_ones_stay() {
        let names = Names::with_budget(2);
        let numbers = ["a", "b", "c", "d", "b"].map(|name| names.number(name));
        assert_eq!(numbers, [0, 1, 2, 2, 1]);
        assert_eq!(names.all(), ["a", "b", OTHER]);
    }

    #[test]
    fn a_name_at_the_limit_stays_and_a_longer_one_is_cut_between_characters() {
        let names = Names::with_budget(10);
        let fits = "x".repeat(MAX_NAME);
        names.number(&fits);
        names.number(&format!("{fits}x"));
        names.number(&"ü".repeat(MAX_NAME));
        let all = names.all();
        assert_eq!(all[0], fits);
        assert_eq!(all[1], format!("{}…", "x".repeat(MAX_NAME - 3)));
        assert_eq!(all[2], format!("{}…", "ü".repeat(126)));
        // Cut names are the same name from then on.
        assert_eq!(names.number(&format!("{fits}y")), 1);
    }
}
