//! The Docker engine of an environment of containers: whether it answers, whether a project is up and how its containers stand, who uses
//! it, and whether its clock is ours.

use std::time::{Duration, SystemTime};

use assay_report::hint::Hinted as _;

use super::{Finding, published};
use crate::{
    config::{DockerSettings, ServiceSource, Settings},
    environment::{
        docker::{Compose, DockerError, Engine, Facts, Project, Standing},
        kept::{Record, Store},
    },
};

const AREA: &str = "docker";
/// How much the clocks may differ: times in logs of containers are compared with those of the host.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(1);

/// Asks the engine; nothing where the environment needs none.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let wanted = wanted(settings);
    let docker = match &settings.environment.docker {
        Some(docker) if !wanted.is_empty() => docker,
        // All that it had was given by URL: nobody asks the engine.
        _ => return Vec::new(),
    };
    let engine = match Engine::connect().await {
        Ok(engine) => engine,
        Err(error) => return vec![refused("engine", &error)],
    };
    let clock = clock(engine.facts(), SystemTime::now());
    let mut findings = vec![compose(docker, &engine).await, this(&engine), clock];
    let project = Project::new(engine, &docker.project);
    match project.standing().await {
        Ok(standing) => {
            findings.extend(containers(&docker.project, &wanted, &standing));
            if !standing.iter().any(|one| one.runs) {
                findings.extend(published::look(docker));
            }
        }
        Err(error) => findings.push(refused(&docker.project, &error)),
    }
    let user = project.user().await;
    findings.extend(user.map(|process| used(settings, &docker.project, process)));
    findings
}

/// The compose services that are services of the environment.
fn wanted(settings: &Settings) -> Vec<&str> {
    let services = settings.environment.services.iter();
    let containers = services.filter_map(|service| match &service.source {
        ServiceSource::Container(container) => Some(container.container.as_str()),
        ServiceSource::Running { .. } | ServiceSource::Started(_) => None,
    });
    containers.collect()
}

fn refused(name: &str, error: &DockerError) -> Finding {
    Finding {
        hint: error.hint(),
        ..Finding::bad(AREA, name, error.to_string(), "")
    }
}

fn this(engine: &Engine) -> Finding {
    let version = &engine.facts().version;
    let what = format!("version {version} answers at {}", engine.address());
    Finding::ok(AREA, "engine", what)
}

/// A project that is up needs no Compose.
async fn compose(docker: &DockerSettings, engine: &Engine) -> Finding {
    let project = Project::new(engine.clone(), &docker.project);
    match Compose::find(&docker.compose, &project, Vec::new()).await {
        Ok(compose) => Finding::ok(AREA, "compose", format!("`{}`", compose.program())),
        Err(error) => Finding {
            hint: error.hint(),
            ..Finding::warn(AREA, "compose", error.to_string(), "")
        },
    }
}

fn clock(facts: &Facts, now: SystemTime) -> Finding {
    let Some(theirs) = facts.clock else {
        return Finding::warn(
            AREA,
            "clock",
            "the engine does not tell its time",
            "see `docker info`",
        );
    };
    let difference = now
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    let told = format!("differs from ours by {} ms", difference.as_millis());
    if difference > CLOCK_DIFFERENCE {
        let hint =
            "let both machines follow the same time server: times in logs cannot be compared";
        return Finding::warn(AREA, "clock", told, hint);
    }
    Finding::ok(AREA, "clock", told)
}

/// The containers of the environment's services; those that the project lacks, or that do not run, stand in the way of a run.
fn containers(project: &str, wanted: &[&str], standing: &[Standing]) -> Vec<Finding> {
    if standing.is_empty() {
        return vec![Finding::ok(AREA, project, "is not up; a run brings it up")];
    }
    let is_up = standing.iter().any(|one| one.runs);
    let judge = |container: &&str| {
        let found = standing.iter().find(|one| one.container == **container);
        match found {
            Some(one) if one.state == "running" && one.status.contains("unhealthy") => {
                Finding::warn(
                    AREA,
                    container,
                    one.status.clone(),
                    "see why in `docker inspect` and `docker logs`; a run asks the service itself",
                )
            }
            Some(one) if one.state == "running" => Finding::ok(AREA, container, one.status.clone()),
            Some(one) if !is_up => {
                Finding::ok(AREA, container, format!("{}; a run starts it", one.status))
            }
            Some(one) => Finding::bad(
                AREA,
                container,
                one.status.clone(),
                "undo it (`host heal`, `docker unpause`, `docker start`), or take the project down: a run brings it up anew",
            ),
            None => Finding::bad(
                AREA,
                container,
                format!("the project `{project}` has no such container"),
                "bring the project up in full, or take it down: a run brings it up anew",
            ),
        }
    };
    wanted.iter().map(judge).collect()
}

