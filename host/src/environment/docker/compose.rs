//! Calls whichever Compose is installed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{process::Command, time::timeout};

use super::{error::DockerError, project::Project};
use crate::environment::trace::{self, Trace};

/// How long a project may take to come up or to go; images may have to be pulled first.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a compose tool may take to tell its version.
const VERSION_PATIENCE: Duration = Duration::from_secs(20);
/// How long each container may take to end.
pub(super) const STOP_SECONDS: &str = "5";
/// Lines that are shown of what Compose wrote.
const SHOWN_LINES: usize = 15;

/// How a person takes a project down, with its volumes if they were not there before.
pub fn down_by_hand(project: &str, volumes: bool) -> String {
    let volumes = if volumes { " --volumes" } else { "" };
    format!("`docker compose --project-name {project} down{volumes}`")
}

/// The compose tool with a file and a project.
#[derive(Clone, Debug)]
pub struct Compose {
    /// `docker compose`, or `docker-compose`.
    program: Vec<String>,
    file: PathBuf,
    project: String,
    /// What the file's `${NAME}` stand for.
    variables: Vec<(String, String)>,
    engine: String,
    /// What tells that this host started it: whoever undoes what this host has left must end it first.
    trace: Trace,
}

impl Compose {
    /// Finds the tool that is installed.
    pub async fn find(
        file: &Path,
        project: &Project,
        variables: Vec<(String, String)>,
    ) -> Result<Self, DockerError> {
        let trace = Trace::own()?;
        for program in [&["docker", "compose"][..], &["docker-compose"][..]] {
            let program: Vec<_> = program.iter().map(|&word| word.to_owned()).collect();
            let mut version = Command::new(&program[0]);
            version
                .args(&program[1..])
                .arg("version")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true);
            let status = timeout(VERSION_PATIENCE, version.status()).await;
            if status.is_ok_and(|status| status.is_ok_and(|status| status.success())) {
                return Ok(Self {
                    program,
                    file: file.to_owned(),
                    project: project.name().to_owned(),
                    variables,
                    engine: project.engine().address().to_owned(),
                    trace,
                });
            }
        }
        Err(DockerError::NoCompose)
    }

    /// The program: `docker compose` or `docker-compose`.
    pub fn program(&self) -> String {
        self.program.join(" ")
    }

    pub(super) async fn run(&self, arguments: &[&str]) -> Result<(), DockerError> {
        let mut command = Command::from(self.command(arguments));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let line = self.line(arguments);
        let child = command.spawn()?;
        let group = Group::of(&child);
        let output = timeout(PATIENCE, child.wait_with_output()).await;
        let output = output.map_err(|_| DockerError::ComposeHangs {
            command: line.clone(),
            within: PATIENCE,
        })??;
        group.has_ended();
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        Err(DockerError::Compose {
            command: line,
            status: output.status,
            output: lines[lines.len().saturating_sub(SHOWN_LINES)..].to_vec(),
        })
    }

    /// In a process group of its own: a Ctrl-C that is meant for the host must not cut it off half-way.
    pub(super) fn command(&self, arguments: &[&str]) -> std::process::Command {
        use std::os::unix::process::CommandExt as _;
        let mut command = std::process::Command::new(&self.program[0]);
        command
            .args(&self.program[1..])
            .arg("--file")
            .arg(&self.file)
            .args(["--project-name", &self.project])
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("DOCKER_HOST", &self.engine)
            .env(trace::VARIABLE, self.trace.value())
            .stdin(Stdio::null())
            .process_group(0);
        command
    }

    fn line(&self, arguments: &[&str]) -> String {
        let file = self.file.display();
        let words = [
            self.program(),
            format!("--file {file} --project-name {}", self.project),
        ];
        format!("{} {}", words.join(" "), arguments.join(" "))
    }
}

/// The processes of a call of Compose: the program that was called may only be the one that waits for the one that works. Dropping it
/// kills them all.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &tokio::process::Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok());
        Self(leader.and_then(Pid::from_raw))
    }

    /// Its number may belong to somebody else from now on.
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // One that has ended just now needs no signal.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

#[cfg(test)]
impl Compose {
    /// A tool that is this program, whatever it is told.
    pub(super) fn scripted(program: &str, project: &Project) -> Self {
        Self {
            program: vec![program.to_owned()],
            file: PathBuf::from("compose.yml"),
            project: project.name().to_owned(),
            variables: Vec::new(),
            engine: project.engine().address().to_owned(),
            trace: Trace::own().unwrap(),
        }
    }
}
