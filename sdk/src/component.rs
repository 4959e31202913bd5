//! The two exports of a suite: what it says of itself, and how one of its entries is run.

use std::sync::Once;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::suite as contract;
use crate::problem::{Kind, Problem, Result};
use crate::registry::{self, Body, HookKind, Outcome};
use crate::{host, scope, user};

/// The most bytes of what `#[setup]` returns, as JSON.
const LONGEST_SHARED: usize = 1024 * 1024;

/// The component of a suite.
pub struct Component;

impl contract::Guest for Component {
    fn describe() -> contract::Description {
        report_panics();
        describe()
    }

    async fn run(entry: contract::Entry) -> std::result::Result<String, contract::Problem> {
        report_panics();
        if entry.kind == contract::Kind::VirtualUser {
            user::run(entry).await?;
            return Ok(String::new());
        }
        let Some(body) = body_of(&entry) else {
            return Err(Problem::errored(format!(
                "the suite has no {:?} `{}`: it was built anew since it was described; load it again",
                entry.kind, entry.name
            ))
            .into());
        };
        Ok(scope::run(body(entry)).await?)
    }
}

/// Tells the host of a panic before the trap that follows it.
fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let message = panic
                .payload_as_str()
                .unwrap_or("a panic without a message");
            let location = panic
                .location()
                .map(|place| format!("{}:{}", place.file(), place.line()));
            host::panicked(message, location.as_deref());
        }));
    });
}

fn describe() -> contract::Description {
    let suite = registry::suite();
    contract::Description {
        name: suite.map_or("unnamed", |suite| suite.name).to_owned(),
        version: suite.map_or("0.0.0", |suite| suite.version).to_owned(),
        summary: suite.map_or("", |suite| suite.summary).to_owned(),
        cases: registry::cases().into_iter().map(case_info).collect(),
        scenarios: registry::scenarios()
            .into_iter()
            .map(|scenario| contract::ScenarioInfo {
                name: scenario.name.to_owned(),
                summary: scenario.summary.to_owned(),
            })
            .collect(),
        baselines: suite
            .map_or(&[][..], |suite| suite.baselines)
            .iter()
            .map(baseline_info)
            .collect(),
        has_setup: registry::hook(HookKind::Setup).is_some(),
        has_teardown: registry::hook(HookKind::Teardown).is_some(),
    }
}

fn case_info(case: &registry::Case) -> contract::CaseInfo {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    contract::CaseInfo {
        name: case.name.to_owned(),
        summary: case.summary.to_owned(),
        tags: owned(case.tags),
        exclusive: case.exclusive,
        timeout_ms: case.timeout_ms,
        needs: owned(case.needs),
        location: Some(case.place.to_string()),
    }
}

fn baseline_info(baseline: &crate::Baseline) -> contract::BaselineInfo {
    contract::BaselineInfo {
        name: baseline.name.to_owned(),
        summary: baseline.summary.to_owned(),
        unit: baseline.unit.to_owned(),
        direction: if baseline.at_most {
            contract::Direction::AtMost
        } else {
            contract::Direction::AtLeast
        },
        target: baseline.target,
        critical: baseline.critical,
    }
}

fn body_of(entry: &contract::Entry) -> Option<Body> {
    match entry.kind {
        contract::Kind::Setup => registry::hook(HookKind::Setup).map(|hook| hook.run),
        contract::Kind::Teardown => registry::hook(HookKind::Teardown).map(|hook| hook.run),
        contract::Kind::TestCase => registry::cases()
            .into_iter()
            .find(|case| case.name == entry.name)
            .map(|case| case.run),
        contract::Kind::VirtualUser => None,
    }
}

/// What an entry without a value answers.
pub fn outcome(outcome: impl Outcome) -> Result<String> {
    succeeded(outcome).map(|()| String::new())
}

/// Whether an iteration went well.
pub fn succeeded(outcome: impl Outcome) -> Result<()> {
    outcome.into_result()
}

/// What `#[setup]` answers: its value as JSON.
pub fn setup_value<T: Serialize, E: Into<Problem>>(value: Result<T, E>) -> Result<String> {
    let value = value.map_err(Into::into)?;
    let text = serde_json::to_string(&value).map_err(|error| {
        Problem::errored(format!(
            "the value of `#[setup]` does not become JSON: {error}"
        ))
    })?;
    if text.len() > LONGEST_SHARED {
        return Err(Problem::errored(format!(
            "the value of `#[setup]` has {} bytes as JSON and may have {LONGEST_SHARED}: hand over ids, not contents",
            text.len()
        )));
    }
    Ok(text)
}

/// What `#[setup]` returned, for an entry that takes it.
pub fn shared<T: DeserializeOwned>(entry: &contract::Entry) -> Result<T> {
    if entry.data.is_empty() {
        return Err(Problem::errored(format!(
            "`{}` takes the value of `#[setup]`, and there is none: write a `#[setup]` or take nothing",
            entry.name
        )));
    }
    serde_json::from_str(&entry.data).map_err(|error| {
        Problem::errored(format!(
            "`{}` takes another type than `#[setup]` returns: {error}",
            entry.name
        ))
    })
}

impl From<Problem> for contract::Problem {
    fn from(problem: Problem) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let failure = contract::Failure {
            message: problem.message().to_owned(),
            expected: owned(problem.expected()),
            actual: owned(problem.actual()),
            location: owned(problem.location()),
        };
        match problem.kind() {
            Kind::Failed => Self::Failed(failure),
            Kind::Skipped => Self::Skipped(failure.message),
            Kind::Errored => Self::Errored(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(data: &str) -> contract::Entry {
        contract::Entry {
            kind: contract::Kind::TestCase,
            name: "first".to_owned(),
            vu: 0,
            data: data.to_owned(),
        }
    }

    #[test]
    fn setup_hands_its_value_to_the_cases() {
        let text = setup_value(Ok::<_, Problem>(vec![1, 2])).unwrap();
        assert_eq!(shared::<Vec<u32>>(&entry(&text)).unwrap(), [1, 2]);
    }

    #[test]
    fn a_value_of_setup_that_is_missing_or_another_type_is_the_suites_fault() {
        for data in ["", "{}"] {
            let problem = shared::<Vec<u32>>(&entry(data)).unwrap_err();
            assert_eq!(problem.kind(), Kind::Errored, "{problem}");
        }
    }

    #[test]
    fn the_value_of_setup_has_at_most_a_mebibyte() {
        let fitting = "x".repeat(LONGEST_SHARED - 2);
        assert!(setup_value(Ok::<_, Problem>(&fitting)).is_ok());
        let over = "x".repeat(LONGEST_SHARED - 1);
        assert_eq!(
            setup_value(Ok::<_, Problem>(&over)).unwrap_err().kind(),
            Kind::Errored
        );
    }

    #[test]
    fn a_skipped_case_keeps_its_reason() {
        let problem = contract::Problem::from(Problem::skipped("no store"));
        assert!(matches!(problem, contract::Problem::Skipped(why) if why == "no store"));
    }
}
