//! Why there is no component, and what to do about it.

use std::{io, path::PathBuf, process::ExitStatus};

use assay_report::hint::Hinted;
use thiserror::Error;

use super::TARGET;
use crate::FileError;

/// Why there is no component.
#[derive(Debug, Error)]
pub enum BuildError {
    /// There is no Rust.
    #[error("cannot start `{program}`: {source}")]
    NoRust {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Rust cannot compile for components.
    #[error("Rust has no target `{TARGET}` here")]
    NoTarget,
    /// There is no Python.
    #[error("cannot start `{program}`: {source}")]
    NoPython {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// What components of Python are made with could not be had.
    #[error(
        "what `requirements.txt` names could not be installed: `{command}` ended with {status}"
    )]
    Requirements {
        /// What was tried.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// Whether nothing was to be fetched.
        offline: bool,
        /// Whether they are the suite's own, and other than the host's.
        own: bool,
    },
    /// The suite's file cannot be imported.
    #[error("`{}` cannot be imported: its name is no word of Python", suite.display())]
    Module {
        /// The file.
        suite: PathBuf,
    },
    /// The compiler said no; what it said is above.
    #[error("`{command}` ended with {status}")]
    Compiler {
        /// What was called.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// What it wants cannot be said in its component.
    #[error(transparent)]
    Wants(#[from] assay_grants::declaration::DeclarationError),
    /// The compiler said yes, and told no component.
    #[error("cargo built the suite and named no `.wasm` file of it")]
    NoComponent,
    /// What the compiler tells of itself cannot be read.
    #[error("what `{command}` prints cannot be read: {problem}")]
    Unreadable {
        /// What was called.
        command: String,
        /// What is wrong.
        problem: String,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl BuildError {
    /// Whether the suite's author can correct it in the suite: then waiting for a change makes sense.
    pub fn is_of_the_suite(&self) -> bool {
        matches!(
            self,
            Self::Compiler { .. }
                | Self::Module { .. }
                | Self::Wants(_)
                | Self::NoComponent
                | Self::Requirements { own: true, .. }
        )
    }
}

impl Hinted for BuildError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoRust { .. } => {
                "install Rust with rustup (https://rustup.rs), and look whether `cargo` is on the `PATH`"
            }
            Self::NoTarget => "rustup target add wasm32-wasip2",
            Self::NoPython { .. } => {
                "install Python 3.11 or newer, and look whether `python3` is on the `PATH`"
            }
            Self::Requirements { offline: true, .. } => {
                "build once with a network: what was fetched is kept in `target/assay`"
            }
            Self::Requirements { own: true, .. } => {
                "its own message is above; each line of `requirements.txt` has to pin a version and its `--hash`, and the network has to reach the index that pip is told"
            }
            Self::Requirements { .. } => {
                "its own message is above; the network has to reach PyPI or the index that pip is told, once, and Python needs `venv` (Debian: `python3-venv`)"
            }
            Self::Module { .. } => {
                "let its name be letters, digits and underscores, a digit not first"
            }
            Self::Compiler { .. } => "its own message is above",
            Self::NoComponent => {
                "look whether `crate-type` under `[lib]` of `Cargo.toml` has `cdylib`"
            }
            Self::Unreadable { .. } => "look whether the tool is one that this host knows",
            Self::Wants(error) => return error.hint(),
            Self::File(error) => return error.hint(),
        };
        Some(text.to_owned())
    }
}
