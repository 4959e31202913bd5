//! What a case costs that does nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{RUNS, build, file_error, newest_report, time, unexpected};
use crate::Outcome;
use crate::plugins;
use crate::process;

/// The suite of these cases.
pub(super) const IDLE: &str = "idle";

/// What cases that do nothing took.
#[derive(Default)]
pub(crate) struct Idle {
    /// Whole processes.
    pub(crate) runs: Vec<Duration>,
    /// The first case of each: it also pays for what all cases share, such as pages of the compiled code.
    pub(crate) first: Vec<Duration>,
    /// All other cases.
    pub(crate) further: Vec<Duration>,
}

/// Runs them one after the other and takes the times of their attempts (instance, entry and teardown) from the reports.
pub(crate) fn measure() -> Outcome<Idle> {
    let folder = process::target_directory().join("bench");
    let mut idle = Idle::default();
    for round in 0..=RUNS {
        let reports = folder.join(round.to_string());
        let alone = [
            "run",
            "--no-progress",
            "--trust=all",
            "--environment=none",
            "--jobs=1",
        ];
        let mut host = process::command(build::host(), alone);
        host.arg(plugins::built(IDLE));
        host.arg("--report-dir").arg(&reports);
        let time = time(&mut host)?;
        let mut cases = attempts(&read(&newest_report(&reports)?)?).into_iter();
        // The first run fills the cache of compiled code.
        if round > 0 {
            idle.runs.push(time);
            idle.first.extend(cases.next());
            idle.further.extend(cases);
        }
    }
    Ok(idle)
}

fn read(path: &Path) -> Outcome<Value> {
    let text = fs::read(path).map_err(|source| file_error(path, source))?;
    serde_json::from_slice(&text).map_err(|error| unexpected(error.to_string()))
}

fn attempts(report: &Value) -> Vec<Duration> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    list(report, "suites")
        .iter()
        .flat_map(|suite| list(suite, "cases"))
        .flat_map(|case| list(&case, "attempts"))
        .filter_map(|attempt| attempt["duration_ns"].as_u64())
        .map(Duration::from_nanos)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::Figures;

    #[test]
    fn every_attempt_of_every_case_is_read() {
        let report = serde_json::json!({"suites": [{"cases": [
            {"attempts": [{"duration_ns": 5}, {"duration_ns": 7}]}, {"attempts": []},
        ]}]});
        assert_eq!(attempts(&report), [5, 7].map(Duration::from_nanos));
    }

    #[test]
    fn a_run_without_a_case_gives_no_figure() {
        let none = attempts(&serde_json::json!({"suites": []}));
        assert!(Figures::new("nothing", none).is_err());
    }
}
