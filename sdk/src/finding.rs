//! What `check!` and `ensure!` do with what they found.

use std::fmt::Debug;

use crate::problem::Problem;
use crate::{host, scope, show};

/// The outcome of one check, before it is reported.
#[derive(Debug)]
pub struct Finding {
    passed: bool,
    name: String,
    expected: Option<String>,
    actual: Option<String>,
    location: Option<&'static str>,
}

impl Finding {
    /// Of a condition that is no comparison.
    pub fn of_condition(passed: bool, text: &str) -> Self {
        let shown = |value: bool| (!passed).then(|| value.to_string());
        Self {
            passed,
            name: text.to_owned(),
            expected: shown(true),
            actual: shown(false),
            location: None,
        }
    }

    /// Of a comparison; the sides are made into text only if it does not hold.
    pub fn of_comparison(
        passed: bool,
        text: &str,
        actual: &dyn Debug,
        operator: &str,
        expected: &dyn Debug,
    ) -> Self {
        let mut finding = Self::of_condition(passed, text);
        if !passed {
            let (actual, expected) = show::sides(actual, expected);
            finding.actual = Some(actual);
            finding.expected = Some(match operator {
                "==" => expected,
                "!=" => format!("anything but {expected}"),
                other => format!("{other} {expected}"),
            });
        }
        finding
    }

    /// A message in place of the source text.
    #[must_use]
    pub fn says(mut self, message: String) -> Self {
        self.name = message;
        self
    }

    /// Where the check stands, as `file:line`.
    #[must_use]
    pub fn at(mut self, location: &'static str) -> Self {
        self.location = Some(location);
        self
    }
}

/// Reports a finding and answers whether it is good.
pub fn check(finding: Finding) -> bool {
    let passed = finding.passed;
    if !passed {
        scope::check_failed(&finding.name);
    }
    host::report(&host::Check {
        name: finding.name,
        passed,
        expected: finding.expected,
        actual: finding.actual,
        location: finding.location.map(str::to_owned),
    });
    passed
}

/// Reports a good finding, which is evidence too, and makes a bad one the end of the case.
pub fn ensure(finding: Finding) -> Result<(), Problem> {
    if finding.passed {
        check(finding);
        return Ok(());
    }
    let location = finding.location.unwrap_or("unknown place");
    Err(Problem::failed(finding.name)
        .with_values(finding.expected, finding.actual)
        .at(location))
}

#[cfg(test)]
mod tests {
    use crate::host::native::reported;
    use crate::prelude::*;

    #[test]
    fn a_failed_comparison_shows_both_sides_and_its_place() {
        let status = 503;
        let place = format!("{}:{}", file!(), line!() + 1);
        assert!(!check!(status == 200));
        let check = reported().pop().unwrap();
        assert_eq!(check.name, "status == 200");
        assert_eq!(check.expected.as_deref(), Some("200"));
        assert_eq!(check.actual.as_deref(), Some("503"));
        assert_eq!(check.location, Some(place));
    }

    #[test]
    fn a_good_check_is_reported_too() {
        assert!(check!(1 + 1 == 2, "sums are {}", "right"));
        let check = reported().pop().unwrap();
        assert!(check.passed);
        assert_eq!(
            (check.name.as_str(), check.actual),
            ("sums are right", None)
        );
    }

    #[test]
    fn every_comparison_says_what_it_wanted() {
        let three = 3;
        check!(three < 3);
        check!(three != 3);
        check_eq!(vec![1, 2], [1, 3], "numbers");
        check!([three].contains(&4));
        let expected: Vec<_> = reported()
            .into_iter()
            .filter_map(|check| check.expected)
            .collect();
        assert_eq!(expected, ["< 3", "anything but 3", "[1, 3]", "true"]);
    }

    #[test]
    fn a_check_without_a_message_is_named_as_it_is_written() {
        let list = [1, 2];
        check!(list.iter().max() == Some(&2));
        check_eq!(list[..1], [1]);
        ensures(&list).unwrap();
        let names: Vec<_> = reported().into_iter().map(|check| check.name).collect();
        let expected = [
            "list.iter().max() == Some(&2)",
            "list[..1] == [1]",
            "!list.is_empty() && list.len() == 2",
        ];
        assert_eq!(names, expected);
    }

    fn ensures(list: &[u32]) -> Result {
        ensure!(!list.is_empty() && list.len() == 2);
        Ok(())
    }

    #[test]
    fn operands_are_borrowed_and_not_moved() {
        let left = String::from("a");
        let right = String::from("a");
        check!(left == right);
        check_eq!(left, right);
        assert_eq!((left.as_str(), right.as_str()), ("a", "a"));
    }

    #[test]
    fn ensure_ends_the_case_at_its_place() {
        const LINE: u32 = line!() + 3;
        fn case() -> Result<u32> {
            ensure!(2 > 1);
            ensure_eq!("b", "a", "letter {}", 1);
            Ok(1)
        }
        let problem = case().unwrap_err();
        let place = format!("{}:{LINE}", file!());
        assert_eq!(problem.message(), "letter 1");
        assert_eq!(problem.expected(), Some("\"a\""));
        assert_eq!(problem.actual(), Some("\"b\""));
        assert_eq!(problem.location(), Some(&*place));
        assert_eq!(reported().len(), 1, "the good one is evidence");
    }

    #[test]
    fn ensure_works_for_functions_with_other_results() {
        fn answer() -> Result<(), Box<Problem>> {
            ensure!(false, "no");
            Ok(())
        }
        assert_eq!(answer().unwrap_err().message(), "no");
    }
}
