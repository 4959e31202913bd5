//! Debian's packages, for tests that need a program which is not here, where this process may install it.

use crate::Outcome;
use crate::process;

/// Installs a package, or says why that cannot be done.
pub(crate) fn install(package: &str) -> Outcome<()> {
    process::say(&format!("installing Debian's package {package}"));
    let apt = |arguments: &[&str]| {
        let mut command = process::command("apt-get", arguments.iter().copied());
        process::run(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let wanted = ["-qq", "install", "-y", "--no-install-recommends", package];
    // The lists of packages may be old, or not there at all.
    apt(&wanted).or_else(|_| {
        apt(&["-qq", "update"])?;
        apt(&wanted)
    })
}
