//! What the process ends with, so that a script can tell who is to blame.

use std::process::ExitCode;

/// The exit codes of `host`. They are part of the interface: documented in the README, never given another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every case passed, was flaky or was degraded, and at least one was tested.
    Success = 0,
    /// A case failed: the system under test did not do what it must, or nothing shows that it did. Or it is slower than in former runs, by
    /// more than its bound.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// `assay.toml`, a `--set` or a variable is unreadable or contradictory.
    Config = 3,
    /// A plugin could not be loaded: no component, another API line, a missing export or import.
    Plugin = 4,
    /// A case errored: a plugin broke (trap, panic, limit, wrong use of the host), or asked for what it has no grant for; and no case failed.
    Errored = 5,
    /// The environment is missing or broke: a service that does not start, a port in use; or a service died by itself and no case failed.
    /// Or it broke with what ran in it, an agent that was lost with it included, and no case failed. Or all else was good, and the environment
    /// could not be taken down. Or a shard of a merged run is lost, and no case failed.
    Environment = 6,
    /// Nothing was selected, or everything that was selected was skipped: nothing was tested.
    NothingTested = 7,
    /// A report could not be written.
    Report = 8,
    /// Stopped by Ctrl-C or SIGTERM; everything was taken down.
    Interrupted = 130,
}

impl Exit {
    /// All of them.
    const ALL: [Self; 10] = [
        Self::Success,
        Self::Failed,
        Self::Usage,
        Self::Config,
        Self::Plugin,
        Self::Errored,
        Self::Environment,
        Self::NothingTested,
        Self::Report,
        Self::Interrupted,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The one with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.code() == code)
    }

    /// What it says about the run, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "everything that was tested is as it must be",
            Self::Failed => {
                "a case, a setup or a teardown failed, or a time regressed: the system under test did not do what it must, or nothing shows that it did"
            }
            Self::Usage => "the command line is wrong",
            Self::Config => "the configuration is unreadable or contradictory",
            Self::Plugin => "a plugin could not be loaded",
            Self::Errored => {
                "a plugin broke, or was refused what it has no grant for, so nothing is known about what it tests"
            }
            Self::Environment => {
                "the environment is missing or broke, or a shard or an agent of the run is lost"
            }
            Self::NothingTested => "nothing was tested",
            Self::Report => "a report could not be written",
            Self::Interrupted => "the run was interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
