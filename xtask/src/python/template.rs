//! A new suite in Python, as an author makes it: `host new`, `host build`, `host run`. That the template is green at once is promised, and
//! shows only when a component that was made of it runs.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use super::ends_with;
use crate::Outcome;
use crate::process;
use crate::run;

/// What the new suite is called.
const NAME: &str = "new-in-python";

/// Makes it in this folder, builds it with what the build fetches, and runs it; whether it is green at once.
pub(super) fn is_green(folder: &Path) -> Outcome<bool> {
    removed(folder)?;
    let mut new = host(&["new", NAME, "--language", "python", "--folder"]);
    if !ends_with(new.arg(folder), 0)? {
        return Ok(false);
    }
    let mut build = host(&["build"]);
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
        Err(source) if source.kind() != ErrorKind::NotFound => Err(process::file(folder, source)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_before_is_gone_and_nothing_is_as_good() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("suite");
        removed(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("suite.py"), "old").unwrap();
        removed(&folder).unwrap();
        assert!(!folder.exists());
    }
}
