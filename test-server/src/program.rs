//! Programs of others that tests need: found by a variable or by name. Where one is missing, its tests say that they were skipped.

#![expect(clippy::print_stderr, reason = "a skipped test has to be loud")]

use std::{
    ffi::OsString,
    process::{Command, Stdio},
};

/// The program that the variable names, or else the one of that name; none, which is told, if it does not start.
pub fn find(variable: &str, name: &str, package: &str) -> Option<OsString> {
    let program = std::env::var_os(variable).unwrap_or_else(|| name.into());
    let works = Command::new(&program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if works.is_ok_and(|status| status.success()) {
        return Some(program);
    }
    eprintln!(
        "SKIPPED: `{}` does not start; install Debian's package {package}, or name it with {variable}",
        program.display()
    );
    None
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_program_is_there_if_it_starts() {
        let variable = "ASSAY_TEST_NO_SUCH_VARIABLE";
        assert_eq!(find(variable, "rustc", "rustc"), Some("rustc".into()));
        assert_eq!(find(variable, "no-such-program-of-anybody", "none"), None);
    }
}
