//! What can be done to a service of an environment, and how it looks from outside: one small interface for every back end.

use std::{fmt, time::Duration};

use assay_report::hint::Hinted;
use async_trait::async_trait;

use crate::{
    capability::recorder::cut,
    environment::{docker::DockerError, error::EnvironmentError},
};

/// How long a service may take to show that it has ended, is frozen or goes on.
pub const CONFIRM_PATIENCE: Duration = Duration::from_secs(5);

/// A service under control. Every call returns once its effect was seen from outside, or says that it was not; none waits without a limit.
/// One change happens at a time; looking is possible meanwhile.
#[async_trait]
pub trait Control: fmt::Debug + Send + Sync {
    /// The service's name.
    fn name(&self) -> &str;
    /// Ends it in an orderly way; what does not end within [`super::STOP_PATIENCE`] is killed.
    async fn stop(&self) -> Result<(), ControlError>;
    /// Ends it with a signal by name, such as `KILL`; see [`SIGNALS`].
    async fn kill(&self, signal: &str) -> Result<(), ControlError>;
    /// Freezes it: its connections stay open and nothing answers.
    async fn pause(&self) -> Result<(), ControlError>;
    /// Lets it go on; answers the time until it was healthy.
    async fn resume(&self) -> Result<Duration, ControlError>;
    /// Starts it again as it was: the same command, data and address. Answers the time until it was healthy.
    async fn start(&self) -> Result<Duration, ControlError>;
    /// Stops and starts it; answers the time from the start until it was healthy.
    async fn restart(&self) -> Result<Duration, ControlError> {
        self.stop().await?;
        self.start().await
    }
    /// How it looks from outside, now.
    async fn state(&self) -> State;
    /// What it uses of the machine, now.
    async fn usage(&self) -> Result<Usage, ControlError>;
    /// The last lines that it wrote, the oldest first; those from before a restart too.
    async fn log(&self, last: usize) -> Result<Vec<String>, ControlError>;
    /// What it wrote in the time that ends now, at most [`MAX_WRITTEN_LINES`] and [`MAX_WRITTEN_BYTES`]: the last lines.
    async fn wrote(&self, within: Duration) -> Result<Written, ControlError>;
    /// Refuses what only some services can have, before anything is done for it.
    fn check(&self, special: Special) -> Result<(), ControlError> {
        Err(not_a_container(
            self.name(),
            match special {
                Special::Disconnect => "taken off a network",
                Special::LimitMemory(_) => "limited in its memory",
                Special::LimitCpu(_) => "limited in its processor time",
            },
        ))
    }
    /// Takes it off one network of its environment, or off all of them.
    async fn disconnect(&self, _network: Option<&str>) -> Result<(), ControlError> {
        self.check(Special::Disconnect)
    }
    /// Puts it back where [`Control::disconnect`] took it off, under the names that it had there. Answers the time until it was
    /// healthy, if it is back on all of its networks.
    async fn connect(&self, _network: Option<&str>) -> Result<Duration, ControlError> {
        Err(not_a_container(self.name(), "put on a network"))
    }
    /// Lets it have at most so many bytes of memory.
    async fn limit_memory(&self, bytes: u64) -> Result<(), ControlError> {
        self.check(Special::LimitMemory(bytes))
    }
    /// Lets it have at most so many cores.
    async fn limit_cpu(&self, cores: f64) -> Result<(), ControlError> {
        self.check(Special::LimitCpu(cores))
    }
    /// Gives it the limits back that it had before the first of [`Control::limit_memory`] and [`Control::limit_cpu`].
    async fn lift_limits(&self) -> Result<(), ControlError> {
        Ok(())
    }
}

fn not_a_container(service: &str, what: &'static str) -> ControlError {
    ControlError::Impossible {
        service: service.to_owned(),
        what,
        why: "it is a process of this machine and no container".to_owned(),
    }
}

/// Lines of a service that are told of an attempt.
pub const MAX_WRITTEN_LINES: usize = 100;
/// Bytes of them, without the ends of the lines.
pub const MAX_WRITTEN_BYTES: usize = 16 << 10;

/// What a service wrote within some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The last lines, the oldest first.
    pub lines: Vec<String>,
    /// How many earlier ones were left out, as far as it is known.
    pub dropped: u64,
}

impl Written {
    /// The last lines of many that fit. A last line that is longer than all that is told is cut.
    pub fn last(lines: impl DoubleEndedIterator<Item = String> + ExactSizeIterator) -> Self {
        let all = lines.len();
        let mut left = MAX_WRITTEN_BYTES;
        let mut kept: Vec<String> = Vec::new();
        for line in lines.rev().take(MAX_WRITTEN_LINES) {
            if line.len() > left && !kept.is_empty() {
                break;
            }
            let line = cut(&line, MAX_WRITTEN_BYTES).to_owned();
            left -= line.len();
            kept.push(line);
        }
        kept.reverse();
        Self {
            dropped: (all - kept.len()) as u64,
            lines: kept,
        }
    }
}

/// What only some kinds of services can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Special {
    /// Off its networks.
    Disconnect,
    /// At most so many bytes of memory.
    LimitMemory(u64),
    /// At most so many cores.
    LimitCpu(f64),
}

