//! What came of a run, as its `report.json` says.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader, Read as _},
    path::{Path, PathBuf},
};

use assay_report::{hint::Hinted, verdict::Verdict};
use serde::Deserialize;
use thiserror::Error;

/// The most bytes of a `report.json`; the host's own are far below.
const MAX_REPORT: u64 = 256 << 20;

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the run as a whole was good: the host ended with 0.
    pub good: bool,
    /// How many cases were good.
    pub passed: usize,
    /// The ids `suite/case` of those that failed, errored, or told no end.
    pub failed: BTreeSet<String>,
}

/// Why it is not known what came of a run.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The report cannot be read.
    #[error("cannot read the report `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is longer than any report.
    #[error("the report `{}` has more than {MAX_REPORT} bytes", path.display())]
    Long {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("`{}` is no report of a run: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl Hinted for ReportError {
    fn hint(&self) -> Option<String> {
        Some("look whether another program writes into the same folder".to_owned())
    }
}

/// As much of the document as is needed.
#[derive(Deserialize)]
struct Report {
    suites: Vec<Suite>,
}

#[derive(Deserialize)]
struct Suite {
    name: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    verdict: Option<Verdict>,
}

impl Outcome {
    /// Reads it; none if there is no report, because nothing was run.
    pub fn read(path: &Path, good: bool) -> Result<Option<Self>, ReportError> {
        Self::read_at_most(path, good, MAX_REPORT)
    }

    fn read_at_most(path: &Path, good: bool, most: u64) -> Result<Option<Self>, ReportError> {
        let unreadable = |source| ReportError::Read {
            path: path.to_owned(),
            source,
        };
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(unreadable)?,
        };
        if file.metadata().map_err(unreadable)?.len() > most {
            return Err(ReportError::Long {
                path: path.to_owned(),
            });
        }
        let report: Report =
            serde_json::from_reader(BufReader::new(file.take(most))).map_err(|source| {
                ReportError::Malformed {
                    path: path.to_owned(),
                    source,
                }
            })?;
        Ok(Some(Self::of(&report, good)))
    }

    fn of(report: &Report, good: bool) -> Self {
        let mut outcome = Self {
            good,
            ..Self::default()
        };
        for suite in &report.suites {
            for case in &suite.cases {
                match case.verdict {
                    Some(Verdict::Passed | Verdict::Flaky | Verdict::Degraded) => {
                        outcome.passed += 1;
                    }
                    Some(Verdict::Skipped) => {}
                    Some(Verdict::Failed | Verdict::Errored) | None => {
                        let id = format!("{}/{}", suite.name, case.name);
                        outcome.failed.insert(id);
                    }
                }
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"schema": "x", "suites": [{"name": "shop", "summary": "", "cases": [
        {"name": "a", "verdict": "passed"}, {"name": "b", "verdict": "failed"}, {"name": "c", "verdict": "errored"},
        {"name": "d", "verdict": "skipped"}, {"name": "e", "verdict": "flaky"}, {"name": "f", "verdict": "degraded"},
        {"name": "g", "verdict": null}]}]}"#;

    fn report(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn cases_that_failed_errored_or_told_no_end_are_bad() {
        let (_folder, path) = report(REPORT);
        let outcome = Outcome::read(&path, false).unwrap().unwrap();
        assert_eq!(outcome.passed, 3);
        let failed: Vec<&str> = outcome.failed.iter().map(String::as_str).collect();
        assert_eq!(failed, ["shop/b", "shop/c", "shop/g"]);
    }

    #[test]
    fn without_a_report_nothing_was_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        assert_eq!(Outcome::read(&path, false).unwrap(), None);
    }

    #[test]
    fn a_report_has_a_bound_and_a_form() {
        let (_folder, path) = report(REPORT);
        let length = REPORT.len() as u64;
        assert!(Outcome::read_at_most(&path, true, length).is_ok());
        let error = Outcome::read_at_most(&path, true, length - 1).unwrap_err();
        assert!(matches!(error, ReportError::Long { .. }), "{error}");
        let (_folder, path) = report("{}");
        let error = Outcome::read(&path, true).unwrap_err();
        assert!(matches!(error, ReportError::Malformed { .. }), "{error}");
    }
}
