//! `host run` with the suite `loader`, which makes the load that it is told, and what the report says of that load.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::cores::{Cores, pinned};
use super::watch::{Watched, watch};
use super::{build, file_error, newest_report, unexpected};
use crate::Outcome;
use crate::plugins;
use crate::process;

/// The suite whose case makes load, and the case.
pub(super) const LOADER: &str = "loader";
const CASE: &str = "loader/makes-what-the-settings-say";
/// What the host may take before and after its load.
const AROUND: Duration = Duration::from_mins(2);

/// How load is made.
#[derive(Clone, Copy)]
pub(super) enum Executor {
    /// Virtual users, for so many seconds.
    Constant(u64),
    /// So many iterations for each.
    Each(u64),
    /// So many starts each second, for so many seconds.
    Rate(f64, u64),
}

/// What the suite is told.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) scenario: &'static str,
    pub(super) vus: u32,
    pub(super) executor: Executor,
    /// Seconds that iterations under way may take at the end; none: a few.
    pub(super) grace: Option<u64>,
    /// Whether each virtual user has an instance; a scenario that is a plain function has one anyway.
    pub(super) isolated: bool,
    /// For the scenario: a URL, or so many milliseconds.
    pub(super) parameter: String,
    /// Where its reports go, below the bench's own folder.
    pub(super) folder: &'static str,
}

/// What came of it.
pub(super) struct Made {
    pub(super) watched: Watched,
    /// As the report tells it, or why there is none.
    pub(super) outcome: Result<Value, String>,
}

impl Made {
    /// Where only an outcome will do.
    pub(super) fn outcome(&self) -> Outcome<&Value> {
        let told = self.outcome.as_ref();
        told.map_err(|message| unexpected(format!("the load has no outcome: {message}")))
    }
}

impl Load {
    /// The command line, on the clients' core.
    pub(super) fn command(&self, cores: Cores) -> Command {
        pinned(cores.client, build::host(), self.arguments())
    }

    /// What the host is told.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let fixed = [
            "run",
            "--no-progress",
            "--trust=all",
            "--environment=none",
            "--jobs=1",
        ];
        let mut arguments: Vec<OsString> = fixed.map(OsString::from).into();
        arguments.push(format!("--filter={CASE}").into());
        let settings = self.settings().into_iter();
        arguments.extend(settings.map(|setting| format!("--set=load.{setting}").into()));
        arguments.push(plugins::built(LOADER).into());
        arguments.extend(["--report-dir".into(), self.reports().into()]);
        arguments
    }

    fn settings(&self) -> Vec<String> {
        let mut settings = vec![
            format!("scenario={}", self.scenario),
            format!("vus={}", self.vus),
            format!("parameter={}", self.parameter),
        ];
        settings.extend(self.grace.map(|grace| format!("grace-s={grace}")));
        if self.isolated {
            settings.push("isolated=true".to_owned());
        }
        match self.executor {
            Executor::Constant(seconds) => settings.push(format!("seconds={seconds}")),
            Executor::Each(iterations) => settings.push(format!("each={iterations}")),
            Executor::Rate(rate, seconds) => {
                settings.push(format!("per-second={rate}"));
                settings.push(format!("seconds={seconds}"));
            }
        }
        settings
    }

    fn reports(&self) -> PathBuf {
        process::target_directory().join("bench").join(self.folder)
    }

    /// Whether all its virtual users are ready, as the log of events tells while it is made.
    pub(super) fn has_begun(&self) -> bool {
        let log = fs::read_to_string(self.reports().join("events.jsonl"));
        log.is_ok_and(|log| log.contains(r#""event":"load_started""#))
    }

    /// Makes it. `expected` is how long it takes; `look` is called with the number of the host's process now and then.
    pub(super) fn make(
        &self,
        cores: Cores,
        expected: Duration,
        look: impl FnMut(u32),
    ) -> Outcome<Made> {
        self.make_by(&mut self.command(cores), expected, look)
    }

    /// The same by a command line that has its [`Load::arguments`].
    pub(super) fn make_by(
        &self,
        command: &mut Command,
        expected: Duration,
        look: impl FnMut(u32),
    ) -> Outcome<Made> {
        let reports = self.reports();
        if reports.exists() {
            // Those of an earlier run are not to be taken for those of this one.
            fs::remove_dir_all(&reports).map_err(|source| file_error(&reports, source))?;
        }
        let watched = watch(command, expected + AROUND, look)?;
        let Ok(path) = newest_report(&reports) else {
            return Err(unexpected(watched.errors));
        };
        let text = fs::read(&path).map_err(|source| file_error(&path, source))?;
        let report: Value =
            serde_json::from_slice(&text).map_err(|error| unexpected(error.to_string()))?;
        let outcome = outcome(&report).map_err(|message| {
            let message = message.unwrap_or_else(|| "no load is told of".to_owned());
            format!("{message} ({})", watched.status)
        });
        Ok(Made { watched, outcome })
    }
}

/// What the report tells of its only load; the error is why there is nothing, if that is told.
fn outcome(report: &Value) -> Result<Value, Option<String>> {
    let case = &report["suites"][0]["cases"][0];
    let end = &case["attempts"][0]["loads"][0]["end"];
    if end["outcome"].is_object() {
        return Ok(end["outcome"].clone());
    }
    let message = [&end["message"], &case["reason"]["message"]];
    Err(message
        .iter()
        .find_map(|text| text.as_str().map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_told_by_settings() {
        let mut load = Load {
            scenario: "fires",
            vus: 64,
            executor: Executor::Rate(500.0, 3),
            grace: None,
            isolated: false,
            parameter: "http://127.0.0.1:1/".to_owned(),
            folder: "test",
        };
        let rate = [
            "scenario=fires",
            "vus=64",
            "parameter=http://127.0.0.1:1/",
            "per-second=500",
            "seconds=3",
        ];
        assert_eq!(load.settings(), rate);
        load.executor = Executor::Each(1);
        assert_eq!(load.settings()[3..], ["each=1"]);
        load.executor = Executor::Constant(4);
        (load.isolated, load.grace) = (true, Some(9));
        let wanted = ["grace-s=9", "isolated=true", "seconds=4"];
        assert_eq!(load.settings()[3..], wanted);
    }

    #[test]
    fn the_outcome_is_found_or_why_there_is_none() {
        let report = |end: &str| {
            let text = format!(
                r#"{{"suites":[{{"cases":[{{"attempts":[{{"loads":[{{"end":{end}}}]}}]}}]}}]}}"#
            );
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let made = report(r#"{"outcome":{"iterations":3},"message":null}"#);
        assert_eq!(outcome(&made).unwrap()["iterations"], 3);
        let refused = report(r#"{"outcome":null,"message":"too many"}"#);
        assert_eq!(outcome(&refused), Err(Some("too many".to_owned())));
        assert_eq!(outcome(&report("null")), Err(None));
    }
}
