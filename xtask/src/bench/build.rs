//! What is measured is what people would use: the release profile.

use std::path::PathBuf;

use super::cases::IDLE;
use super::host::LOADER;
use crate::Outcome;
use crate::plugins;
use crate::process;

/// Builds the host, the reference system, the server of the measurements and all plugins; the suites' files.
pub(super) fn all() -> Outcome<Vec<PathBuf>> {
    process::say("building, in the release profile");
    let native = [
        "build",
        "--release",
        "--package=assay-host",
        "--package=assay-reference",
    ];
    process::run(&mut process::cargo(native))?;
    let server = [
        "build",
        "--release",
        "--package=assay-load",
        "--example=transport",
    ];
    process::run(&mut process::cargo(server))?;
    let suites = plugins::build(true)?;
    let mut list = process::command(host(), ["list"]);
    list.args(&suites)
        .arg(plugins::built(LOADER))
        .arg(plugins::built(IDLE));
    // Compiles them into the cache: nobody wants to know what the first run of all takes.
    process::output(&mut list)?;
    Ok(suites)
}

/// The host.
pub(super) fn host() -> PathBuf {
    folder().join("host")
}

/// The example of `load/`: the server, and native clients.
pub(super) fn transport() -> PathBuf {
    folder().join("examples").join("transport")
}

fn folder() -> PathBuf {
    process::target_directory().join("release")
}
