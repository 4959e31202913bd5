//! Environments with real processes: the reference system, and services that misbehave.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use assay_host::{
    config::{
        AddressSource, EnvironmentSettings, Origin, ProcessSettings, Readiness, ServiceSettings,
        ServiceSource, template::Template,
    },
    environment::{Environment, EnvironmentError, identity::Identity, port},
    hint::Hinted,
};
use serde_json::Map;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
    time::{Instant, sleep},
};

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

#[tokio::test]
async fn services_are_started_and_stopped() {
    let environment = up(vec![cache()]).await.unwrap();
    let [info] = environment.services() else {
        panic!("one service");
    };
    assert!(
        info.managed && info.url.starts_with("http://127.0.0.1:"),
        "{info:?}"
    );
    let process = Identity::of(environment.process_id("cache").unwrap()).unwrap();
    assert!(environment.fallen().await.is_none());
    environment.down().await;
    assert!(!process.lives());
    environment.down().await;
}

#[tokio::test]
async fn a_service_that_dies_later_is_noticed() {
    let environment = up(vec![cache()]).await.unwrap();
    let process = Identity::of(environment.process_id("cache").unwrap()).unwrap();
    process.signal(rustix::process::Signal::KILL).unwrap();
    // A process of several threads looks dead in /proc a moment before its parent can learn how it ended.
    let noticed = async {
        loop {
            if let Some(fallen) = environment.fallen().await {
                return fallen;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let fallen = tokio::time::timeout(Duration::from_secs(20), noticed)
        .await
        .expect("it is noticed");
    assert!(
        fallen
            .to_string()
            .starts_with("service `cache` ended with signal: 9"),
        "{fallen}"
    );
}

#[tokio::test]
async fn dropping_an_environment_kills_its_services_and_what_they_started() {
    let note = Note::new();
    let path = note.path.display().to_string();
    let start = format!("sleep 600 & echo $! > {path}; exec \"$0\" cache --listen 127.0.0.1:0");
    let line = AddressSource::ReadyLine("listening on ".to_owned());
    let environment = up(vec![service(
        "cache",
        &["/bin/sh", "-c", &start, &reference()],
        line,
    )])
    .await
    .unwrap();
    let grandchild = note.identity();
    let child = Identity::of(environment.process_id("cache").unwrap()).unwrap();
    drop(environment);
    eventually("both are dead", || !grandchild.lives() && !child.lives()).await;
}

#[tokio::test]
async fn a_service_that_dies_at_once_is_shown_with_its_last_words() {
    let error = refused(script("odd", "echo broken pipes >&2; exit 3")).await;
    assert_eq!(error.to_string(), "service `odd` ended with exit status: 3");
    assert_eq!(
        error.details().as_deref(),
        Some("the last lines of `odd`:\n    broken pipes")
    );
}

#[tokio::test]
async fn a_service_that_says_nothing_is_given_up_and_ended() {
    let note = Note::new();
    let start = format!("echo $$ > {}; exec sleep 600", note.path.display());
    let starting = tokio::spawn(refused(script("odd", &start)));
    eventually("it has started", || {
        fs::read_to_string(&note.path).is_ok_and(|text| text.ends_with('\n'))
    })
    .await;
    let process = note.identity();
    let error = starting.await.unwrap();
    assert!(
        matches!(error, EnvironmentError::NotReady { .. }),
        "{error}"
    );
    assert!(!process.lives());
}

#[tokio::test]
async fn a_service_that_never_gets_ready_is_told_with_what_was_seen() {
    let error = refused(script(
        "odd",
        "echo listening on 127.0.0.1:1; exec sleep 600",
    ))
    .await
    .to_string();
    assert!(
        error.starts_with("service `odd` is not ready after 500ms: http://127.0.0.1:1: "),
        "{error}"
    );
    assert!(error.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_wrong_status_of_the_health_path_is_not_ready() {
    let mut service = service(
        "store",
        &[
            &reference(),
            "vector-store",
            "--listen",
            "127.0.0.1:0",
            "--data",
            "{data}",
        ],
        AddressSource::ReadyLine("listening on ".to_owned()),
    );
    service.readiness = Readiness {
        health: Some("/nowhere".to_owned()),
        status: 200,
        within: Duration::from_secs(2),
    };
    let error = refused(service.clone()).await.to_string();
    assert!(
        error.contains("/nowhere answers 404 instead of 200"),
        "{error}"
    );
    service.readiness.status = 404;
    assert!(up(vec![service]).await.is_ok());
}

#[tokio::test]
async fn a_first_line_without_an_address_is_shown() {
    let error = refused(script("odd", "echo hello; exec sleep 600")).await;
    assert_eq!(
        error.to_string(),
        "service `odd`: its first line `hello` is not `listening on HOST:PORT`"
    );
}

#[tokio::test]
async fn a_service_that_ignores_sigterm_is_killed() {
    let note = Note::new();
    let start = format!(
        "trap '' TERM; echo $$ > {}; while :; do sleep 1; done",
        note.path.display()
    );
    let starting = tokio::spawn(refused(script("odd", &start)));
    eventually("it has started", || {
        fs::read_to_string(&note.path).is_ok_and(|text| text.ends_with('\n'))
    })
    .await;
    let process = note.identity();
    starting.await.unwrap();
    assert!(!process.lives());
}

#[tokio::test]
async fn a_flood_of_output_neither_stops_a_service_nor_fills_the_memory() {
    let flood = "i=0; while [ $i -lt 20000 ]; do echo \"line $i of many, which would fill a pipe\"; i=$((i+1)); done; exit 4";
    let mut odd = script("odd", &format!("echo listening on 127.0.0.1:1; {flood}"));
    odd.readiness.within = Duration::from_mins(1);
    let EnvironmentError::Died { output, .. } = refused(odd).await else {
        panic!("it got to its end");
    };
    assert_eq!(output.len(), 40);
    assert_eq!(output[39], "line 19999 of many, which would fill a pipe");
}

#[tokio::test]
async fn a_port_in_use_is_told_with_its_holder() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = listener.local_addr().unwrap().port();
    let error = refused(service(
        "odd",
        &["sleep", "600"],
        AddressSource::Fixed(taken),
    ))
    .await
    .to_string();
    assert!(
        error.starts_with(&format!(
            "service `odd` needs port {taken}, which is in use by `"
        )),
        "{error}"
    );
    assert!(
        error.ends_with(&format!(", process {}", std::process::id())),
        "{error}"
    );
}

#[tokio::test]
async fn a_picked_port_is_given_to_the_service() {
    let listen = "127.0.0.1:{port}";
    let picked = service(
        "cache",
        &[&reference(), "cache", "--listen", listen],
        AddressSource::Picked,
    );
    let environment = up(vec![picked]).await.unwrap();
    let port = environment.services()[0]
        .url
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap();
    assert_eq!(
        port::holder(port).map(|holder| holder.pid),
        environment.process_id("cache")
    );
}

#[tokio::test]
async fn a_missing_program_says_how_to_get_it() {
    let line = || AddressSource::ReadyLine(String::new());
    let error = refused(service("odd", &["/nowhere/reference"], line())).await;
    assert_eq!(
        error.to_string(),
        "service `odd`: there is no program `/nowhere/reference`"
    );
    assert_eq!(error.hint().as_deref(), Some("build it: `cargo build`"));
}

#[tokio::test]
async fn a_running_service_is_used_and_left_alone() {
    let started = up(vec![cache()]).await.unwrap();
    let url = started.services()[0].url.clone();
    let mut other = cache();
    other.source = ServiceSource::Running {
        url: url.clone(),
        origin: Origin::Default,
    };
    let environment = up(vec![other.clone()]).await.unwrap();
    assert!(!environment.services()[0].managed);
    environment.down().await;
    assert!(Identity::of(started.process_id("cache").unwrap()).is_some());
    drop(started);
    other.source = ServiceSource::Running {
        url: "http://127.0.0.1:1".to_owned(),
        origin: Origin::Default,
    };
    other.readiness.within = Duration::from_millis(200);
    let ServiceSource::Running { origin, .. } = &mut other.source else {
        panic!("it runs");
    };
    *origin = Origin::Variable("ASSAY_SERVICE_CACHE_URL".to_owned());
    let error = refused(other).await;
    assert!(
        matches!(error, EnvironmentError::Unreachable { .. }),
        "{error}"
    );
    let hint = error.hint().unwrap();
    assert!(hint.contains("host environment down"), "{hint}");
    assert!(hint.contains("`unset ASSAY_SERVICE_CACHE_URL`"), "{hint}");
}

/// A folder with an `assay.toml` that has a cache, and the host in it.
struct Project(tempfile::TempDir);

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "[environments.embedded.services.cache]\n\
            command = [\"{exe-dir}/reference\", \"cache\", \"--listen\", \"127.0.0.1:0\"]\n\
            ready-line = \"listening on \"\nscheme = \"redis\"\n";
        fs::write(folder.path().join("assay.toml"), text).unwrap();
        Self(folder)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        reference();
        let mut command = Command::new(HOST);
        command
            .args(arguments)
            .current_dir(self.0.path())
            .kill_on_drop(true);
        command
    }

    async fn host(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }

    /// The process of the cache that is kept.
    async fn kept(&self) -> Identity {
        let (code, status, _) = self.host(&["environment", "status"]).await;
        assert_eq!(code, Some(0), "{status}");
        let words: Vec<_> = status.split_whitespace().collect();
        assert_eq!(
            (words[0], words[2], words[4]),
            ("cache", "process", "ready"),
            "{status}"
        );
        Identity::of(words[3].parse().unwrap()).expect("it runs")
    }
}

#[tokio::test]
async fn a_kept_environment_lives_until_it_is_taken_down() {
    let project = Project::new();
    assert_eq!(project.host(&["environment", "status"]).await.0, Some(6));
    let (code, exports, error) = project.host(&["environment", "up"]).await;
    assert_eq!(code, Some(0), "{error}");
    assert!(
        exports.starts_with("export ASSAY_SERVICE_CACHE_URL='redis://127.0.0.1:"),
        "{exports}"
    );
    let process = project.kept().await;
    let (_, again, _) = project.host(&["environment", "up"]).await;
    assert_eq!(again, exports);
    let (code, unsets, told) = project.host(&["environment", "down"]).await;
    assert_eq!(
        (code, told.as_str()),
        (
            Some(0),
            "environment `embedded` is down, 1 service was stopped\n"
        )
    );
    assert_eq!(unsets, "unset ASSAY_SERVICE_CACHE_URL\n");
    assert!(!process.lives());
    let (code, _, told) = project.host(&["environment", "down"]).await;
    assert_eq!(code, Some(0));
    assert!(told.contains("nothing to stop"), "{told}");
}

#[tokio::test]
async fn an_environment_without_services_has_no_keeper() {
    let project = Project::new();
    let none = ["environment", "up", "--environment", "none"];
    let (code, exports, told) = project.host(&none).await;
    assert_eq!((code, exports.as_str()), (Some(0), ""));
    assert!(told.contains("nothing to keep"), "{told}");
    assert!(!project.0.path().join(".assay").exists());
}

#[tokio::test]
async fn an_environment_that_does_not_come_up_is_told_and_leaves_nothing() {
    let project = Project::new();
    let text = "[environments.embedded.services.odd]\ncommand = [\"/bin/sh\", \"-c\", \"exit 3\"]\nport = 1\n";
    fs::write(project.0.path().join("assay.toml"), text).unwrap();
    let (code, data, error) = project.host(&["environment", "up"]).await;
    assert_eq!((code, data.as_str()), (Some(6), ""));
    assert!(
        error.starts_with(
            "error: service `odd` ended with exit status: 3; it wrote nothing\nhint: "
        ),
        "{error}"
    );
    assert_eq!(project.host(&["environment", "status"]).await.0, Some(6));
}

#[tokio::test]
async fn no_child_lives_on_when_the_host_is_killed() {
    let project = Project::new();
    let mut host = project
        .command(&["environment", "keep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(host.stdout.take().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    assert!(line.starts_with("{\"ready\":"), "{line}");
    let process = project.kept().await;
    host.kill().await.unwrap();
    eventually("the child is dead", || !process.lives()).await;
    assert_eq!(project.host(&["environment", "status"]).await.0, Some(6));
}
