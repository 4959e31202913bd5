//! Who makes load: ours in its five ways, native clients, and programs that others wrote.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::told::{self, Told};
use super::turn::Turn;
use crate::Outcome;
use crate::bench::cores::{pinned, written};
use crate::bench::host::{Executor, Load};
use crate::bench::server::Server;
use crate::bench::watch::{Watched, watch};
use crate::bench::{Bench, build, file_error, unexpected};
use crate::process;

/// What a program may take beside the time of its load.
const AROUND: Duration = Duration::from_mins(1);

/// One that makes load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contender {
    /// The host, with this scenario of the suite `loader`.
    Host(&'static str),
    /// A way of the example `transport`.
    Native(&'static str),
    /// A program that may be installed.
    Peer(Peer),
}

/// A program of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Wrk,
    Oha,
    Hey,
    K9,
    Locust,
}

/// How much load.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) connections: u32,
    pub(super) seconds: u64,
    /// None: as much as goes.
    pub(super) per_second: Option<u32>,
}

/// The prepared path with an instance for each virtual user, whose iterations begin with their request: what the figures that are wanted are about.
pub(super) const PREPARED: Contender = Contender::Host("opens-alone");
/// The same where the request is sent in the midst of an iteration, which is a call more.
pub(super) const FIRED: Contender = Contender::Host("fires-alone");
/// The same with whole requests.
pub(super) const PLAIN: Contender = Contender::Host("sends-alone");
/// hyper with a connection for each task, and nothing else.
pub(super) const POOL: Contender = Contender::Native("hyper");

impl Contender {
    /// In the order of their turns.
    pub(super) const ALL: [Self; 12] = [
        PREPARED,
        FIRED,
        PLAIN,
        Self::Host("fires"),
        Self::Host("sends"),
        Self::Native("fire"),
        POOL,
        Self::Peer(Peer::Wrk),
        Self::Peer(Peer::Oha),
        Self::Peer(Peer::Hey),
        Self::Peer(Peer::K9),
        Self::Peer(Peer::Locust),
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            PREPARED => "Assay, isolated, prepared",
            FIRED => "Assay, isolated, fired",
            PLAIN => "Assay, isolated, plain",
            Self::Host("fires") => "Assay, shared, prepared",
            Self::Host(_) => "Assay, shared, plain",
            Self::Native("fire") => "our transport, native",
            Self::Native(_) => "hyper pool, native",
            Self::Peer(Peer::Wrk) => "wrk -t1",
            Self::Peer(Peer::Oha) => "oha",
            Self::Peer(Peer::Hey) => "hey",
            Self::Peer(Peer::K9) => "k9-load",
            Self::Peer(Peer::Locust) => "locust (FastHttpUser)",
        }
    }

    pub(super) fn is_ours(self) -> bool {
        matches!(self, Self::Host(_))
    }

    /// What to do where it is not installed.
    pub(super) fn missing(self, bench: &Bench) -> Option<&'static str> {
        let Self::Peer(peer) = self else {
            return None;
        };
        let (program, install) = peer.program();
        find(program, &bench.peers).is_none().then_some(install)
    }

    /// Makes its load once. What goes wrong is told in the results: one that cannot must not keep the others from being measured.
    pub(super) fn turn(self, bench: &Bench, server: &Server, size: Size) -> Result<Turn, String> {
        let turn = self.make(bench, server, size);
        let turn = turn.map_err(|error| error.to_string())?;
        turn.doubt().map_or(Ok(turn), Err)
    }

    fn make(self, bench: &Bench, server: &Server, size: Size) -> Outcome<Turn> {
        let (answered, busy) = (server.answered()?, server.processor_time());
        let (told, watched) = match self {
            Self::Host(scenario) => {
                let made = load(scenario, server, size).make(
                    bench.cores,
                    Duration::from_secs(size.seconds),
                    |_| {},
                )?;
                (told::host(made.outcome()?), made.watched)
            }
            Self::Native(way) => {
                let mut command = native(way, bench, server, size);
                let watched = within(&mut command, size)?;
                (told::native(&watched.output), watched)
            }
            Self::Peer(peer) => peer.make(bench, server, size)?,
        };
        let Some(told) = told else {
            return Err(unexpected(format!(
                "{} said: {}{}",
                self.name(),
                watched.output,
                watched.errors
            )));
        };
        Ok(Turn {
            told,
            processor_time: watched.processor_time,
            peak: watched.peak,
            elapsed: watched.elapsed,
            answered: server.answered()? - answered,
            server: server.processor_time().saturating_sub(busy),
            allowance: 2 * u64::from(size.connections),
        })
    }

    /// Which version of a program of others it is, if it says.
    pub(super) fn version(self, bench: &Bench) -> Option<String> {
        let Self::Peer(peer) = self else {
            return None;
        };
        let (name, _) = peer.program();
        let flag = match peer {
            Peer::Wrk => "-v",
            Peer::Hey => return None,
            Peer::Oha | Peer::K9 | Peer::Locust => "--version",
        };
        let mut command = process::command(find(name, &bench.peers)?, [flag]);
        let watched = watch(&mut command, AROUND, |_| {}).ok()?;
        // Its name and its version; some go on with folders of this machine.
        let said = format!("{}{}", watched.output, watched.errors);
        let words: Vec<&str> = said.split_whitespace().take(2).collect();
        (words.len() == 2).then(|| words.join(" "))
    }

    /// The command line, as a person would write it.
    pub(super) fn line(self, bench: &Bench, server: &Server, size: Size) -> String {
        let command = match self {
            Self::Host(scenario) => load(scenario, server, size).command(bench.cores),
            Self::Native(way) => native(way, bench, server, size),
            Self::Peer(peer) => peer.command(bench, server, size),
        };
        written(&command)
    }
}

