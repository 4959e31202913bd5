//! Debian's docker-registry, with a folder and a port of its own. Where it is missing, its tests say that they were skipped.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::program;

/// How long it may take to begin: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);
/// The variable that names it.
const VARIABLE: &str = "DOCKER_REGISTRY";
/// `geheim` of `somebody`, as `htpasswd -B` writes it.
const PASSWORDS: &str = "somebody:$2y$05$abcdefghijklmnopqrstuuVWu8RjbNovPZWAMRdd7iqaaG0mI53Uu\n";

/// A registry, which ends with the test.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    folder: tempfile::TempDir,
    /// Host and port.
    pub host: String,
}

impl Registry {
    /// Starts one for everybody; none where there is no such program.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        Self::start_with(folder, "")
    }

    /// Starts one that wants a login.
    pub fn start_guarded() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let passwords = folder.path().join("passwords");
        std::fs::write(&passwords, PASSWORDS).unwrap();
        let auth = format!(
            "auth:\n  htpasswd:\n    realm: tests\n    path: {}\n",
            passwords.display()
        );
        Self::start_with(folder, &auth)
    }

    fn start_with(folder: tempfile::TempDir, auth: &str) -> Option<Self> {
        let program = program::find(VARIABLE, "docker-registry", "docker-registry")?;
        let config = folder.path().join("config.yml");
        let text = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n{auth}",
            folder.path().join("store").display()
        );
        std::fs::write(&config, text).unwrap();
        let mut process = Command::new(program)
            .arg("serve")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let mut registry = Self {
            process,
            folder,
            host: String::new(),
        };
        let (sender, hosts) = mpsc::channel();
        // Read to its end: a full pipe would stop it.
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("listening on ") {
                    let end = rest.find('"').unwrap_or(rest.len());
                    // Only the first one is waited for.
                    let _ = sender.send(rest[..end].to_owned());
                }
            }
        });
        match hosts.recv_timeout(PATIENCE) {
            Ok(host) => registry.host = host,
            Err(error) => panic!("it does not say where it listens: {error}"),
        }
        Some(registry)
    }

    /// The file in which it keeps a blob, by the 64 digits of its SHA-256.
    pub fn blob(&self, hexadecimal: &str) -> PathBuf {
        let blobs = Path::new("store/docker/registry/v2/blobs/sha256");
        self.folder
            .path()
            .join(blobs)
            .join(&hexadecimal[..2])
            .join(hexadecimal)
            .join("data")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has seen then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
