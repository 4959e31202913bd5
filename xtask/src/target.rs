//! The standard library for components. Rustup brings it; where it cannot, a script builds it from Debian's packages.

use crate::Outcome;
use crate::process;

/// What plugins are compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Silent when the target is there.
pub(crate) fn install() -> Outcome<()> {
    let print = ["--print", "target-libdir", "--target", TARGET];
    let folder = process::output(&mut process::command("rustc", print))?;
    let folder = std::path::Path::new(folder.trim());
    if folder.join("self-contained/libc.a").exists() {
        return Ok(());
    }
    process::say(&format!("installing the Rust target {TARGET}"));
    process::run(&mut process::command("bash", ["xtask/wasm32-wasip2.sh"]))
}
