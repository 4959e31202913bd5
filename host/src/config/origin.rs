//! Where a value came from: a wrong one is found at once, and `host config` answers "why is it this?".

use std::{fmt, path::PathBuf};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// Nobody said anything, and the host has drawn one: each process of it has another.
    Random,
    /// A line of `assay.toml`.
    File {
        /// The file, as short as it can be named.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// A variable of the environment, such as `ASSAY_JOBS`.
    Variable(String),
    /// An argument of the command line, such as `--jobs`.
    Argument(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Random => formatter.write_str("random"),
            Self::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Self::Variable(name) => write!(formatter, "variable {name}"),
            Self::Argument(name) => write!(formatter, "argument {name}"),
        }
    }
}