impl Peer {
    /// Its name, and how to install it.
    fn program(self) -> (&'static str, &'static str) {
        match self {
            Self::Wrk => ("wrk", "apt-get install wrk"),
            Self::Oha => ("oha", "cargo install oha --locked"),
            Self::Hey => ("hey", "apt-get install hey"),
            Self::K9 => ("k9", "pip install k9-load"),
            Self::Locust => ("locust", "pip install locust"),
        }
    }

    fn command(self, bench: &Bench, server: &Server, size: Size) -> Command {
        let (name, _) = self.program();
        let program = find(name, &bench.peers).unwrap_or_else(|| name.into());
        let mut command = pinned(bench.cores.client, program, [""; 0]);
        let (connections, url) = (size.connections.to_string(), server.url());
        let seconds = format!("{}s", size.seconds);
        match self {
            Self::Wrk => {
                command.args(["-t1", "-c", &connections, "-d", &seconds, "--latency"]);
                if size.per_second.is_some() {
                    command.arg("-s").arg(folder().join(WRK_FILE));
                }
            }
            Self::Oha => {
                command.args([
                    "-z",
                    &seconds,
                    "-c",
                    &connections,
                    "--wait-ongoing-requests-after-deadline",
                ]);
                command.args(["--no-tui", "--output-format", "json"]);
            }
            Self::Hey => {
                command.args(["-z", &seconds, "-c", &connections]);
            }
            Self::K9 => {
                command.args([
                    "run",
                    "--quiet",
                    "--vus",
                    &connections,
                    "--duration",
                    &seconds,
                ]);
                command.args(["--summary-trend-stats", "med,p(99),count"]);
                command
                    .arg("--summary-export")
                    .arg(folder().join(K9_SUMMARY));
                command.arg(folder().join(K9_FILE));
                return command;
            }
            Self::Locust => {
                command.arg("-f").arg(folder().join(LOCUST_FILE));
                command.args(["--headless", "-u", &connections, "-r", &connections]);
                command.args(["-t", &seconds, "--json", "--only-summary", "--host"]);
                command.arg(url.trim_end_matches('/'));
                return command;
            }
        }
        command.arg(url);
        command
    }

    fn make(self, bench: &Bench, server: &Server, size: Size) -> Outcome<(Option<Told>, Watched)> {
        write_files(&server.url(), size)?;
        let watched = within(&mut self.command(bench, server, size), size)?;
        let told = match self {
            Self::Wrk => told::wrk(&watched.output),
            Self::Oha => told::oha(&watched.output),
            Self::Hey => told::hey(&watched.output),
            Self::K9 => {
                let path = folder().join(K9_SUMMARY);
                // Without it nothing is told.
                told::k9(&fs::read_to_string(path).unwrap_or_default())
            }
            Self::Locust => told::locust(&watched.output),
        };
        Ok((told, watched))
    }
}

const LOCUST_FILE: &str = "locustfile.py";
const K9_FILE: &str = "k9.yaml";
const K9_SUMMARY: &str = "k9-summary.json";
const WRK_FILE: &str = "pause.lua";

/// What the programs read, each the least that does one GET after the other.
fn write_files(url: &str, size: Size) -> Outcome<()> {
    let pause = size
        .per_second
        .map_or(0, |rate| size.connections * 1_000 / rate);
    let files = [
        (
            LOCUST_FILE,
            "from locust import FastHttpUser, task\n\n\nclass Visitor(FastHttpUser):\n    @task\n    def get(self):\n        self.client.get(\"/\")\n".to_owned(),
        ),
        (K9_FILE, format!("flows:\n  default:\n    - request:\n        url: \"{url}\"\n")),
        (WRK_FILE, format!("function delay()\n  return {pause}\nend\n")),
    ];
    let folder = folder();
    fs::create_dir_all(&folder).map_err(|source| file_error(&folder, source))?;
    let summary = folder.join(K9_SUMMARY);
    if summary.exists() {
        // That of an earlier turn is not to be taken for that of this one.
        fs::remove_file(&summary).map_err(|source| file_error(&summary, source))?;
    }
    for (name, content) in files {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|source| file_error(&path, source))?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    process::target_directory().join("bench").join("peers")
}

fn load(scenario: &'static str, server: &Server, size: Size) -> Load {
    let seconds = size.seconds;
    let constant = Executor::Constant(seconds);
    Load {
        scenario,
        vus: size.connections,
        executor: size
            .per_second
            .map_or(constant, |rate| Executor::Rate(rate.into(), seconds)),
        grace: None,
        isolated: false,
        parameter: server.url(),
        folder: "load",
    }
}

fn native(way: &str, bench: &Bench, server: &Server, size: Size) -> Command {
    let mut command = pinned(bench.cores.client, build::transport(), ["drive", way]);
    command.arg(server.url());
    command.args([size.connections.to_string(), size.seconds.to_string()]);
    command.args(size.per_second.map(|rate| rate.to_string()));
    command
}

fn within(command: &mut Command, size: Size) -> Outcome<Watched> {
    watch(command, Duration::from_secs(size.seconds) + AROUND, |_| {})
}

/// The program of this name in one of the folders, or on the PATH.
fn find(program: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().cloned().chain(std::env::split_paths(&path));
    let mut programs = folders.map(|folder| folder.join(program));
    programs.find(|program| program.is_file())
}
