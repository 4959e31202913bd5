//! A suite in Rust: cargo makes the component, and says in its messages which file that is.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    process::Command,
};

use super::{BuildError, BuildOptions, TARGET};
use crate::{
    process::{self, command},
    project::Project,
};

/// The most bytes of one message of cargo. Diagnostics are not among them, which it prints as text.
const MAX_MESSAGE: u64 = 4 << 20;

/// Builds the crate in the release profile; where its component is.
pub(super) async fn component(
    project: &Project,
    options: &BuildOptions,
) -> Result<PathBuf, BuildError> {
    require_target(project, options).await?;
    let mut cargo = command(&options.toolchain.cargo, &project.folder);
    cargo
        .args(arguments(options))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let line = process::line(&cargo);
    let unreadable = |problem: String| BuildError::Unreadable {
        command: line.clone(),
        problem,
    };
    let mut child = cargo.spawn().map_err(|source| no_rust(&cargo, source))?;
    let manifest = project.folder.join("Cargo.toml");
    let told = match child.stdout.take() {
        Some(output) => told_component(output, &manifest)
            .await
            .map_err(unreadable)?,
        None => None,
    };
    let status = child
        .wait()
        .await
        .map_err(|error| unreadable(error.to_string()))?;
    if !status.success() {
        return Err(BuildError::Compiler {
            command: line,
            status,
        });
    }
    told.ok_or(BuildError::NoComponent)
}

fn arguments(options: &BuildOptions) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec![
        "build".into(),
        "--release".into(),
        "--lib".into(),
        format!("--target={TARGET}").into(),
        // Errors as people read them, to standard error; the rest as JSON.
        "--message-format=json-render-diagnostics".into(),
    ];
    if let Some(target) = &options.target {
        arguments.extend(["--target-dir".into(), target.into()]);
    }
    if options.offline {
        arguments.push("--offline".into());
    }
    arguments
}

/// Asks before anything is compiled: what the compiler says without its target does not tell what to do.
async fn require_target(project: &Project, options: &BuildOptions) -> Result<(), BuildError> {
    let mut rustc = command(&options.toolchain.rustc, &project.folder);
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .stderr(Stdio::inherit());
    let output = rustc
        .output()
        .await
        .map_err(|source| no_rust(&rustc, source))?;
    if !output.status.success() {
        return Err(BuildError::Compiler {
            command: process::line(&rustc),
            status: output.status,
        });
    }
    let folder = String::from_utf8_lossy(&output.stdout);
    // With another target's name rustc prints the folder all the same: what counts is what is in it.
    if Path::new(folder.trim())
        .join("self-contained/libc.a")
        .exists()
    {
        return Ok(());
    }
    Err(BuildError::NoTarget)
}

fn no_rust(command: &Command, source: std::io::Error) -> BuildError {
    BuildError::NoRust {
        program: process::program(command),
        source,
    }
}

/// As much of a message as says what was made.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Reads all messages; the component that the crate of that manifest became.
async fn told_component(
    output: impl AsyncRead + Unpin,
    manifest: &Path,
) -> Result<Option<PathBuf>, String> {
    let mut output = BufReader::new(output);
    let (mut component, mut line) = (None, Vec::new());
    loop {
        line.clear();
        let mut bounded = (&mut output).take(MAX_MESSAGE + 1);
        let read = bounded.read_until(b'\n', &mut line).await;
        match read.map_err(|error| error.to_string())? {
            0 => return Ok(component),
            length if length as u64 > MAX_MESSAGE => {
                return Err(format!("a message has more than {MAX_MESSAGE} bytes"));
            }
            _ => {}
        }
        // Build scripts and wrappers print what they like between the messages.
        let Ok(message) = serde_json::from_slice::<Message>(&line) else {
            continue;
        };
        if message.reason == "compiler-artifact" && message.manifest_path == manifest {
            let is_component = |file: &PathBuf| file.extension().is_some_and(|end| end == "wasm");
            component = message
                .filenames
                .into_iter()
                .find(is_component)
                .or(component);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(output: &str) -> Result<Option<PathBuf>, String> {
        told_component(output.as_bytes(), Path::new("/shop/Cargo.toml")).await
    }

    #[tokio::test]
    async fn the_component_is_the_one_of_the_suites_own_crate() {
        let output = r#"{"reason":"compiler-artifact","manifest_path":"/other/Cargo.toml","filenames":["/t/other.wasm"]}
a line of a build script
{"reason":"build-script-executed","package_id":"x"}
{"reason":"compiler-artifact","manifest_path":"/shop/Cargo.toml","filenames":["/t/deps/shop.d","/t/shop.wasm"]}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(told(output).await, Ok(Some("/t/shop.wasm".into())));
        assert_eq!(told("").await, Ok(None));
    }

    #[tokio::test]
    async fn a_message_has_at_most_4_mebibytes() {
        let limit = usize::try_from(MAX_MESSAGE).unwrap();
        let full = format!("{}\n", " ".repeat(limit - 1));
        assert_eq!(told(&full).await, Ok(None));
        assert!(told(&format!(" {full}")).await.is_err());
    }
}
