//! Why an environment is not there, and what to do about it.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use assay_report::hint::Hinted;

use crate::{
    config::Origin,
    environment::{
        docker::{Abandoned, DockerError, down_by_hand},
        port::Holder,
    },
};

/// Lines of a service that are shown, those that were folded counted as one.
const SHOWN_LINES: usize = 10;

/// Why an environment is not there.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The program of a service does not exist.
    #[error("service `{service}`: there is no program `{}`", program.display())]
    MissingProgram {
        /// The service.
        service: String,
        /// The program, its places filled.
        program: PathBuf,
    },
    /// The program cannot be started.
    #[error("service `{service}` cannot be started: {source}")]
    Start {
        /// The service.
        service: String,
        /// Why.
        source: io::Error,
    },
    /// The port is taken.
    #[error("service `{service}` needs port {port}, which is in use by {}", holder_text(holder.as_ref()))]
    PortInUse {
        /// The service.
        service: String,
        /// The port.
        port: u16,
        /// Who has it, if the system tells.
        holder: Option<Holder>,
    },
    /// The service ended before or while it was used.
    #[error("service `{service}` ended with {status}{}", output_text(output))]
    Died {
        /// The service.
        service: String,
        /// How.
        status: ExitStatus,
        /// Its last lines.
        output: Vec<String>,
    },
    /// The service did not get ready in time.
    #[error("service `{service}` is not ready after {}: {problem}{}", humantime::format_duration(*within), output_text(output))]
    NotReady {
        /// The service.
        service: String,
        /// How long it had.
        within: Duration,
        /// What was seen last.
        problem: String,
        /// Its last lines.
        output: Vec<String>,
    },
    /// A service that is said to run does not answer.
    #[error("service `{service}` does not answer at {url}: {problem}")]
    Unreachable {
        /// The service.
        service: String,
        /// Where it should be.
        url: String,
        /// What was seen last.
        problem: String,
        /// Who said that it runs.
        origin: Origin,
    },
    /// The first line of output does not tell an address.
    #[error("service `{service}`: its first line `{line}` is not `{expected}HOST:PORT`")]
    ReadyLine {
        /// The service.
        service: String,
        /// The line.
        line: String,
        /// The text before the address.
        expected: String,
    },
    /// A place in the command, or in a variable of the compose file, cannot be filled.
    #[error("service `{service}` needs {place}, which is not there")]
    Place {
        /// The service.
        service: String,
        /// The place, in words.
        place: String,
    },
    /// A setting was given for a compose project that runs already.
    #[error(
        "the compose project `{project}` gets `{setting}` when it is brought up, but it runs already"
    )]
    TooLate {
        /// The project.
        project: String,
        /// The setting.
        setting: String,
    },
    /// The compose project that was brought up here is there still.
    #[error("the compose project `{project}` could not be taken down: {problem}")]
    NotDown {
        /// The project.
        project: String,
        /// Whether its volumes are to go with it.
        volumes: bool,
        /// Why.
        problem: DockerError,
    },
    /// Nobody knows whether the containers that ran before are as they were found, and nothing is known to have been done to them.
    #[error("the containers of the project `{project}` could not be looked at: {problem}")]
    NotSeen {
        /// The project.
        project: String,
        /// Why.
        problem: DockerError,
    },
    /// A container that ran before is not as it was found.
    #[error("the container of `{service}` could not be put back as it was: {problem}")]
    NotPutBack {
        /// The service.
        service: String,
        /// Why.
        problem: DockerError,
    },
    /// A container that ran before cannot be as it was found any more.
    #[error("the container of `{service}` cannot be put back as it was: {what}")]
    Gone {
        /// The service.
        service: String,
        /// What somebody else has removed.
        what: String,
    },
    /// What only the engine can free: it holds nothing.
    #[error(transparent)]
    Abandoned(#[from] Abandoned),
    /// The Docker engine or Compose did not do it.
    #[error(transparent)]
    Docker(#[from] DockerError),
    /// Folders, threads or the HTTP client cannot be made.
    #[error("the environment cannot be prepared: {0}")]
    Prepare(#[from] io::Error),
}

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "a process that cannot be seen".to_owned(),
        ToString::to_string,
    )
}

fn output_text(output: &[String]) -> &'static str {
    if output.is_empty() {
        "; it wrote nothing"
    } else {
        ""
    }
}

/// The last lines of a service; a line that comes again and again takes the place of one.
fn last_lines(service: &str, output: &[String]) -> Option<String> {
    let folded: Vec<_> = output
        .chunk_by(|line, next| line == next)
        .map(|equal| match equal {
            [line] => line.clone(),
            _ => format!("{} ({} times)", equal[0], equal.len()),
        })
        .collect();
    let shown = &folded[folded.len().saturating_sub(SHOWN_LINES)..];
    (!shown.is_empty()).then(|| {
        let lines = shown.join("\n    ");
        format!("the last lines of `{service}`:\n    {lines}")
    })
}

/// What to do about the reason comes first.
fn first(problem: &DockerError, then: &str) -> String {
    match problem.hint() {
        Some(hint) => format!("{hint}; {then}"),
        None => then.to_owned(),
    }
}

impl EnvironmentError {
    /// Whether the crash journal knows how to undo it, so that the next heal tries it again.
    pub fn is_tried_again(&self) -> bool {
        matches!(self, Self::NotDown { .. } | Self::NotPutBack { .. })
    }
}