/// The names of the signals that end a service.
pub const SIGNALS: [&str; 7] = ["KILL", "TERM", "INT", "QUIT", "HUP", "ABRT", "SEGV"];

/// How a service looks from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs and answers.
    Running,
    /// It is frozen.
    Paused,
    /// It does not run.
    Stopped,
    /// It runs and has not been healthy since its start.
    Starting,
    /// It was healthy and does not answer.
    Unreachable,
}

/// What a service uses of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Memory in use, in bytes.
    pub resident_bytes: u64,
    /// Processor time since its start, in nanoseconds; as fine as the system's clock tick.
    pub cpu_ns: u64,
    /// Threads that exist now.
    pub threads: u32,
    /// Files and sockets that are open now.
    pub open_files: u32,
}

/// Why a service is not as it was asked to be.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The environment has no such service.
    #[error("there is no service `{service}`; there is: {}", known.join(", "))]
    Unknown {
        /// The name.
        service: String,
        /// Those that exist.
        known: Vec<String>,
    },
    /// The environment did not start the service, and so does not touch it.
    #[error("service `{service}` was not started here")]
    NotStarted {
        /// The service.
        service: String,
    },
    /// No signal that ends a service has that name.
    #[error("`{signal}` is no signal that ends a service")]
    UnknownSignal {
        /// The name.
        signal: String,
    },
    /// The service has ended.
    #[error("service `{service}` does not run")]
    NotRunning {
        /// The service.
        service: String,
    },
    /// The service has not ended.
    #[error("service `{service}` runs already")]
    Running {
        /// The service.
        service: String,
    },
    /// The environment was taken down.
    #[error("service `{service}` cannot be started: its environment is down")]
    Down {
        /// The service.
        service: String,
    },
    /// What was done does not show.
    #[error(
        "service `{service}` is not {expected} after {}",
        humantime::format_duration(CONFIRM_PATIENCE)
    )]
    NotConfirmed {
        /// The service.
        service: String,
        /// What it should be.
        expected: &'static str,
    },
    /// It listens elsewhere than before, where nobody knows; it was stopped again.
    #[error("service `{service}` was started again and listens on {found} instead of {expected}")]
    Moved {
        /// The service.
        service: String,
        /// Where it listened first.
        expected: String,
        /// Where it listened then.
        found: String,
    },
    /// It did not get ready.
    #[error(transparent)]
    NotReady(#[from] EnvironmentError),
    /// This kind of service cannot be changed so.
    #[error("service `{service}` cannot be {what}: {why}")]
    Impossible {
        /// The service.
        service: String,
        /// What was asked for.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// The Docker engine did not do it.
    #[error(transparent)]
    Docker(#[from] DockerError),
    /// The system tells nothing about the process.
    #[error("the usage of service `{service}` cannot be read: {problem}")]
    Usage {
        /// The service.
        service: String,
        /// Why.
        problem: String,
    },
}

impl Hinted for ControlError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { .. } => "name one of these".to_owned(),
            Self::NotStarted { .. } => {
                "let the host start it: give it a `command` in assay.toml, and take it out of `--service` and the variables ASSAY_SERVICE_... (`eval \"$(host environment down)\"`)".to_owned()
            }
            Self::UnknownSignal { .. } => format!("use one of {}", SIGNALS.join(", ")),
            Self::NotRunning { .. } => "start it first".to_owned(),
            Self::Running { .. } => "stop it first".to_owned(),
            Self::Down { .. } => "bring the environment up first".to_owned(),
            Self::NotConfirmed { .. } => "see what else holds it, such as a debugger, or whether it ignores the signal".to_owned(),
            Self::Moved { .. } => "write `{port}` in its `command` in assay.toml: 0 at its first start, and then the port that it chose".to_owned(),
            Self::NotReady(error) => return error.hint(),
            Self::Docker(error) => return error.hint(),
            Self::Impossible { .. } => "ask for something that it can do, or use an environment of containers: `--environment docker`".to_owned(),
            Self::Usage { .. } => "see whether it has just ended; of containers only root sees the open files, and only where the engine runs".to_owned(),
        })
    }

    fn details(&self) -> Option<String> {
        match self {
            Self::NotReady(error) => error.details(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(count: usize, bytes: usize) -> Written {
        let lines: Vec<_> = (0..count)
            .map(|number| format!("{number:0bytes$}"))
            .collect();
        Written::last(lines.into_iter())
    }

    #[test]
    fn the_last_lines_are_told_up_to_both_limits() {
        assert_eq!(written(MAX_WRITTEN_LINES, 4).dropped, 0);
        let over = written(MAX_WRITTEN_LINES + 2, 4);
        assert_eq!(
            (over.lines.len(), over.dropped, &*over.lines[0]),
            (100, 2, "0002")
        );
        let eight = MAX_WRITTEN_BYTES / 8;
        assert_eq!(written(8, eight).dropped, 0);
        assert_eq!(written(9, eight).dropped, 1);
    }

    #[test]
    fn a_line_that_is_longer_than_all_is_cut() {
        let long = written(2, MAX_WRITTEN_BYTES + 1);
        assert_eq!((long.lines.len(), long.dropped), (1, 1));
        assert_eq!(long.lines[0].len(), MAX_WRITTEN_BYTES);
    }
}
