//! Whether suites can be built here. Only who builds them needs that; to run them takes the host alone.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::Finding;

const AREA: &str = "building";
/// The target of suites.
const TARGET: &str = "wasm32-wasip2";
/// How long the compiler may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the compiler where its library for the target is.
pub(super) async fn look() -> Finding {
    let asking = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let answer = match timeout(PATIENCE, asking).await {
        Ok(Ok(output)) => Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Ok(Err(_)) | Err(_) => None,
    };
    let is_there = |folder: &String| Path::new(folder).is_dir();
    judge(answer.as_ref().map(is_there))
}

/// None if there is no compiler.
fn judge(target_is_there: Option<bool>) -> Finding {
    match target_is_there {
        Some(true) => Finding::ok(AREA, TARGET, "is installed"),
        Some(false) => Finding::warn(
            AREA,
            TARGET,
            "is not installed; suites run, but cannot be built",
            "`rustup target add wasm32-wasip2`, or `cargo xtask plugins`, which builds it where no Rust server is in reach",
        ),
        None => Finding::warn(
            AREA,
            TARGET,
            "there is no Rust compiler; suites run, but cannot be built",
            "install Rust with rustup",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_missing_target_or_compiler_is_told_and_no_reason_not_to_run() {
        assert_eq!(judge(Some(true)).grade, Grade::Ok);
        assert_eq!(judge(Some(false)).grade, Grade::Warn);
        assert_eq!(judge(None).grade, Grade::Warn);
    }
}
