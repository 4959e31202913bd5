//! The host, killed with SIGKILL at every stage of a run: what it leaves, and that `host heal` and the next run do away with it.

pub(crate) mod faults;

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use assay_host::environment::{identity::Identity, trace::Trace};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    environment::reference,
    fixtures::{file, fixture},
    invocation::host,
};

/// Waits until it is so, with a bound that only a host that hangs reaches.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at another process"
)]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A folder with an environment of its own, and all that hosts keep there.
pub(crate) struct Place {
    folder: TempDir,
}

/// A host that is at work.
pub(crate) struct AtWork {
    child: Child,
    trace: Trace,
}

impl Place {
    /// Its service starts a process of its own, which the kernel does not kill with the host.
    fn new() -> Self {
        let script = format!(
            "{} cache --listen 127.0.0.1:0 & echo $! > {{data}}/pid; wait",
            reference()
        );
        Self::with(&format!(
            "[run]\nenvironment = \"own\"\n[environments.own.services.cache]\n\
            command = [\"/bin/sh\", \"-c\", '{script}']\nready-line = \"listening on \"\nscheme = \"redis\"\n"
        ))
    }

    pub(crate) fn with(configuration: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        file(folder.path(), "assay.toml", configuration);
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = host();
        command
            .current_dir(self.path())
            .env("TMPDIR", self.path())
            .args(arguments);
        command
    }

    /// A run of one case that waits until it is killed.
    fn start(&self) -> AtWork {
        let plugin = fixture("faulty").display().to_string();
        self.start_with(&[
            "run",
            &plugin,
            "--no-progress",
            "--filter",
            "faulty/waits-when-told",
            "--set",
            "faulty.wait=true",
        ])
    }

    pub(crate) fn start_with(&self, arguments: &[&str]) -> AtWork {
        let mut command = self.command(arguments);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the host starts");
        let identity = Identity::of(child.id()).expect("it runs");
        AtWork {
            child,
            trace: Trace::of(identity),
        }
    }

    /// Exit code, standard output, standard error.
    pub(crate) fn tell(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().expect("the host starts");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (status.code(), text(stdout), text(stderr))
    }

    /// The events of the run, as far as they are written.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("reports/events.jsonl")).unwrap_or_default()
    }

    pub(crate) fn until_told(&self, event: &str) {
        self.until_logged(&format!("\"event\":\"{event}\""));
    }

    pub(crate) fn until_logged(&self, text: &str) {
        eventually(text, || self.log().contains(text));
    }

    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let Ok(journals) = fs::read_dir(self.path().join(".assay/journal")) else {
            return Vec::new();
        };
        journals.flatten().map(|entry| entry.path()).collect()
    }

    /// Nothing of the host is left that can be seen from outside.
    pub(crate) fn assert_clean(&self, trace: &Trace) {
        assert_eq!(trace.processes(), [], "processes");
        assert_eq!(
            trace.folders(self.path()).expect("the folder can be read"),
            [""; 0].map(PathBuf::from),
            "folders"
        );
        assert_eq!(self.journals(), [""; 0].map(PathBuf::from), "journals");
    }
}

impl AtWork {
    pub(crate) fn kill(mut self) -> Trace {
        let process = Pid::from_raw(self.child.id().cast_signed()).expect("a process");
        kill_process(process, Signal::KILL).expect("the host lives");
        self.child.wait().expect("it has ended");
        self.trace
    }
}

#[test]
fn what_a_killed_host_leaves_is_done_away_with_by_heal_at_every_stage() {
    for stage in ["run_started", "environment_ready", "attempt_started"] {
        let place = Place::new();
        let host = place.start();
        place.until_told(stage);
        let trace = host.kill();
        let (exit, told, error) = place.tell(&["heal"]);
        assert_eq!(exit, Some(0), "{stage}: {told}{error}");
        place.assert_clean(&trace);
        let again = place.tell(&["heal"]);
        assert_eq!(
            again,
            (Some(0), "nothing is left to undo\n".into(), String::new())
        );
    }
}

