//! Prometheus's `promtool`, for the tests of the alert rules: the one that is installed, or the one of Debian's package, unpacked
//! below the target folder without installing anything.

use std::path::PathBuf;

use crate::Outcome;
use crate::process::{self, TaskError};

/// Where it is, silent when it is there; none where it cannot be had: then the tests say that they were skipped.
pub(crate) fn find() -> Option<PathBuf> {
    let installed = PathBuf::from("promtool");
    if works(&installed) {
        return Some(installed);
    }
    let folder = process::target_directory().join("promtool");
    let unpacked = folder.join("usr/bin/promtool");
    if works(&unpacked) {
        return Some(unpacked);
    }
    process::say("unpacking promtool from Debian's package prometheus");
    if let Err(error) = unpack(&folder) {
        process::say(&format!("no promtool: {error}"));
        return None;
    }
    works(&unpacked).then_some(unpacked)
}

fn works(program: &std::path::Path) -> bool {
    process::works(&mut process::command(program, ["--version"]))
}

fn unpack(folder: &std::path::Path) -> Outcome<()> {
    let file = |source| TaskError::File {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(file)?;
    let mut download = process::command("apt-get", ["-qq", "download", "prometheus"]);
    process::run(download.current_dir(folder))?;
    for entry in std::fs::read_dir(folder).map_err(file)?.flatten() {
        if entry.path().extension().is_some_and(|end| end == "deb") {
            let mut unpack = process::command("dpkg-deb", ["-x"]);
            process::run(unpack.arg(entry.path()).arg(folder))?;
        }
    }
    Ok(())
}
