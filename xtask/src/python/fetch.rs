//! Fetching what the SDK for Python needs. Without a network that is skipped; a package that is another one than its hash says, or requirements
//! that are wrong, are an error also of whoever only wants to test.

use std::process::Command;

use crate::Outcome;
use crate::process;

/// What `build.sh` ends with where no index of packages can be reached: `EX_UNAVAILABLE` of sysexits.h.
const UNREACHABLE: i32 = 69;

/// Runs `build.sh --fetch`; whether all is there. It is not where no index can be reached, and whatever else goes wrong is an error.
pub(super) fn fetch(command: &mut Command) -> Outcome<bool> {
    let status = command
        .status()
        .map_err(|source| process::start(command, source))?;
    if status.code() == Some(UNREACHABLE) {
        return Ok(false);
    }
    process::ended(command, status).map(|()| true)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const BROKEN: &str = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError()': /simple/componentize-py/";
    const NO_VERSION: &str = "ERROR: Could not find a version that satisfies the requirement componentize-py==0.25.1 (from versions: none)";
    const NO_MATCH: &str = "ERROR: No matching distribution found for componentize-py==0.25.1";

    /// What comes of `build.sh --fetch` when pip says this and ends with 1, or, if it says nothing, with 0.
    fn fetched(said: &[&str]) -> Outcome<bool> {
        let base = tempfile::tempdir().unwrap();
        let text = base.path().join("text");
        fs::write(&text, said.join("\n")).unwrap();
        let pip = base.path().join("pip");
        program(
            &pip,
            &format!("cat '{0}' >&2; ! [ -s '{0}' ]", text.display()),
        );
        let python = base.path().join("python");
        let make = format!(
            "mkdir -p \"$3/bin\" && cp '{}' \"$3/bin/python\"",
            pip.display()
        );
        program(&python, &make);
        let mut build = super::super::build(&["--fetch"]);
        build.env(super::super::PYTHON, &python);
        build.env("CARGO_TARGET_DIR", base.path().join("target"));
        fetch(&mut build)
    }

    fn program(file: &std::path::Path, text: &str) {
        fs::write(file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn what_is_fetched_is_there() {
        assert!(fetched(&[]).unwrap());
    }

    #[test]
    fn an_index_that_cannot_be_reached_is_no_error() {
        assert!(!fetched(&[BROKEN, NO_VERSION, NO_MATCH]).unwrap());
        let download = "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /p";
        assert!(!fetched(&[download]).unwrap());
    }

    #[test]
    fn a_package_with_another_hash_is_an_error_also_where_the_network_is_bad() {
        let mismatch = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.";
        assert!(fetched(&[mismatch]).is_err());
        assert!(fetched(&[BROKEN, mismatch]).is_err());
    }

    #[test]
    fn requirements_that_are_wrong_are_an_error() {
        for said in [
            "ERROR: Invalid requirement: '=='",
            "ERROR: Could not find a version that satisfies the requirement a==9 (from versions: 1, 2)",
            NO_MATCH,
            "SyntaxError: invalid syntax",
        ] {
            assert!(fetched(&[said]).is_err(), "{said}");
        }
    }

    #[test]
    fn an_index_that_answers_and_does_not_have_a_version_is_an_error_also_after_a_retry() {
        let old = "ERROR: Could not find a version that satisfies the requirement a==9 (from versions: 1, 2)";
        assert!(fetched(&[BROKEN, old, NO_MATCH]).is_err());
    }

    #[test]
    fn a_script_that_is_broken_is_an_error() {
        let mut broken = Command::new("bash");
        broken.args(["-c", "if"]);
        assert!(fetch(&mut broken).is_err());
    }
}
