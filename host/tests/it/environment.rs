//! Environments with real processes: the reference system, and services that misbehave.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod kept;
mod mortal;
mod refusals;
mod running;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_host::{
    config::{
        AddressSource, EnvironmentSettings, Origin, ProcessSettings, Readiness, ServiceSettings,
        ServiceSource, template::Template,
    },
    environment::{Environment, EnvironmentError, identity::Identity},
};
use assay_report::hint::Hinted;
use serde_json::Map;
use tokio::time::{Instant, sleep};

const HOST: &str = env!("CARGO_BIN_EXE_host");

/// The reference system's binary, which the same build puts beside the host.
pub(crate) fn reference() -> String {
    let path = Path::new(HOST).with_file_name("reference");
    assert!(
        path.is_file(),
        "{} is not built: cargo build",
        path.display()
    );
    path.to_str().unwrap().to_owned()
}

pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "it never came true: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn service(name: &str, command: &[&str], address: AddressSource) -> ServiceSettings {
    let command = command.iter().map(|word| Template::parse(word).unwrap());
    ServiceSettings {
        name: name.to_owned(),
        origin: Origin::Default,
        source: ServiceSource::Started(ProcessSettings {
            command: command.collect(),
            address,
            scheme: "http".to_owned(),
        }),
        readiness: Readiness {
            health: None,
            status: 200,
            within: Duration::from_secs(20),
        },
    }
}

/// A service that is a script of the shell and says that it listens on port 1, where nobody does.
fn script(name: &str, script: &str) -> ServiceSettings {
    let line = AddressSource::ReadyLine("listening on ".to_owned());
    let script = script.replace('{', "{{").replace('}', "}}");
    let mut service = service(name, &["/bin/sh", "-c", &script], line);
    service.readiness.within = Duration::from_millis(500);
    service
}

pub(crate) fn cache() -> ServiceSettings {
    let line = AddressSource::ReadyLine("listening on ".to_owned());
    service(
        "cache",
        &[&reference(), "cache", "--listen", "127.0.0.1:0"],
        line,
    )
}

pub(crate) async fn up(services: Vec<ServiceSettings>) -> Result<Environment, EnvironmentError> {
    let settings = EnvironmentSettings {
        docker: None,
        name: "test".to_owned(),
        services,
        links: Vec::new(),
    };
    Environment::up(&settings, &Map::new(), None).await
}

async fn refused(service: ServiceSettings) -> EnvironmentError {
    let error = up(vec![service]).await.expect_err("it is not there");
    assert!(error.hint().is_some(), "{error}");
    error
}

/// A file in which a script notes its process id, and a way to wait for it.
pub(crate) struct Note {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Note {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        Self {
            _folder: folder,
            path,
        }
    }

    pub(crate) fn identity(&self) -> Identity {
        let pid = fs::read_to_string(&self.path)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        Identity::of(pid).expect("it runs")
    }
}
