//! Programs that stand in for others.

use std::{fs, path::Path, process::Command};

/// Makes a program of a script for the shell. Another process writes it: a program that this one has open for writing, or a child that it
/// is just making, cannot be started.
pub(crate) fn program(path: &Path, script: &str) {
    let text = path.with_extension("sh");
    fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
    let mut install = Command::new("install");
    let status = install.args(["-m", "755"]).arg(&text).arg(path).status();
    assert!(status.unwrap().success(), "{}", path.display());
}
