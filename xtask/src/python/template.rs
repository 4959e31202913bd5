//! A new suite in Python, as an author makes it: `host new`, `host build`, `host run`. That the template is green at once is promised, and
//! shows only when a component that was made of it runs.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::ends_with;
use crate::Outcome;
use crate::process::{self, TaskError};
use crate::run;

/// What the new suite is called.
const NAME: &str = "new-in-python";

/// Makes it in this folder, builds it and runs it; whether it is green at once. `packages` is the `venv` that `build.sh` keeps. The suite gets
/// it as its own, and may fetch nothing: that a build fetches what it needs is tried by the tests of `assay-authoring`.
pub(super) fn is_green(folder: &Path, packages: &Path) -> Outcome<bool> {
    removed(folder)?;
    let mut new = host(&["new", NAME, "--language", "python", "--folder"]);
    if !ends_with(new.arg(folder), 0)? {
        return Ok(false);
    }
    lend(packages, &folder.join("target/assay"))?;
    let mut build = host(&["build", "--offline"]);
    let mut suite = host(&["run", "--no-history"]);
    suite.arg(format!("plugins/{NAME}.wasm"));
    Ok(ends_with(build.current_dir(folder), 0)? && ends_with(suite.current_dir(folder), 0)?)
}

fn host(arguments: &[&str]) -> Command {
    process::command(run::binary("host"), arguments)
}

/// Of an earlier time, which is left to be looked at.
fn removed(folder: &Path) -> Outcome<()> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(file(folder, source)),
        _ => Ok(()),
    }
}

/// Links the `venv` to where `host build` looks for its own, and believes it because it was made from the same requirements.
fn lend(packages: &Path, work: &Path) -> Outcome<()> {
    fs::create_dir_all(work).map_err(|source| file(work, source))?;
    let venv = work.join("venv");
    symlink(packages, &venv).map_err(|source| file(&venv, source))
}

fn file(path: &Path, source: std::io::Error) -> TaskError {
    TaskError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_before_is_gone_and_what_was_lent_to_it_is_not() {
        let base = tempfile::tempdir().unwrap();
        let packages = base.path().join("packages");
        fs::create_dir(&packages).unwrap();
        fs::write(packages.join("made-from"), "requirements").unwrap();
        let folder = base.path().join("suite");
        removed(&folder).unwrap();
        lend(&packages, &folder.join("target/assay")).unwrap();
        let lent = folder.join("target/assay/venv/made-from");
        assert_eq!(fs::read_to_string(lent).unwrap(), "requirements");
        removed(&folder).unwrap();
        assert!(!folder.exists());
        assert!(packages.join("made-from").exists());
    }
}
