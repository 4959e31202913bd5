//! How many tests passed and failed, read from what the test runner prints.
//!
//! Each runner is read in its own words only: nextest shows the output of a failed test, and that holds libtest's own count.

use std::fmt;
use std::ops::AddAssign;

/// The sums over all test programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    /// Those that passed at a second try only; they are among `passed`.
    flaky: u64,
}

/// Whose summaries count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Summary {
    /// `test result: ok. 3 passed; 0 failed; 0 ignored; ...`, once for each test program.
    Libtest,
    /// `Summary [   1.2s] 12 tests run: 9 passed (1 slow, 1 flaky), 1 failed, 1 timed out, 2 skipped`, once.
    Nextest,
    /// Python's: `Ran 12 tests in 0.3s`, and after it `OK (skipped=1)` or `FAILED (failures=1, errors=2)`, once.
    Unittest,
}

impl Summary {
    /// The counts of a line, if it is a summary of one line.
    fn counts(self, line: &str) -> Option<&str> {
        match self {
            Self::Libtest => line.trim_start().strip_prefix("test result:"),
            Self::Nextest => {
                let summary = line.trim_start().strip_prefix("Summary [")?;
                Some(summary.split_once(" run: ")?.1)
            }
            Self::Unittest => None,
        }
    }
}

impl Tally {
    /// Something that was tried once.
    pub(crate) fn of(success: bool) -> Self {
        Self {
            passed: success.into(),
            failed: (!success).into(),
            flaky: 0,
        }
    }

    /// Takes in one line; only the runner's summaries count.
    pub(crate) fn read(&mut self, summary: Summary, line: &str) {
        if summary == Summary::Unittest {
            self.read_unittest(line);
            return;
        }
        let Some(counts) = summary.counts(line) else {
            return;
        };
        for count in counts.split([',', ';', '.', '(', ')']) {
            let mut words = count.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += number,
                // `exec failed` is a program that did not start, `timed out` one that was killed.
                Some("failed" | "exec" | "timed") => self.failed += number,
                Some("flaky") => self.flaky += number,
                _ => {}
            }
        }
    }

    /// The first line has all tests, and the second one those that did not pass.
    fn read_unittest(&mut self, line: &str) {
        if let Some(ran) = line.strip_prefix("Ran ") {
            let number = ran.split_whitespace().next();
            self.passed += number.and_then(|number| number.parse().ok()).unwrap_or(0);
            return;
        }
        let ending = line
            .split_once(" (")
            .filter(|(word, _)| ["OK", "FAILED"].contains(word));
        let counts = ending.map_or("", |(_, counts)| counts.trim_end_matches(')'));
        for (what, number) in counts.split(", ").filter_map(|count| count.split_once('=')) {
            let number = number.parse().unwrap_or(0);
            match what {
                "failures" | "errors" | "unexpected successes" => {
                    self.failed += number;
                    self.passed = self.passed.saturating_sub(number);
                }
                "skipped" => self.passed = self.passed.saturating_sub(number),
                // A failure that is expected is what passes.
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
        self.flaky += other.flaky;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        match self.flaky {
            0 => Ok(()),
            flaky => write!(formatter, ", {flaky} at a second try only"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(summary: Summary, lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(summary, line);
        }
        tally
    }

    #[test]
    fn the_programs_of_cargo_test_are_added_up() {
        let tally = tally(
            Summary::Libtest,
            &[
                "running 4 tests",
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
                "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            ],
        );
        assert_eq!(tally.to_string(), "5 passed, 1 failed");
        assert!(!tally.is_green());
    }

    #[test]
    fn the_summary_of_nextest_is_read() {
        let line = "     Summary [   1.234s] 12 tests run: 9 passed (1 slow), 1 failed, 1 exec failed, 1 timed out, 2 skipped";
        assert_eq!(
            tally(Summary::Nextest, &[line]).to_string(),
            "9 passed, 3 failed"
        );
        for (line, told) in [
            (
                "     Summary [   1.234s] 4 tests run: 4 passed (1 slow, 2 flaky), 2 skipped",
                "4 passed, 0 failed, 2 at a second try only",
            ),
            (
                "     Summary [   1.234s] 4 tests run: 3 passed (1 flaky), 1 failed",
                "3 passed, 1 failed, 1 at a second try only",
            ),
        ] {
            assert_eq!(tally(Summary::Nextest, &[line]).to_string(), told);
        }
        let line = "     Summary [   1.234s] 1 test run: 1 passed, 0 skipped";
        assert!(tally(Summary::Nextest, &[line]).is_green());
    }

    #[test]
    fn the_two_lines_of_unittest_are_read() {
        for (lines, expected) in [
            (["Ran 51 tests in 0.322s", "OK"], "51 passed, 0 failed"),
            (
                ["Ran 1 test in 0.001s", "OK (skipped=1)"],
                "0 passed, 0 failed",
            ),
            (
                [
                    "Ran 9 tests in 1.2s",
                    "FAILED (failures=1, errors=2, skipped=1, expected failures=1)",
                ],
                "5 passed, 3 failed",
            ),
            (
                ["Ran 2 tests in 1.2s", "FAILED (unexpected successes=1)"],
                "1 passed, 1 failed",
            ),
            (["Ran out of luck", "OK (then=7)"], "0 passed, 0 failed"),
        ] {
            assert_eq!(tally(Summary::Unittest, &lines).to_string(), expected);
        }
        assert!(!Tally::of(false).is_green() && Tally::of(true).is_green());
    }

    #[test]
    fn batches_are_added_up() {
        let mut sum = tally(
            Summary::Libtest,
            &["test result: ok. 3 passed; 0 failed; 0 ignored"],
        );
        sum += tally(
            Summary::Libtest,
            &["test result: FAILED. 1 passed; 2 failed; 0 ignored"],
        );
        assert_eq!(sum.to_string(), "4 passed, 2 failed");
    }

    #[test]
    fn what_a_test_prints_does_not_count() {
        for summary in [Summary::Libtest, Summary::Nextest, Summary::Unittest] {
            let counted = tally(summary, &["7 passed, 7 failed", "Summary: 3 passed"]);
            assert_eq!(counted, Tally::default());
        }
    }

    #[test]
    fn a_failed_test_whose_output_nextest_shows_is_not_counted_twice() {
        let shown = [
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 269 filtered out; finished in 0.11s",
            "     Summary [   1.234s] 2 tests run: 1 passed, 1 failed, 0 skipped",
        ];
        assert_eq!(
            tally(Summary::Nextest, &shown).to_string(),
            "1 passed, 1 failed"
        );
    }

    #[test]
    fn nothing_tested_is_not_green() {
        assert!(!Tally::default().is_green());
    }
}