impl Hinted for EnvironmentError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::MissingProgram { program, .. } if program.ends_with("reference") => {
                "build it: `cargo build`".to_owned()
            }
            Self::MissingProgram { .. } => "install it, or correct the service's `command` in assay.toml".to_owned(),
            Self::Start { .. } => "check that the file may be executed and that the system has room for a process".to_owned(),
            Self::PortInUse { service, port, .. } => {
                format!("stop that process, or use it: `--service {service}=http://127.0.0.1:{port}`")
            }
            Self::Died { .. } => "run the service's `command` by hand to see more (`host config` shows it)".to_owned(),
            Self::NotReady { .. } => "correct `health`, `health-status` or `ready-within` of the service in assay.toml, or the service".to_owned(),
            Self::Unreachable { origin: Origin::Variable(name), .. } => format!(
                "`host environment down` may have ended it, or it was never started: start it, or `unset {name}` to let each run start its own"
            ),
            Self::Unreachable { origin, .. } => format!("start it, or remove what says that it runs: {origin}"),
            Self::ReadyLine { expected, .. } => format!(
                "`ready-line`, here `{expected}`, is the beginning of the first line on standard output, and HOST:PORT follows it at once; \
                    where the first line is another one, give the command a `{{port}}` instead"
            ),
            Self::Place { .. } => "correct the service's `command`, or the `variables` of its environment, in assay.toml".to_owned(),
            Self::TooLate { project, .. } => format!(
                "take it down, so that the host brings it up with it: `docker compose --project-name {project} down`; or leave the `--set` away"
            ),
            Self::NotDown {
                project,
                volumes,
                problem,
            } => first(
                problem,
                &format!(
                    "`host heal` tries it again; by hand: {}",
                    down_by_hand(project, *volumes)
                ),
            ),
            Self::NotSeen { problem, .. } => first(
                problem,
                "no fault of this run is open on them, so there is nothing to heal",
            ),
            Self::NotPutBack { problem, .. } => first(problem, "`host heal` tries it again"),
            Self::Gone { .. } => "somebody has removed it meanwhile: bring the project up anew".to_owned(),
            Self::Abandoned(abandoned) => return abandoned.hint(),
            Self::Docker(error) => return error.hint(),
            Self::Prepare(_) => "check that the folder for temporary files has room and may be written to".to_owned(),
        })
    }

    fn details(&self) -> Option<String> {
        match self {
            Self::Died {
                service, output, ..
            }
            | Self::NotReady {
                service, output, ..
            } => last_lines(service, output),
            Self::Docker(error)
            | Self::NotDown { problem: error, .. }
            | Self::NotSeen { problem: error, .. }
            | Self::NotPutBack { problem: error, .. } => error.details(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_report::hint::told;

    use super::*;

    fn not_ready(output: &[&str]) -> EnvironmentError {
        EnvironmentError::NotReady {
            service: "odd".to_owned(),
            within: Duration::from_secs(1),
            problem: "no answer".to_owned(),
            output: output.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    #[test]
    fn what_to_do_comes_before_the_last_lines_and_equal_lines_are_one() {
        let error = not_ready(&["starting", "no cache", "no cache", "no cache", "starting"]);
        let lines: Vec<_> = told(&error).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "service `odd` is not ready after 1s: no answer");
        assert!(lines[1].starts_with("hint: "), "{lines:?}");
        assert_eq!(
            lines[2..],
            [
                "the last lines of `odd`:",
                "    starting",
                "    no cache (3 times)",
                "    starting"
            ]
        );
    }

    #[test]
    fn a_project_that_is_there_still_is_told_with_why_and_both_ways_to_go_on() {
        use std::os::unix::process::ExitStatusExt as _;
        let error = EnvironmentError::NotDown {
            project: "shop".to_owned(),
            volumes: true,
            problem: DockerError::Compose {
                command: "docker-compose down".to_owned(),
                status: ExitStatus::from_raw(1 << 8),
                output: vec!["network is in use".to_owned()],
            },
        };
        let lines: Vec<_> = told(&error).lines().map(str::to_owned).collect();
        assert!(lines[0].starts_with(
            "the compose project `shop` could not be taken down: `docker-compose down` ended with"
        ));
        let hint = &lines[1];
        assert!(hint.contains("`host heal` tries it again"), "{hint}");
        assert!(
            hint.contains("`docker compose --project-name shop down --volumes`"),
            "{hint}"
        );
        assert_eq!(lines.last().unwrap().trim(), "network is in use");
    }

    #[test]
    fn ten_lines_are_shown_and_of_more_the_last_ones() {
        let numbers: Vec<_> = (0..11).map(|number| number.to_string()).collect();
        let lines: Vec<_> = numbers.iter().map(String::as_str).collect();
        let shown = |lines: &[&str]| {
            let details = not_ready(lines).details();
            details.map(|details| {
                details
                    .lines()
                    .skip(1)
                    .map(|line| line.trim().to_owned())
                    .collect()
            })
        };
        assert_eq!(shown(&lines[..10]), Some(numbers[..10].to_vec()));
        assert_eq!(shown(&lines), Some(numbers[1..].to_vec()));
        assert_eq!(shown(&[]), None);
    }
}
