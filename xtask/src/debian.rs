//! Debian's packages, for tests that need a program which is not here: installed where this process may do so, or unpacked below a folder
//! without installing anything.

use std::{fs, path::Path, process::Command};

use crate::Outcome;
use crate::process::{self, TaskError};

/// Installs a package, or says why that cannot be done.
pub(crate) fn install(package: &str) -> Outcome<()> {
    process::say(&format!("installing Debian's package {package}"));
    let wanted = ["install", "-y", "--no-install-recommends", package];
    again_after(update, || process::run(&mut apt(&wanted)))
}

/// Unpacks what a package has into a folder, or says why that cannot be done.
pub(crate) fn unpack(package: &str, folder: &Path) -> Outcome<()> {
    process::say(&format!("unpacking Debian's package {package}"));
    let file = |source| TaskError::File {
        path: folder.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(file)?;
    again_after(update, || {
        process::run(apt(&["download", package]).current_dir(folder))
    })?;
    for entry in fs::read_dir(folder).map_err(file)?.flatten() {
        if entry.path().extension().is_some_and(|end| end == "deb") {
            let mut unpack = process::command("dpkg-deb", ["-x"]);
            process::run(unpack.arg(entry.path()).arg(folder))?;
        }
    }
    Ok(())
}

/// The lists of packages may be old, or not there at all: then what is wanted is tried again with new ones.
fn again_after(
    update: impl FnOnce() -> Outcome<()>,
    wanted: impl Fn() -> Outcome<()>,
) -> Outcome<()> {
    wanted().or_else(|_| {
        update()?;
        wanted()
    })
}

fn update() -> Outcome<()> {
    process::run(&mut apt(&["update"]))
}

fn apt(arguments: &[&str]) -> Command {
    let arguments = ["-qq"].into_iter().chain(arguments.iter().copied());
    let mut command = process::command("apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn program(name: &str) -> Outcome<()> {
        process::run(&mut process::command(name, [""; 0]))
    }

    #[test]
    fn what_fails_with_old_lists_is_tried_again_with_new_ones() {
        let is_new = Cell::new(false);
        let wanted = || program(if is_new.get() { "true" } else { "false" });
        let update = || {
            is_new.set(true);
            program("true")
        };
        assert!(again_after(update, wanted).is_ok());
        assert!(again_after(|| program("false"), wanted).is_ok(), "no need");
        is_new.set(false);
        assert!(again_after(|| program("false"), wanted).is_err());
    }
}
