//! What the suites' tables of defects (`defects.toml`) have to keep to.

use std::collections::BTreeMap;

/// Checks a table: it is not empty, and each defect names at least one case, and only such as the suite has.
///
/// # Panics
/// When it does not; for a suite's native tests.
pub fn check_table(text: &str, cases: &[&str]) {
    let table: Result<BTreeMap<String, Vec<String>>, _> = toml::from_str(text);
    let table = table.unwrap_or_else(|error| panic!("defect = [case]: {error}"));
    assert!(!table.is_empty(), "it names no defect");
    for (defect, names) in &table {
        assert!(!names.is_empty(), "{defect} names no case");
        for name in names {
            assert!(
                cases.contains(&name.as_str()),
                "{defect}: no case is called {name}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_cases_that_exist_is_sound() {
        check_table("D1 = ['one']\nD2 = ['one', 'other']", &["one", "other"]);
    }

    #[test]
    fn a_table_that_says_nothing_or_something_else_is_not() {
        for text in ["", "D1 = []", "D1 = ['none']", "D1 = 'one'", "D1"] {
            let checked = std::panic::catch_unwind(|| check_table(text, &["one"]));
            assert!(checked.is_err(), "{text}");
        }
    }
}
