//! libxml2's `xmllint`, for the tests of JUnit XML: the one that is installed, or Debian's package, where this process may install it.

use std::path::PathBuf;

use crate::debian;
use crate::process;

const NAME: &str = "xmllint";

/// Where it is; none where it cannot be had: then the tests say that they were skipped.
pub(crate) fn find() -> Option<PathBuf> {
    installed().or_else(|| {
        if let Err(error) = debian::install("libxml2-utils") {
            process::say(&format!("no {NAME}: {error}"));
        }
        installed()
    })
}

fn installed() -> Option<PathBuf> {
    let works = process::works(&mut process::command(NAME, ["--version"]));
    works.then(|| PathBuf::from(NAME))
}
