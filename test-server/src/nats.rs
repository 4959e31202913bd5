//! A NATS server with `JetStream`, with a folder and a port of its own, which tests kill and start again. Where it is missing, its tests say that
//! they were skipped.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::program;

/// How long it may take to begin: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);
/// The variable that names it.
const VARIABLE: &str = "NATS_SERVER";

/// A server, which ends with the test.
#[derive(Debug)]
pub struct Nats {
    program: OsString,
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Nats {
    /// Starts one for everybody, with `JetStream`; none where there is no such program.
    pub fn start() -> Option<Self> {
        Self::start_with("jetstream { store_dir: \"{store}\" }\n")
    }

    /// Starts one with what a configuration says beside its port; `{store}` is a folder of its own.
    pub fn start_with(configuration: &str) -> Option<Self> {
        let program = program::find(VARIABLE, "nats-server", "nats-server")?;
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store").display().to_string();
        let configuration = configuration.replace("{store}", &store);
        std::fs::write(folder.path().join("nats.conf"), configuration).unwrap();
        let process = run(&program, folder.path(), -1);
        let mut nats = Self {
            program,
            process,
            folder,
            port: 0,
        };
        nats.port = nats.wait();
        Some(nats)
    }

    /// Its address, without a user.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its address, with a user.
    pub fn url_of(&self, user: &str) -> String {
        format!("nats://{user}@127.0.0.1:{}", self.port)
    }

    /// The address of the pages of its own state, if its configuration has `http: "127.0.0.1:-1"`.
    pub fn http(&self) -> String {
        let ports = std::fs::read_to_string(ports_file(self.folder.path(), &self.process)).unwrap();
        let (_, rest) = ports.split_once("http://").expect("it serves pages");
        let (address, _) = rest.split_once('"').unwrap();
        format!("http://{address}")
    }

    /// What is its own: its log, its configuration, its store.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        // It may have ended by itself, which the test has seen then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again after [`Nats::kill`], at the same address, with what it has stored.
    pub fn start_again(&mut self) {
        self.process = run(&self.program, self.folder.path(), self.port.into());
        self.wait();
    }

    /// Waits until it listens; its port.
    fn wait(&mut self) -> u16 {
        let file = ports_file(self.folder.path(), &self.process);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            assert!(
                self.process.try_wait().unwrap().is_none(),
                "it has ended: {}",
                self.log()
            );
            let ports = std::fs::read_to_string(&file).unwrap_or_default();
            // The file may be there before all of its text.
            if let Some((_, rest)) = ports.split_once("://127.0.0.1:")
                && let Some((port, _)) = rest.split_once('"')
            {
                return port.parse().unwrap();
            }
            pause();
        }
        panic!("it does not say where it listens: {}", self.log());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process that starts is waited for outside of any runtime"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

fn run(program: &OsString, folder: &Path, port: i32) -> Child {
    Command::new(program)
        .args([
            "--addr",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--config",
        ])
        .arg(folder.join("nats.conf"))
        .arg("--log")
        .arg(folder.join("log"))
        .arg("--ports_file_dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn ports_file(folder: &Path, process: &Child) -> PathBuf {
    folder.join(format!("nats-server_{}.ports", process.id()))
}
