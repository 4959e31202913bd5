//! A small compose project for each test, and no trace of it afterwards, however the test ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use assay_host::{
    config::{
        ContainerSettings, DockerSettings, EnvironmentSettings, Origin, Readiness, ServiceSettings,
        ServiceSource, template::Template,
    },
    environment::{Environment, EnvironmentError, port},
};
use serde_json::Map;
use tempfile::TempDir;

/// The image of the reference system, which `cargo xtask images` makes.
const IMAGE: &str = "assay/reference:0.1.0";
/// Two caches on two networks; `neighbour` is told where `cache` is.
const COMPOSE: &str = r#"
x-cache: &cache
  image: assay/reference:0.1.0
  command: ["cache", "--listen", "0.0.0.0:6379"]
  init: true
services:
  cache:
    <<: *cache
    ports: ["127.0.0.1:${CACHE_PORT}:6379"]
    networks:
      access:
      near:
        aliases: ["cache.near"]
  neighbour:
    <<: *cache
    environment:
      CACHE_URL: "${CACHE_LINK:-redis://cache.near:6379}"
    ports: ["127.0.0.1:${NEIGHBOUR_PORT}:6379"]
    networks: [access, near]
networks:
  access:
  near:
    internal: true
"#;

/// A project of its own name. Dropping it removes all that it has.
pub(crate) struct TestProject {
    pub(crate) name: String,
    folder: TempDir,
}

/// Whether tests with containers can run here. If not, the reason is told in a line that begins with `SKIPPED`.
#[expect(clippy::print_stderr, reason = "whoever runs the tests has to see it")]
pub(crate) fn is_possible() -> bool {
    let problem = match docker(&["version", "--format", "{{.Server.Version}}"]) {
        Err(error) => Some(format!("there is no program `docker`: {error}")),
        Ok(answer) if !answer.status.success() => {
            let text = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
            Some(format!("there is no Docker engine: {text}"))
        }
        Ok(_) => None,
    };
    if let Some(problem) = problem {
        let test = std::thread::current().name().unwrap_or("?").to_owned();
        eprintln!("SKIPPED {test}: {problem}");
        return false;
    }
    // With an engine a missing image is a failure: `cargo xtask test` makes it before.
    let image = docker(&["image", "inspect", IMAGE]).unwrap();
    assert!(
        image.status.success(),
        "{IMAGE} is missing: cargo xtask images"
    );
    true
}

fn docker(arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("docker").args(arguments).output()
}

/// What the engine's own client prints.
pub(crate) fn said(arguments: &[&str]) -> String {
    let answer = docker(arguments).unwrap();
    assert!(
        answer.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&answer.stderr)
    );
    String::from_utf8_lossy(&answer.stdout).trim().to_owned()
}

/// A field of a container, as the engine shows it.
pub(crate) fn shown(container: &str, field: &str) -> String {
    said(&[
        "inspect",
        "--format",
        &format!("{{{{json {field}}}}}"),
        container,
    ])
}

/// A name that no other test and no person uses.
pub(crate) fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("assay-test-{}-{count}", std::process::id())
}

impl TestProject {
    pub(crate) fn new() -> Self {
        Self::named(unique_name())
    }

