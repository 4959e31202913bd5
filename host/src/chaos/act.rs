//! What a suite asks for, in the words of the contract (`wit/v0.1/chaos.wit`), as values of the host's own.

use std::fmt;

use crate::link::{self, Direction};

/// What a fault is made on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A service of the environment, by its name.
    Service(String),
    /// A link of the environment, as `from->to`.
    Link(String),
}

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// End a service in an orderly way.
    Stop,
    /// End it with a signal by name.
    Kill(String),
    /// Freeze it.
    Pause,
    /// Stop and start it.
    Restart,
    /// Take a service off the network; let nothing pass over a link.
    Disconnect,
    /// At most so many bytes of memory for a service.
    LimitMemory(u64),
    /// At most so many cores for a service.
    LimitCpu(f64),
    /// What only links know.
    OnLink(link::Action),
}

/// How much of its target a fault meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Which way over a link.
    pub direction: Direction,
    /// The share of the connections of a link, 0 to 1.
    pub share: f64,
    /// Whether it is right that nothing meets it.
    pub may_be_idle: bool,
}

/// A fault that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// On what.
    pub target: Target,
    /// What.
    pub act: Act,
    /// How much of it.
    pub options: Options,
}

impl Default for Options {
    /// Everything, and something must meet it.
    fn default() -> Self {
        Self {
            direction: Direction::Both,
            share: 1.0,
            may_be_idle: false,
        }
    }
}

impl Target {
    /// The name of the service or of the link.
    pub fn name(&self) -> &str {
        match self {
            Self::Service(name) | Self::Link(name) => name,
        }
    }
}

impl Act {
    /// Whether a service answers nobody with it, for as long as it is there.
    pub fn silences(&self) -> bool {
        matches!(
            self,
            Self::Stop | Self::Kill(_) | Self::Pause | Self::Disconnect
        )
    }

    /// Its name in the contract.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill(_) => "kill",
            Self::Pause => "pause",
            Self::Restart => "restart",
            Self::Disconnect => "disconnect",
            Self::LimitMemory(_) => "limit-memory",
            Self::LimitCpu(_) => "limit-cpu",
            Self::OnLink(action) => match action {
                link::Action::Latency(_) => "latency",
                link::Action::Bandwidth(_) => "bandwidth",
                link::Action::Blackhole => "blackhole",
                link::Action::Refuse => "refuse",
                link::Action::Reset => "reset",
                link::Action::CutAfterBytes(_) => "cut-after-bytes",
                link::Action::CutAfterMs(_) => "cut-after-ms",
                link::Action::SlowClose(_) => "slow-close",
                link::Action::DropFirst(_) => "drop-first",
                link::Action::Observe => "observe",
            },
        }
    }
}

/// As messages name it: the fault `latency` on `client->cache`.
impl fmt::Display for Order {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, target) = (self.act.word(), self.target.name());
        write!(formatter, "the fault `{word}` on `{target}`")
    }
}