#[test]
fn a_process_that_outlived_its_host_is_killed_and_its_folder_removed() {
    let place = Place::new();
    let host = place.start();
    place.until_told("attempt_started");
    let trace = host.kill();
    let left = trace.processes();
    assert!(!left.is_empty(), "the kernel kills the shell alone");
    assert_eq!(trace.folders(place.path()).unwrap().len(), 1);
    let (_, told, _) = place.tell(&["heal"]);
    assert!(told.contains("kill 1 process"), "{told}");
    assert!(told.contains("remove `"), "{told}");
    assert!(left.iter().all(|process| !process.lives()));
    place.assert_clean(&trace);
}

#[test]
fn the_next_run_undoes_what_a_killed_one_left_and_says_so() {
    let place = Place::new();
    let host = place.start();
    place.until_told("attempt_started");
    let trace = host.kill();
    let plugin = fixture("noop").display().to_string();
    let (_, _, error) = place.tell(&["run", &plugin, "--no-progress"]);
    assert!(error.contains("was killed"), "{error}");
    place.assert_clean(&trace);
}

#[test]
fn a_host_at_work_is_not_disturbed_by_heal_or_by_another_run() {
    let place = Place::new();
    let host = place.start();
    place.until_told("attempt_started");
    let (exit, told, _) = place.tell(&["heal"]);
    assert_eq!(exit, Some(0));
    assert!(told.contains("1 host is at work"), "{told}");
    assert_eq!(host.trace.processes().len(), 2, "the shell and its child");
    let (_, told, _) = place.tell(&["doctor"]);
    assert!(told.contains("1 host is at work"), "{told}");
    let trace = host.kill();
    let (exit, told, _) = place.tell(&["doctor"]);
    assert_eq!(exit, Some(6), "{told}");
    assert!(told.contains("host heal"), "{told}");
    assert_eq!(place.tell(&["heal"]).0, Some(0));
    place.assert_clean(&trace);
}

#[test]
fn what_a_killed_keeper_leaves_is_done_away_with() {
    let place = Place::new();
    let (exit, exports, error) = place.tell(&["environment", "up"]);
    assert_eq!(exit, Some(0), "{error}");
    let record = fs::read(place.path().join(".assay/environment/own.json")).expect("a record");
    let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
    let keeper = serde_json::from_value(record["keeper"].clone()).expect("an identity");
    let trace = Trace::of(keeper);
    keeper.signal(Signal::KILL).expect("it lives");
    eventually("the keeper has ended", || !keeper.lives());
    let (exit, told, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(0), "{told}{error}");
    place.assert_clean(&trace);
    let address = exports.trim().trim_end_matches('\'');
    let address = address.rsplit_once("://").expect("a URL").1;
    assert!(TcpStream::connect(address).is_err(), "{address} answers");
}

#[test]
fn a_run_that_ends_in_order_leaves_no_journal() {
    let place = Place::new();
    let plugin = fixture("noop").display().to_string();
    place.tell(&["run", &plugin, "--no-progress"]);
    assert_eq!(place.journals(), [""; 0].map(PathBuf::from));
}

#[test]
fn a_damaged_journal_is_told_with_what_to_do_and_kept() {
    let place = Place::new();
    let host = place.start();
    place.until_told("attempt_started");
    let trace = host.kill();
    let journal = place.journals().remove(0);
    let text = fs::read_to_string(&journal).expect("text") + "garbage\n";
    fs::write(&journal, text).expect("written");
    let (exit, told, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(6), "{told}{error}");
    assert!(
        error.contains("is damaged") && error.contains("line 2"),
        "{error}"
    );
    assert!(
        error.contains("hint: all that could be read was undone"),
        "{error}"
    );
    assert_eq!(trace.processes(), []);
    assert_eq!(place.journals(), [journal.with_extension("damaged")]);
}
