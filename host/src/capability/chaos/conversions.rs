//! Between the contract's values and those of [`crate::chaos`].

use std::time::Duration;

use crate::{
    chaos::{self, Act, ChaosError, Kind},
    environment::control,
    link,
    plugin::bindings::assay::suite::chaos::{
        Action, Direction, Error, Options, State, Target, Usage,
    },
};

/// Nanoseconds; 584 years fit.
pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl From<Target> for chaos::Target {
    fn from(target: Target) -> Self {
        match target {
            Target::Service(name) => Self::Service(name),
            Target::Link(name) => Self::Link(name),
        }
    }
}

impl From<Action> for Act {
    fn from(action: Action) -> Self {
        Self::OnLink(match action {
            Action::Stop => return Self::Stop,
            Action::Kill(signal) => return Self::Kill(signal),
            Action::Pause => return Self::Pause,
            Action::Restart => return Self::Restart,
            Action::Disconnect => return Self::Disconnect,
            Action::LimitMemory(bytes) => return Self::LimitMemory(bytes),
            Action::LimitCpu(cores) => return Self::LimitCpu(cores),
            Action::Latency(delay) => link::Action::Latency(link::Delay {
                milliseconds: delay.milliseconds,
                jitter: delay.jitter,
            }),
            Action::Bandwidth(bytes) => link::Action::Bandwidth(bytes),
            Action::Blackhole => link::Action::Blackhole,
            Action::Refuse => link::Action::Refuse,
            Action::Reset => link::Action::Reset,
            Action::CutAfterBytes(bytes) => link::Action::CutAfterBytes(bytes),
            Action::CutAfterMs(milliseconds) => link::Action::CutAfterMs(milliseconds),
            Action::SlowClose(milliseconds) => link::Action::SlowClose(milliseconds),
            Action::DropFirst(connections) => link::Action::DropFirst(connections),
        })
    }
}

impl From<Options> for chaos::Options {
    fn from(options: Options) -> Self {
        Self {
            direction: match options.direction {
                Direction::Both => link::Direction::Both,
                Direction::Upstream => link::Direction::Upstream,
                Direction::Downstream => link::Direction::Downstream,
            },
            share: options.share,
            may_be_idle: options.may_be_idle,
        }
    }
}

impl From<control::State> for State {
    fn from(state: control::State) -> Self {
        match state {
            control::State::Running => Self::Running,
            control::State::Paused => Self::Paused,
            control::State::Stopped => Self::Stopped,
            control::State::Starting => Self::Starting,
            control::State::Unreachable => Self::Unreachable,
        }
    }
}

impl From<control::Usage> for Usage {
    fn from(usage: control::Usage) -> Self {
        Self {
            resident_bytes: usage.resident_bytes,
            cpu_ns: usage.cpu_ns,
            threads: usage.threads,
            open_files: usage.open_files,
        }
    }
}

impl From<ChaosError> for Error {
    fn from(error: ChaosError) -> Self {
        let text = error.told();
        match error.kind() {
            Kind::Unknown => Self::UnknownService(text),
            Kind::Unsupported => Self::Unsupported(text),
            Kind::NotConfirmed => Self::NotConfirmed(text),
            Kind::Environment => Self::Environment(text),
        }
    }
}
