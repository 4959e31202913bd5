//! The host, killed at every stage of every fault of a container, and while it brings a project up: `host heal` brings all of it back.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use super::project::{TestProject, is_possible, shown};
use crate::killed::{AtWork, Place, eventually, faults::harmful};

/// Each kind for containers.
const KINDS: [&str; 7] = [
    "stop cache",
    "kill cache",
    "pause cache",
    "restart cache",
    "disconnect cache",
    "limit-memory:16000000 cache",
    "limit-cpu:20 cache",
];

/// An environment whose only service is the cache of a project.
pub(crate) fn place(project: &TestProject) -> Place {
    Place::with(&format!(
        "[run]\nenvironment = \"own\"\n[environments.own]\ncompose = '{}'\nproject = '{}'\n\
        [environments.own.variables]\nCACHE_PORT = \"{{port}}\"\nNEIGHBOUR_PORT = \"{{port}}\"\n\
        [environments.own.services]\ncache = {{ container = \"cache\", port = 6379, scheme = \"redis\" }}\n",
        project.file().display(),
        project.name
    ))
}

/// What of a container can be changed.
#[derive(Debug, PartialEq)]
struct Looks {
    state: Vec<String>,
    networks: Vec<(String, Vec<String>)>,
    limits: Vec<i64>,
}

fn looks(container: &str) -> Looks {
    let json = |field: &str| -> Value {
        serde_json::from_str(&shown(container, field)).expect("JSON of the engine")
    };
    let networks = json(".NetworkSettings.Networks");
    let networks = networks.as_object().expect("networks").iter();
    let names = |endpoint: &Value| {
        let names = endpoint["Aliases"].as_array().expect("aliases").iter();
        let mut names: Vec<_> = names
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    };
    let networks = networks.map(|(name, endpoint)| (name.clone(), names(endpoint)));
    // Nobody has so much memory, or a negative quota: both are none.
    let limit = |field: &str| match json(field).as_i64() {
        Some(limit) if limit > 0 && limit < 1 << 60 => limit,
        _ => 0,
    };
    Looks {
        state: [".State.Running", ".State.Paused"]
            .map(|field| shown(container, field))
            .to_vec(),
        networks: networks.collect(),
        limits: [
            ".HostConfig.Memory",
            ".HostConfig.MemorySwap",
            ".HostConfig.CpuQuota",
            ".HostConfig.NanoCpus",
        ]
        .map(limit)
        .to_vec(),
    }
}

fn answers(project: &TestProject) -> bool {
    let ports = shown(
        &project.container("cache"),
        "(index .NetworkSettings.Ports \"6379/tcp\")",
    );
    let ports: Value = serde_json::from_str(&ports).expect("JSON");
    let port = ports[0]["HostPort"].as_str().expect("a published port");
    let asking = || {
        let mut connection = TcpStream::connect(format!("127.0.0.1:{port}"))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"*1\r\n$4\r\nPING\r\n")?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    asking().is_ok_and(|answer| answer == *b"+PONG")
}

/// Kills the host when it is so far, heals, and looks at the container. How many of the faults were in the journal by then.
fn comes_back(then: &str, until: impl Fn(&Place)) -> usize {
    let mut noted = 0;
    let project = TestProject::new();
    project.raise();
    let container = project.container("cache");
    let before = looks(&container);
    for kind in KINDS {
        let place = place(&project);
        let host = harmful(&place, &[kind], then);
        until(&place);
        let trace = host.kill();
        let (exit, told, error) = place.tell(&["heal"]);
        assert_eq!(exit, Some(0), "{kind}: {told}{error}");
        noted += usize::from(told.contains("bring back the container of `cache`"));
        place.assert_clean(&trace);
        assert_eq!(looks(&container), before, "{kind}");
        eventually("the cache answers", || answers(&project));
    }
    noted
}

#[test]
fn a_container_comes_back_when_the_host_was_killed_while_it_made_a_fault() {
    if is_possible() {
        let noted = comes_back("wait", |place| {
            eventually("a note in the journal", || {
                let journals = place.journals();
                let mut texts = journals
                    .iter()
                    .map(|path| fs::read_to_string(path).unwrap_or_default());
                texts.any(|text| text.contains("\"note\"") && text.ends_with('\n'))
            });
        });
        assert_eq!(noted, KINDS.len());
    }
}

#[test]
fn a_container_comes_back_when_the_host_was_killed_with_a_fault_active() {
    if is_possible() {
        let noted = comes_back("wait", |place| place.until_logged("all faults are active"));
        assert_eq!(noted, KINDS.len());
    }
}

#[test]
fn a_container_comes_back_when_the_host_was_killed_while_it_healed() {
    if is_possible() {
        let noted = comes_back("heal", |place| place.until_logged("about to heal"));
        // A restart is over by then, and some heals are faster than the signal. A start is not.
        assert!(noted > 0, "none was killed in time");
    }
}

#[test]
fn a_project_that_a_killed_host_had_brought_up_or_was_bringing_up_is_taken_down() {
    if !is_possible() {
        return;
    }
    for stage in ["being brought up", "up", "with a fault"] {
        let project = TestProject::new();
        let place = place(&project);
        let host = harmful(&place, &["stop cache"], "wait");
        match stage {
            "being brought up" => eventually("its first part", || !project.traces().is_empty()),
            "up" => place.until_told("environment_ready"),
            _ => place.until_logged("all faults are active"),
        }
        goes(&project, &place, host, stage);
    }
}

fn goes(project: &TestProject, place: &Place, host: AtWork, stage: &str) {
    let trace = host.kill();
    let (exit, told, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(0), "{stage}: {told}{error}");
    assert!(
        told.contains(&format!("take the project `{}` down", project.name)),
        "{stage}: {told}"
    );
    place.assert_clean(&trace);
    assert_eq!(project.remains(), [""; 0], "{stage}");
}

#[test]
fn the_next_run_brings_back_the_container_of_a_killed_one() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    project.raise();
    let place = place(&project);
    let host = harmful(&place, &["stop cache"], "wait");
    place.until_logged("all faults are active");
    host.kill();
    let (exit, _, error) = place.tell(&[
        "run",
        &crate::fixtures::fixture("noop").display().to_string(),
        "--no-progress",
    ]);
    assert!(
        error.contains("bring back the container of `cache`"),
        "{error}"
    );
    assert!(answers(&project));
    assert_eq!(exit, Some(0), "{error}");
}
