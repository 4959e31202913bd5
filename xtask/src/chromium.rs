//! A Chromium, for the tests of the page: the one that is installed, or Debian's package, where this process may install it.

use std::path::PathBuf;

use crate::Outcome;
use crate::process;

/// The names that it has.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where it is; none where it cannot be had: then the tests say that they were skipped.
pub(crate) fn find() -> Option<PathBuf> {
    installed().or_else(|| {
        process::say("installing Debian's package chromium");
        if let Err(error) = install() {
            process::say(&format!("no Chromium: {error}"));
        }
        installed()
    })
}

fn installed() -> Option<PathBuf> {
    let works = |name: &str| process::works(&mut process::command(name, ["--version"]));
    let found = NAMES.into_iter().find(|name| works(name));
    found.map(PathBuf::from)
}

fn install() -> Outcome<()> {
    let apt = |arguments: &[&str]| {
        let mut command = process::command("apt-get", arguments.iter().copied());
        process::run(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let package = [
        "-qq",
        "install",
        "-y",
        "--no-install-recommends",
        "chromium",
    ];
    // The lists of packages may be old, or not there at all.
    apt(&package).or_else(|_| {
        apt(&["-qq", "update"])?;
        apt(&package)
    })
}
