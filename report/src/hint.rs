//! What to do about an error, beside what is wrong: each error that a person sees knows both.

use std::error::Error;

/// An error that ends in something to do.
pub trait Hinted: Error {
    /// What to do about it, as a sentence without a full stop; none if the message says all.
    fn hint(&self) -> Option<String>;

    /// What was seen, such as output of a program; none unless there are lines of it. It comes after the hint, which nobody would
    /// find below it.
    fn details(&self) -> Option<String> {
        None
    }
}

/// An error for a person: what is wrong, and after it, on lines of their own, what to do and what was seen.
pub fn told(error: &(impl Hinted + ?Sized)) -> String {
    let hint = error.hint().map(|hint| format!("hint: {hint}"));
    [Some(error.to_string()), hint, error.details()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}

/// The known name that was probably meant, if one is near enough.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= name.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["core-flow", "jobs", "retries"];
        for (given, expected) in [
            ("core-flwo", Some("core-flow")),
            ("job", Some("jobs")),
            ("retires", Some("retries")),
            ("chaos", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, known), expected, "{given}");
        }
    }
}
