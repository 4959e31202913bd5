//! `kubernetes-validate` of `PyPI`, for the test that holds `deploy/kubernetes/` to the schemas of Kubernetes: the one that is installed, or this
//! version of it in a folder of its own below the target folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::process;
use crate::python;

const NAME: &str = "kubernetes-validate";
/// Which version, and what it needs, each with its hashes.
const REQUIREMENTS: &str = "xtask/kubernetes/requirements.txt";
/// What a folder was made from: with other requirements it is made anew.
const MADE_FROM: &str = "made-from";

/// Where it is; none where it cannot be had: then the test says that it was skipped.
pub(crate) fn find() -> Option<PathBuf> {
    let installed = PathBuf::from(NAME);
    if works(&installed) {
        return Some(installed);
    }
    if !python::found() {
        process::say(&format!("no {NAME}: there is no Python with `venv`"));
        return None;
    }
    let requirements = process::root().join(REQUIREMENTS);
    let folder = process::target_directory().join("kubernetes");
    match kept(&requirements, &folder, fetch) {
        Ok(()) => {}
        Err(error) => process::say(&format!("no {NAME}: {error}")),
    }
    let kept = folder.join("bin").join(NAME);
    works(&kept).then_some(kept)
}

fn works(program: &Path) -> bool {
    process::works(&mut process::command(program, ["--version"]))
}

/// Makes a folder of what the requirements name, unless it was made from the same already.
fn kept(
    requirements: &Path,
    folder: &Path,
    fetch: impl FnOnce(&Path, &Path) -> Outcome<()>,
) -> Outcome<()> {
    let wanted = fs::read(requirements).map_err(|source| process::file(requirements, source))?;
    let made_from = folder.join(MADE_FROM);
    if fs::read(&made_from).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    fetch(requirements, folder)?;
    // Last: a folder that was not made to its end is made anew.
    fs::write(&made_from, wanted).map_err(|source| process::file(&made_from, source))
}

/// What has another hash than the requirements name is not installed, and nothing else than they name.
fn fetch(requirements: &Path, folder: &Path) -> Outcome<()> {
    process::say(&format!("fetching {NAME} from PyPI"));
    let mut venv = process::command(python::python(), ["-m", "venv", "--clear"]);
    process::run(venv.arg(folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--require-hashes"];
    let mut pip = process::command(folder.join("bin/python"), pip);
    pip.args(["--no-deps", "--only-binary=:all:", "-r"]);
    process::run(pip.arg(requirements))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_was_made_of_the_same_requirements_is_kept_and_of_others_made_anew() {
        let base = tempfile::tempdir().unwrap();
        let (requirements, folder) = (base.path().join("requirements.txt"), base.path());
        let fetched = Cell::new(0);
        let make = || {
            kept(&requirements, folder, |_, _| {
                fetched.set(fetched.get() + 1);
                Ok(())
            })
        };
        assert!(make().is_err(), "there are no requirements");
        for (text, times) in [("one", 1), ("one", 1), ("two", 2)] {
            fs::write(&requirements, text).unwrap();
            make().unwrap();
            assert_eq!(fetched.get(), times, "{text}");
        }
    }

    #[test]
    fn what_could_not_be_fetched_is_fetched_the_next_time() {
        let base = tempfile::tempdir().unwrap();
        let requirements = base.path().join("requirements.txt");
        fs::write(&requirements, "one").unwrap();
        let fails = |_: &Path, _: &Path| process::run(&mut process::command("false", [""; 0]));
        assert!(kept(&requirements, base.path(), fails).is_err());
        let is_fetched = Cell::new(false);
        let succeeds = |_: &Path, _: &Path| {
            is_fetched.set(true);
            Ok(())
        };
        kept(&requirements, base.path(), succeeds).unwrap();
        assert!(is_fetched.get());
    }
}
