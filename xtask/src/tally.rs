//! How many tests passed and failed, read from what the test runner prints.

use std::fmt;
use std::ops::AddAssign;

/// The sums over all test programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Takes in one line; only the runners' summaries count.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim_start();
        let counts = if let Some(rest) = line.strip_prefix("test result:") {
            // libtest: `ok. 3 passed; 0 failed; 0 ignored; ...`
            rest
        } else if line.starts_with("Summary [")
            && let Some((_, rest)) = line.split_once(" run: ")
        {
            // nextest: `9 passed (1 slow), 1 failed, 1 timed out, 2 skipped`
            rest
        } else {
            return;
        };
        for count in counts.split([',', ';', '.']) {
            let mut words = count.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += number,
                // `exec failed` is a program that did not start, `timed out` one that was killed.
                Some("failed" | "exec" | "timed") => self.failed += number,
                _ => {}
            }
        }
    }

    /// Whether something was tested and nothing failed.
    pub(crate) fn is_green(&self) -> bool {
        self.passed > 0 && self.failed == 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn the_programs_of_cargo_test_are_added_up() {
        let tally = tally(&[
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ]);
        assert_eq!(tally.to_string(), "5 passed, 1 failed");
        assert!(!tally.is_green());
    }

    #[test]
    fn the_summary_of_nextest_is_read() {
        let line = "     Summary [   1.234s] 12 tests run: 9 passed (1 slow), 1 failed, 1 exec failed, 1 timed out, 2 skipped";
        assert_eq!(tally(&[line]).to_string(), "9 passed, 3 failed");
        let line = "     Summary [   1.234s] 1 test run: 1 passed, 0 skipped";
        assert!(tally(&[line]).is_green());
    }

    #[test]
    fn batches_are_added_up() {
        let mut sum = tally(&["test result: ok. 3 passed; 0 failed; 0 ignored"]);
        sum += tally(&["test result: FAILED. 1 passed; 2 failed; 0 ignored"]);
        assert_eq!(sum.to_string(), "4 passed, 2 failed");
    }

    #[test]
    fn what_a_test_prints_does_not_count() {
        assert_eq!(
            tally(&["7 passed, 7 failed", "Summary: 3 passed"]),
            Tally::default()
        );
    }

    #[test]
    fn nothing_tested_is_not_green() {
        assert!(!Tally::default().is_green());
    }
}
