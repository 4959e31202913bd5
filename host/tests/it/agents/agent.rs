//! A `host agent` of a test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs::File,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::invocation::host;

/// How long a test waits for something that has to come: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(2);

/// An agent, which ends with the test.
pub(super) struct HostAgent {
    process: Child,
    folder: TempDir,
}

impl HostAgent {
    /// Starts one that says that it is ready.
    pub(super) fn start(url: &str, name: &str, arguments: &[&str]) -> Self {
        let agent = Self::begin(url, name, arguments);
        agent.says("is ready");
        agent
    }

    /// Starts one, and does not wait.
    pub(super) fn begin(url: &str, name: &str, arguments: &[&str]) -> Self {
        Self::begin_in(&std::env::temp_dir(), url, name, arguments)
    }

    /// The same, with this folder for what it keeps for a while.
    pub(super) fn begin_in(temporary: &Path, url: &str, name: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = File::create(folder.path().join("output")).unwrap();
        let process = host()
            .args(["agent", "--nats", url, "--name", name])
            .args(arguments)
            .env("TMPDIR", temporary)
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .unwrap();
        Self { process, folder }
    }

    /// What it has said so far.
    pub(super) fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output")).unwrap()
    }

    /// Waits until it says this.
    pub(super) fn says(&self, words: &str) {
        eventually(&format!("it says `{words}`"), || {
            let output = self.output();
            output.contains(words).then_some(()).ok_or(output)
        });
    }

    /// Which process it is.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) {
        self::signal(self.id(), signal);
    }

    /// Ends it as a power cut would.
    pub(super) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// How it ended, once it has.
    pub(super) fn exit(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for HostAgent {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a process a signal.
pub(super) fn signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// Waits until something is so; what is instead is shown if it never is.
#[expect(
    clippy::disallowed_methods,
    reason = "processes are waited for outside of any runtime"
)]
pub(crate) fn eventually<T>(what: &str, look: impl Fn() -> Result<T, String>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match look() {
            Ok(found) => return found,
            Err(instead) => assert!(Instant::now() < end, "{what}: {instead}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
