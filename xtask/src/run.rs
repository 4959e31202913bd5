//! `cargo xtask run`: from a fresh clone to verdicts.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::Outcome;
use crate::plugins;
use crate::process;

/// Builds host, reference system and suites, runs the suites, and ends with the exit code of `host`.
pub(crate) fn run(arguments: &[String]) -> Outcome<ExitCode> {
    native()?;
    let suites = plugins::build(false)?;
    let mut host = process::command(binary("host"), ["run"]);
    host.args(suites.iter().map(|suite| {
        // As a person would write it: `host run plugins/*.wasm`.
        suite.strip_prefix(process::root()).unwrap_or(suite)
    }));
    let status = host
        .args(arguments)
        .status()
        .map_err(|source| process::start(&host, source))?;
    // A signal has no code; `host` handles those that it can, so this is a crash.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Builds what runs natively. The whole workspace is selected, as the tests do: another selection would give the dependencies
/// other features, and wasmtime would compile twice.
pub(crate) fn native() -> Outcome<()> {
    process::run(&mut process::cargo(["build", "--workspace", "--bins"]))
}

/// Where a program of this workspace is.
pub(crate) fn binary(name: &str) -> PathBuf {
    process::target_directory().join("debug").join(name)
}
