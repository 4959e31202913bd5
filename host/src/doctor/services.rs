//! The services that run already: those that are given by URL, and those of `host environment up`.

use std::io;

use futures::future::join_all;

use super::Finding;
use crate::{
    config::{ServiceSource, Settings},
    environment::{
        kept::{Record, Store},
        probe::Probe,
    },
};

const AREA: &str = "service";

/// Asks each of them once whether it is healthy.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let environment = &settings.environment;
    let kept = match Store::new(&settings.state_dir, &environment.name).peek() {
        Ok(kept) => kept,
        Err(error) => return vec![unreadable(&environment.name, &error)],
    };
    let probe = match Probe::new() {
        Ok(probe) => probe,
        Err(error) => return vec![no_client(&error)],
    };
    let url_of = |name: &str| {
        let record = kept.as_ref()?;
        let mut services = record.services.iter();
        let service = services.find(|service| service.name == name)?;
        Some(service.url.clone())
    };
    let asking = environment.services.iter().map(|service| {
        let url = if let ServiceSource::Running { url, .. } = &service.source {
            Some(url.clone())
        } else {
            url_of(&service.name)
        };
        let probe = probe.clone();
        async move {
            let answer = match &url {
                Some(url) => Some((url.as_str(), probe.ask(url, &service.readiness).await)),
                None => None,
            };
            judge(&service.name, answer)
        }
    });
    let mut findings = join_all(asking).await;
    findings.extend(kept.as_ref().map(keeper));
    findings
}

fn judge(name: &str, answer: Option<(&str, Result<(), String>)>) -> Finding {
    match answer {
        None => Finding::ok(AREA, name, "a run starts it, or uses its container"),
        Some((url, Ok(()))) => Finding::ok(AREA, name, format!("is healthy at {url}")),
        Some((_, Err(problem))) => Finding::bad(
            AREA,
            name,
            format!("is not healthy: {problem}"),
            "start it, or correct its `url`, variable or `--service`; `host environment down` and `up` start a kept one anew",
        ),
    }
}

fn keeper(record: &Record) -> Finding {
    let what = format!("is kept up by process {}", record.keeper.pid);
    Finding::ok("environment", &record.environment, what)
}

fn unreadable(environment: &str, error: &io::Error) -> Finding {
    Finding::bad(
        "environment",
        environment,
        format!("what is kept of it cannot be told: {error}"),
        "remove its files in `.assay/environment` if they are damaged",
    )
}

fn no_client(error: &io::Error) -> Finding {
    Finding::bad(
        AREA,
        "client",
        format!("no HTTP client can be made: {error}"),
        "see whether the system's certificates can be read",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_service_that_does_not_answer_is_bad_and_one_that_is_not_up_yet_is_not() {
        let url = "http://127.0.0.1:1";
        assert_eq!(judge("shop", None).grade, Grade::Ok);
        assert_eq!(judge("shop", Some((url, Ok(())))).grade, Grade::Ok);
        let bad = judge("shop", Some((url, Err("connection refused".into()))));
        assert_eq!(bad.grade, Grade::Bad);
        assert!(bad.what.contains("connection refused") && bad.hint.is_some());
    }
}
