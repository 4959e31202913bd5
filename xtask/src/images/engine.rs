//! What is asked of the Docker engine, by its own client.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::process::{self, TaskError};

/// The label that tells what an image was made from.
pub(super) const LABEL: &str = "assay.recipe";

fn docker<const N: usize>(arguments: [&str; N]) -> Command {
    process::command("docker", arguments)
}

/// Fails with the engine's own words if none answers.
pub(super) fn check() -> Outcome<()> {
    let mut version = docker(["version", "--format", "{{.Server.Version}}"]);
    let output = version
        .output()
        .map_err(|source| process::start(&version, source))?;
    if output.status.success() {
        return Ok(());
    }
    Err(TaskError::NoEngine {
        problem: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// The recipe of an image, empty if it was not made here; none if there is no such image.
pub(super) fn label(image: &str) -> Outcome<Option<String>> {
    let format = format!("{{{{index .Config.Labels \"{LABEL}\"}}}}");
    let mut inspect = docker(["image", "inspect", "--format", &format, image]);
    let output = inspect
        .output()
        .map_err(|source| process::start(&inspect, source))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(output.status.success().then_some(text))
}

/// Whether a registry gave the image.
pub(super) fn pull(image: &str) -> bool {
    process::works(&mut docker(["pull", "--quiet", image]))
}

/// Gives an image a second name.
pub(super) fn tag(image: &str, name: &str) -> Outcome<()> {
    process::run(&mut docker(["tag", image, name]))
}

/// Builds an image from a folder and a recipe of `xtask/images/`.
pub(super) fn build(image: &str, recipe: &str, base: &str, context: &Path) -> Outcome<()> {
    let file = format!("xtask/images/{recipe}.Dockerfile");
    let base = format!("BASE={base}");
    let mut build = docker(["build", "--quiet", "--tag", image]);
    build
        .args(["--file", &file, "--build-arg", &base])
        .arg(context)
        .stdout(Stdio::null())
        // The notice that a newer builder exists. An error is told by the output that is shown then.
        .stderr(Stdio::piped());
    let output = build
        .output()
        .map_err(|source| process::start(&build, source))?;
    if !output.status.success() {
        process::say(String::from_utf8_lossy(&output.stderr).trim());
    }
    process::ended(&build, output.status)
}

/// Builds the reference system inside Docker, from images of a registry.
pub(super) fn build_inside(image: &str) -> Outcome<()> {
    let file = ["--file", "reference/Dockerfile", "."];
    process::run(docker(["build", "--tag", image]).args(file))
}

/// Whether a program of an image runs.
pub(super) fn runs(image: &str, argument: &str) -> bool {
    process::works(&mut docker(["run", "--rm", image, argument]))
}