fn used(settings: &Settings, project: &str, process: i32) -> Finding {
    let environment = &settings.environment.name;
    let kept = Store::new(&settings.state_dir, environment).peek();
    let is_kept = |record: &Record| i64::from(record.keeper.pid) == i64::from(process);
    if kept.is_ok_and(|kept| kept.as_ref().is_some_and(is_kept)) {
        let hint =
            format!("let runs use it: eval \"$(host environment up --environment {environment})\"");
        return Finding::warn(
            AREA,
            project,
            format!("is kept up by process {process}"),
            &hint,
        );
    }
    Finding::bad(
        AREA,
        project,
        format!("is in use by another host, process {process}"),
        "wait until it has ended, or use another `project` in assay.toml",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    fn standing(container: &str, state: &str, status: &str) -> Standing {
        Standing {
            container: container.to_owned(),
            state: state.to_owned(),
            runs: state != "exited",
            status: status.to_owned(),
        }
    }

    #[test]
    fn clocks_that_differ_by_more_than_a_second_are_told() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(1);
        let facts = |clock| Facts {
            version: "20.10".to_owned(),
            clock,
        };
        for (theirs, grade) in [
            (Some(now + CLOCK_DIFFERENCE), Grade::Ok),
            (Some(now - CLOCK_DIFFERENCE), Grade::Ok),
            (Some(now + CLOCK_DIFFERENCE * 2), Grade::Warn),
            (Some(now - CLOCK_DIFFERENCE * 2), Grade::Warn),
            (None, Grade::Warn),
        ] {
            let finding = clock(&facts(theirs), now);
            assert_eq!(finding.grade, grade, "{}", finding.what);
            assert_eq!(finding.hint.is_some(), grade != Grade::Ok);
        }
    }

    #[test]
    fn containers_that_are_missing_frozen_or_ended_are_in_the_way_of_a_project_that_is_up() {
        let running = standing("cache", "running", "Up 2 minutes (healthy)");
        let wanted = ["cache", "web"];
        for (web, grade) in [
            (Some(standing("web", "running", "Up 2 minutes")), Grade::Ok),
            (
                Some(standing("web", "running", "Up 2 minutes (unhealthy)")),
                Grade::Warn,
            ),
            (
                Some(standing("web", "paused", "Up 2 minutes (Paused)")),
                Grade::Bad,
            ),
            (
                Some(standing("web", "exited", "Exited (137) 1 minute ago")),
                Grade::Bad,
            ),
            (None, Grade::Bad),
        ] {
            let all: Vec<_> = [Some(running.clone()), web].into_iter().flatten().collect();
            let findings = containers("shop", &wanted, &all);
            assert_eq!(findings.len(), 2);
            assert_eq!(findings[0].grade, Grade::Ok);
            assert_eq!(findings[1].grade, grade, "{all:?}");
        }
    }

    #[test]
    fn a_project_that_is_down_is_in_nobodys_way() {
        let findings = containers("shop", &["web"], &[]);
        assert_eq!(findings[0].grade, Grade::Ok);
        let ended = [standing("web", "exited", "Exited (0) 1 hour ago")];
        let findings = containers("shop", &["web"], &ended);
        assert_eq!(findings[0].grade, Grade::Ok, "{}", findings[0].what);
    }

    #[test]
    fn an_engine_that_does_not_answer_is_told_with_what_to_do() {
        let error = DockerError::NoEngine {
            address: "unix:///nowhere".to_owned(),
            problem: "No such file or directory".to_owned(),
        };
        let finding = refused("engine", &error);
        assert_eq!(finding.grade, Grade::Bad);
        assert!(
            finding
                .hint
                .is_some_and(|hint| hint.contains("start Docker"))
        );
    }
}
