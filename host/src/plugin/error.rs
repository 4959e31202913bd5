//! Why a file is no plugin of this host, and what to do about it. All of it ends in [`Exit::Plugin`].

use std::{io, path::PathBuf, time::Duration};

use assay_report::{exit::Exit, hint::Hinted};

use assay_pins::verify::Refusal;

use super::description::Breach;

/// Why a plugin could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{}{problem}", self.place())]
pub struct LoadError {
    /// The file as it was named; none when the engine itself could not be made.
    pub file: Option<PathBuf>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The engine could not be made: not enough address space, a processor that is not supported.
    #[error("the WebAssembly engine cannot start: {0}")]
    Engine(String),
    /// There is no such file.
    #[error("does not exist")]
    Missing,
    /// It is a folder, a pipe, a device.
    #[error("is not a file but {0}")]
    NotAFile(&'static str),
    /// It could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is larger than a plugin may be.
    #[error("has {size} bytes, and a plugin may have {limit}")]
    TooBig {
        /// Bytes of the file.
        size: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// It is empty.
    #[error("is empty")]
    Empty,
    /// It does not start as WebAssembly does.
    #[error("is not WebAssembly")]
    NotWasm,
    /// It is a core module, which has no interfaces.
    #[error("is a core WebAssembly module, not a component")]
    CoreModule,
    /// It starts as a component and does not validate or compile.
    #[error("is not a valid component: {0}")]
    Invalid(String),
    /// It was built for another line of the contract.
    #[error("was built for `{found}`, and this host speaks `{known}`")]
    OtherLine {
        /// The line that it imports or exports.
        found: String,
        /// The line of this host.
        known: &'static str,
        /// Whether the plugin's line came after that of this host.
        is_newer: bool,
    },
    /// It was built for a later version of this host's line, and imports what came with it.
    #[error("was built for `{found}` and imports {item}, and this host speaks `{known}`")]
    LaterVersion {
        /// The version that it was built for.
        found: String,
        /// That of this host.
        known: &'static str,
        /// The interface and, where it is known, the item in it.
        item: String,
    },
    /// It is a component, and no suite.
    #[error("does not export `{0}`")]
    MissingExport(&'static str),
    /// It exports a suite in name only.
    #[error("exports `{interface}` with another type than the contract has: {detail}")]
    WrongExport {
        /// The interface.
        interface: &'static str,
        /// What differs.
        detail: String,
    },
    /// It imports what this host does not have.
    #[error("imports {item}, which this host does not have: {detail}")]
    UnknownImport {
        /// The interface and, where it is known, the item in it.
        item: String,
        /// What was compared.
        detail: String,
    },
    /// Its description breaks the contract.
    #[error("breaks the contract with its description: {0}")]
    Description(#[from] Breach),
    /// What it declares that it wants cannot be known.
    #[error("says what it wants in a way that cannot be read: {0}")]
    Declaration(#[from] assay_grants::declaration::DeclarationError),
    /// `describe` trapped or panicked.
    #[error("cannot be described: {0}")]
    DescribeBroke(String),
    /// `describe` took too long.
    #[error("took more than {} to describe itself", humantime::format_duration(*.0))]
    DescribeTooSlow(Duration),
    /// Only what is locked may run, and this is not.
    #[error("{0}")]
    NotLocked(Box<Refusal>),
    /// Two plugins of one run have suites of the same name.
    #[error("has the suite `{suite}`, as has {}", other.display())]
    SameSuite {
        /// The name of both.
        suite: String,
        /// The plugin that came first.
        other: PathBuf,
    },
}

impl LoadError {
    /// What the process ends with.
    pub fn exit(&self) -> Exit {
        Exit::Plugin
    }

    fn place(&self) -> String {
        // A refusal names the file itself.
        let named = !matches!(self.problem, Problem::NotLocked(_));
        self.file
            .as_ref()
            .filter(|_| named)
            .map(|file| format!("{} ", file.display()))
            .unwrap_or_default()
    }
}

impl Problem {
    /// The problem of this file.
    pub(super) fn of(self, file: impl Into<PathBuf>) -> LoadError {
        LoadError {
            file: Some(file.into()),
            problem: self,
        }
    }
}

impl Hinted for LoadError {
    fn hint(&self) -> Option<String> {
        let hint = match &self.problem {
            Problem::Engine(_) => {
                "use fewer `--jobs`, or raise the limit on address space (`ulimit -v`)"
            }
            Problem::Missing => {
                "correct the path, or build it first: `host build` in the folder of a suite, `cargo xtask plugins` in this repository"
            }
            Problem::NotAFile("a folder") => "name the `.wasm` files in it: `FOLDER/*.wasm`",
            Problem::NotAFile(_) => "name a `.wasm` file",
            Problem::Unreadable(_) => "make it readable for the user that runs the host",
            Problem::TooBig { .. } => {
                "build it with the profile `plugin`, which leaves debug information out"
            }
            Problem::Empty | Problem::NotWasm => {
                "name the `.wasm` file that `cargo build --target wasm32-wasip2` makes"
            }
            Problem::CoreModule => {
                "build it for `wasm32-wasip2`, whose output is a component (`wasm32-unknown-unknown` and `wasm32-wasip1` make core modules)"
            }
            Problem::Invalid(_) => {
                "build it again; if it stays so, its compiler uses a feature that this host does not have"
            }
            Problem::OtherLine { is_newer: true, .. } | Problem::LaterVersion { .. } => {
                "update the host, or build the plugin again with the SDK of this host's version"
            }
            Problem::OtherLine {
                is_newer: false, ..
            } => {
                "build it again with the SDK of this host's version, or run it with a host of its line"
            }
            Problem::MissingExport(_) => {
                "write `suite! { .. }` once in the crate, and make the crate a `cdylib`"
            }
            Problem::WrongExport { .. } | Problem::UnknownImport { .. } => {
                "build it again with the `assay-sdk` of this host's version; if it needs a newer host, update the host"
            }
            Problem::Description(breach) => return Some(breach.hint()),
            Problem::DescribeBroke(_) | Problem::DescribeTooSlow(_) => {
                "`describe` must not wait, and must not depend on the environment: let it return constants"
            }
            Problem::Declaration(error) => return error.hint(),
            Problem::NotLocked(refusal) => return refusal.hint(),
            Problem::SameSuite { .. } => {
                "name each plugin once, and give each suite a name of its own"
            }
        };
        Some(hint.to_owned())
    }
}
