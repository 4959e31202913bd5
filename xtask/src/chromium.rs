//! A Chromium, for the tests of the page: the one that is installed, or Debian's package, where this process may install it.

use std::path::PathBuf;

use crate::debian;
use crate::process;

/// The names that it has.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where it is; none where it cannot be had: then the tests say that they were skipped.
pub(crate) fn find() -> Option<PathBuf> {
    installed().or_else(|| {
        if let Err(error) = debian::install("chromium") {
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
