//! Starting other programs in the repository's root, and saying which of them failed.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::sync::LazyLock;

use crate::Outcome;

/// Why a task did not get to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A program could not be started.
    #[error("cannot start `{program}`: {source}\nhint: is it installed and on the PATH?")]
    Start {
        /// Its name.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A program said no; what it printed is above.
    #[error("`{command}` ended with {status}\nhint: its own message is above")]
    Ended {
        /// The command line.
        command: String,
        /// Its exit code or signal.
        status: ExitStatus,
    },
    /// A program took too long, and was ended.
    #[error(
        "`{command}` was still running after {seconds} s, and was ended\nhint: look what holds it up; start it by hand"
    )]
    Late {
        /// The command line.
        command: String,
        /// How long it had.
        seconds: u64,
    },
    /// A file or folder could not be read or written.
    #[error("{path}: {source}\nhint: check that it exists and who owns it")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A program's output was not what it should be.
    #[error(
        "{what} is not as expected: {problem}\nhint: was the tool updated? compare with what xtask reads"
    )]
    Unexpected {
        /// Whose output.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No Docker engine answers.
    #[error("there is no Docker engine: {problem}\nhint: start it, or set DOCKER_HOST to one")]
    NoEngine {
        /// What its client says.
        problem: String,
    },
    /// Tests failed; the count is printed already, and stays the last line.
    #[error("tests failed")]
    Counted,
}

/// The folder of the workspace's Cargo.toml: of the one in which cargo was called. What was known when this was compiled may be another
/// checkout that shares the target folder.
pub(crate) fn root() -> &'static Path {
    static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| {
        std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
    });
    // A package's own folder always has the workspace above it here.
    PACKAGE.parent().unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The cargo that runs this task, so that a toolchain chosen by hand stays chosen.
pub(crate) fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    command(cargo, arguments)
}

/// A program that works in the repository's root.
pub(crate) fn command<I: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = I>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs it to its end; only success is success.
pub(crate) fn run(command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|source| start(command, source))?;
    ended(command, status)
}

/// Runs it to its end and keeps what it printed; its errors stay visible.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let Output { status, stdout, .. } = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|source| start(command, source))?;
    ended(command, status)?;
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

/// Whether a program runs here at all.
pub(crate) fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// One line for the person at the terminal.
#[expect(clippy::print_stderr, reason = "the one place where a task speaks")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Makes the error of a program that could not be started.
pub(crate) fn start(command: &Command, source: io::Error) -> TaskError {
    TaskError::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}

/// Why a file could not be read or written.
pub(crate) fn file(path: &Path, source: io::Error) -> TaskError {
    TaskError::File {
        path: path.to_owned(),
        source,
    }
}

/// Only success is success.
pub(crate) fn ended(command: &Command, status: ExitStatus) -> Outcome<()> {
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Ended {
        command: line(command),
        status,
    })
}

/// How a person would write it, without the folder of the program.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or_default())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