    pub(crate) fn named(name: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("compose.yml"), COMPOSE).unwrap();
        Self { name, folder }
    }

    /// Its compose file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("compose.yml")
    }

    /// Brings the project up as a person would.
    pub(crate) fn raise(&self) {
        let mut last = None;
        for program in [&["docker", "compose"][..], &["docker-compose"][..]] {
            let mut up = Command::new(program[0]);
            up.args(&program[1..]).arg("--file").arg(self.file()).args([
                "--project-name",
                &self.name,
                "up",
                "-d",
            ]);
            for name in ["CACHE_PORT", "NEIGHBOUR_PORT"] {
                up.env(name, port::free().unwrap().to_string());
            }
            match up.output() {
                Ok(answer) if answer.status.success() => return,
                other => last = Some(other),
            }
        }
        panic!("no Compose brings it up: {last:?}");
    }

    /// The environment of both services.
    pub(crate) async fn up(&self) -> Result<Environment, EnvironmentError> {
        Environment::up(&self.settings(&["cache", "neighbour"]), &Map::new(), None).await
    }

    /// The environment of some services.
    pub(crate) fn settings(&self, containers: &[&str]) -> EnvironmentSettings {
        let variable = |name: &str| (name.to_owned(), Template::parse("{port}").unwrap());
        EnvironmentSettings {
            name: "test".to_owned(),
            services: containers.iter().map(|name| service(name)).collect(),
            links: Vec::new(),
            docker: Some(DockerSettings {
                compose: self.file(),
                project: self.name.clone(),
                origin: Origin::Default,
                variables: vec![variable("CACHE_PORT"), variable("NEIGHBOUR_PORT")],
                given: Vec::new(),
            }),
        }
    }

    /// The id of a container of the project.
    pub(crate) fn container(&self, service: &str) -> String {
        let project = format!("label=com.docker.compose.project={}", self.name);
        let service = format!("label=com.docker.compose.service={service}");
        said(&[
            "ps",
            "-aq",
            "--no-trunc",
            "--filter",
            &project,
            "--filter",
            &service,
        ])
    }

    /// Everything that the engine has of the project, by id.
    pub(crate) fn traces(&self) -> Vec<String> {
        let label = format!("label=com.docker.compose.project={}", self.name);
        let listed = [
            said(&["ps", "-aq", "--filter", &label]),
            said(&["network", "ls", "-q", "--filter", &label]),
            said(&["volume", "ls", "-q", "--filter", &label]),
        ];
        listed
            .iter()
            .flat_map(|list| list.lines())
            .map(str::to_owned)
            .collect()
    }
}

impl TestProject {
    /// The same once it is taken down, without networks that the engine itself keeps.
    pub(crate) fn remains(&self) -> Vec<String> {
        let mut remains = self.traces();
        remains.retain(|id| !is_kept_by_the_engine(id));
        remains
    }
}

/// Whether this is a network that no container is on and that the engine does not remove. Version 20.10 at times counts an endpoint that
/// nobody has; only its restart mends that.
fn is_kept_by_the_engine(id: &str) -> bool {
    let on_it = docker(&["network", "inspect", "--format", "{{len .Containers}}", id]);
    let on_it = on_it.unwrap();
    if String::from_utf8_lossy(&on_it.stdout).trim() != "0" {
        return false;
    }
    let removed = docker(&["network", "rm", id]).unwrap();
    String::from_utf8_lossy(&removed.stderr).contains("has active endpoints")
}

impl Drop for TestProject {
    fn drop(&mut self) {
        self.remove();
    }
}

impl TestProject {
    /// Removes all that it has.
    pub(crate) fn remove(&self) {
        let label = format!("label=com.docker.compose.project={}", self.name);
        for (list, remove) in [
            (&["ps", "-aq"][..], &["rm", "-f", "-v"][..]),
            (&["network", "ls", "-q"], &["network", "rm"]),
            (&["volume", "ls", "-q"], &["volume", "rm"]),
        ] {
            let list = docker(&[list, &["--filter", &label]].concat());
            let Ok(list) = list else { continue };
            let ids = String::from_utf8_lossy(&list.stdout).into_owned();
            let ids: Vec<_> = ids.lines().collect();
            if !ids.is_empty() {
                let _ = docker(&[remove, &ids].concat());
            }
        }
    }
}

fn service(name: &str) -> ServiceSettings {
    ServiceSettings {
        name: name.to_owned(),
        origin: Origin::Default,
        source: ServiceSource::Container(ContainerSettings {
            container: name.to_owned(),
            port: 6379,
            scheme: "redis".to_owned(),
        }),
        readiness: Readiness {
            health: None,
            status: 200,
            within: Duration::from_mins(1),
        },
    }
}
