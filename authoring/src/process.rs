//! The programs of others: how they are found, and how they are ended.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use tokio::process::{Child, Command};

/// How long a program that was asked to end may take for it before it is ended. A host takes down its environment meanwhile, and gives
/// teardowns 10 s.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// The programs that suites are built with. By default those that are on the `PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// Builds suites in Rust.
    pub cargo: PathBuf,
    /// Says whether the target is there.
    pub rustc: PathBuf,
    /// Makes components of Python.
    pub python: PathBuf,
}

impl Default for Toolchain {
    fn default() -> Self {
        Self {
            cargo: "cargo".into(),
            rustc: "rustc".into(),
            python: "python3".into(),
        }
    }
}

/// What a command starts.
pub(crate) fn program(command: &Command) -> String {
    command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned()
}

/// A program with its arguments, in a folder. It ends with whoever stops waiting for it.
pub(crate) fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).kill_on_drop(true);
    command
}

/// Waits for the end of a program; one that is to stop gets a SIGTERM, and if that is not enough it is ended.
pub(crate) async fn ended(
    child: &mut Child,
    stop: impl Future<Output = ()>,
) -> io::Result<Option<ExitStatus>> {
    tokio::select! {
        biased;
        status = child.wait() => return status.map(Some),
        () = stop => {}
    }
    if let Some(id) = child
        .id()
        .and_then(|id| id.try_into().ok())
        .and_then(rustix::process::Pid::from_raw)
    {
        // One that is gone already cannot be told, and need not be.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
    if tokio::time::timeout(LAST_WORDS, child.wait())
        .await
        .is_err()
    {
        child.kill().await?;
    }
    Ok(None)
}

/// How a person would write a command, without the folder of the program.
pub(crate) fn line(command: &Command) -> String {
    let command = command.as_std();
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or_default())
        .chain(command.get_args())
        .map(std::ffi::OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
