//! A network of containers for one test: NATS, a service, agents, and the host that conducts a run, each in a container of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use assay_report::json::document::Report;
use assay_test_server::program;
use tempfile::TempDir;

use super::project::{is_possible, said, unique_name};
use crate::agents::agent::eventually;

/// The image in which programs of this machine run. `cargo xtask images` makes it.
const IMAGE: &str = "assay/base:bookworm";
/// Where the agents, the server and the service are.
const NATS: &str = "nats://nats:4222";
/// What the service answers at: the state of a server that carries nothing.
const SERVICE: &str = "http://service:8222/varz";

/// All of it. Nothing is left when it is dropped.
pub(super) struct Team {
    name: String,
    folder: TempDir,
    containers: Vec<String>,
}

impl Team {
    /// NATS, a service, and agents of these names; none where there is no engine or no server.
    pub(super) fn open(agents: &[&str]) -> Option<Self> {
        if !is_possible() {
            return None;
        }
        let server = program::find("NATS_SERVER", "nats-server", "nats-server")?;
        let server = file_of(Path::new(&server));
        let name = unique_name();
        said(&["network", "create", &name]);
        let mut team = Self {
            name,
            folder: tempfile::tempdir().unwrap(),
            containers: Vec::new(),
        };
        team.start("nats", &server, &["-js", "-sd", "/store"]);
        team.start("service", &server, &["-m", "8222"]);
        for agent in agents {
            team.start_host(
                agent,
                &[
                    "agent", "--nats", NATS, "--name", agent, "--slots", "1", "--trust", "all",
                ],
            );
        }
        for agent in agents {
            team.says(agent, "is ready");
        }
        Some(team)
    }

    /// Starts `host run` of this plugin with all agents, and a report folder of its own.
    pub(super) fn run(&mut self, plugin: &Path, arguments: &[&str]) {
        let file = plugin.file_name().unwrap().to_str().unwrap();
        std::fs::copy(plugin, self.folder.path().join(file)).unwrap();
        let plugin = format!("/work/{file}");
        let reports = "/work/reports";
        let mut all = vec!["run", &plugin, "--nats", NATS, "--report-dir", reports];
        all.extend(["--environment", "none", "--no-history", "--trust", "all"]);
        all.extend(arguments);
        self.start_host("conductor", &all);
    }

    /// Settings of the fixture `loader`: what it makes load of, and how.
    pub(super) fn load(seconds: u32, per_second: u32) -> Vec<String> {
        [
            "load.scenario=fires-alone".to_owned(),
            "load.vus=12".to_owned(),
            format!("load.parameter=\"{SERVICE}\""),
            format!("load.seconds={seconds}"),
            format!("load.per-second={per_second}.0"),
        ]
        .map(|setting| format!("--set={setting}"))
        .into()
    }

    /// Waits for the end of the run: its exit code, what it showed, and its report.
    pub(super) fn ended(&self) -> (String, String, Report) {
        let code = said(&["wait", &self.container("conductor")]);
        let shown = self.output("conductor");
        let report = std::fs::read(self.folder.path().join("reports/report.json")).unwrap();
        (code, shown, serde_json::from_slice(&report).unwrap())
    }

    /// The event log so far.
    pub(super) fn log(&self) -> String {
        let file = self.folder.path().join("reports/events.jsonl");
        std::fs::read_to_string(file).unwrap_or_default()
    }

    /// Waits until the event log has this text.
    pub(super) fn logs(&self, text: &str) {
        eventually(&format!("the log has `{text}`"), || {
            let log = self.log();
            let shown = || format!("{log}\n{}", self.output("conductor"));
            log.contains(text).then_some(()).ok_or_else(shown)
        });
    }

    /// Waits until a container says this.
    pub(super) fn says(&self, role: &str, words: &str) {
        eventually(&format!("{role} says `{words}`"), || {
            let output = self.output(role);
            output.contains(words).then_some(()).ok_or(output)
        });
    }

    /// What a container has printed.
    pub(super) fn output(&self, role: &str) -> String {
        let container = self.container(role);
        let logs = std::process::Command::new("docker")
            .args(["logs", &container])
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&logs.stdout) + &text(&logs.stderr)
    }

    /// Does something to a container: `kill`, `pause`, `unpause`, `start`.
    pub(super) fn does(&self, what: &str, role: &str) {
        said(&[what, &self.container(role)]);
    }

    /// Takes a container off the network.
    pub(super) fn cut_off(&self, role: &str) {
        said(&["network", "disconnect", &self.name, &self.container(role)]);
    }

    fn container(&self, role: &str) -> String {
        format!("{}-{role}", self.name)
    }

    fn start_host(&mut self, role: &str, arguments: &[&str]) {
        self.start(role, Path::new(env!("CARGO_BIN_EXE_host")), arguments);
    }

    /// A program of this machine in a container that the others know by its role.
    fn start(&mut self, role: &str, program: &Path, arguments: &[&str]) {
        let container = self.container(role);
        let program = format!("{}:/program:ro", program.display());
        let work = format!("{}:/work", self.folder.path().display());
        let mut all = vec!["run", "--detach", "--init", "--name", &container];
        all.extend(["--network", &self.name, "--network-alias", role]);
        all.extend(["--volume", &program, "--volume", &work, "--workdir", "/tmp"]);
        // Whoever speaks HTTP reads whom the machine trusts, also where nothing is signed.
        all.extend(["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"]);
        all.extend(["--entrypoint", "/program", IMAGE]);
        all.extend(arguments);
        said(&all);
        self.containers.push(container);
    }
}

/// The file of a program that is named as one calls it: a container is given a file, and takes a mere name for something else.
fn file_of(program: &Path) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&paths);
    let mut files = folders.map(|folder| folder.join(program));
    let file = files.find(|file| file.is_file());
    file.unwrap_or_else(|| program.to_owned())
}

impl Drop for Team {
    fn drop(&mut self) {
        let mut remove = std::process::Command::new("docker");
        // What a test has seen fail is not to hide why.
        let _ = remove
            .args(["rm", "--force", "--volumes"])
            .args(&self.containers)
            .output();
        let _ = std::process::Command::new("docker")
            .args(["network", "rm", &self.name])
            .output();
    }
}
