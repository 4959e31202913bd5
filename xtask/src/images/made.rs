//! Images without a registry: Debian's packages in one base, and on it what comes from `PyPI` and from this repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::engine;
use crate::Outcome;
use crate::process;
use crate::run;

/// The release of Debian; its versions are those of docker-compose.yml's tags.
const SUITE: &str = "bookworm";
/// The servers, and what runs `ChromaDB`.
const PACKAGES: &str = "redis-server,prometheus,prometheus-alertmanager,python3-minimal";
/// `ChromaDB`'s package: all of the server is in it.
const VECTOR_STORE_PACKAGE: &str = "chromadb==1.5.9";
/// Counted up when the scripts of `xtask/images/` change what they make.
const REVISION: u32 = 1;
/// What the others begin with.
const BASE: &str = "assay/base:bookworm";

/// What the base and all on top of it are made from, as their label tells it.
pub(super) fn recipe() -> String {
    format!("{SUITE} {PACKAGES} {VECTOR_STORE_PACKAGE} {REVISION}")
}

/// The name of the base image, which is made if it is missing or of another recipe.
pub(super) fn base() -> Outcome<String> {
    if engine::label(BASE)?.is_none_or(|label| label != recipe()) {
        process::say(&format!(
            "{BASE}: making a root file system from Debian's packages"
        ));
        let label = format!("{}=\"{}\"", engine::LABEL, recipe());
        let arguments = ["xtask/images/base.sh", BASE, &label, SUITE, PACKAGES];
        process::run(&mut process::command("bash", arguments))?;
    }
    Ok(BASE.to_owned())
}

/// `ChromaDB`'s server on the base.
pub(super) fn vector_store(image: &str) -> Outcome<()> {
    let context = context("vector-store")?;
    let mut install = process::command(
        "python3",
        [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--root-user-action=ignore",
        ],
    );
    install
        .args(["--no-deps", "--only-binary=:all:", "--python-version=3.11"])
        .arg("--implementation=cp")
        .arg(format!(
            "--platform=manylinux2014_{}",
            std::env::consts::ARCH
        ))
        .arg("--target")
        .arg(&context)
        .arg(VECTOR_STORE_PACKAGE);
    process::run(&mut install)?;
    copy(
        &process::root().join("xtask/images/chroma"),
        &context.join("chroma"),
    )?;
    engine::build(image, "vector-store", &base()?, &context)?;
    remove(&context)
}

/// The reference system as it was built here; if that cannot run in the base, as it is built inside Docker.
pub(super) fn reference(image: &str) -> Outcome<&'static str> {
    let context = context("reference")?;
    copy(&run::binary("reference"), &context.join("reference"))?;
    engine::build(image, "reference", &base()?, &context)?;
    remove(&context)?;
    if engine::runs(image, "--version") {
        return Ok("made");
    }
    process::say(
        "the reference system of this machine needs a newer C library: building it inside Docker",
    );
    engine::build_inside(image)?;
    Ok("built inside")
}

/// An empty folder that is sent to the engine as a whole.
fn context(name: &str) -> Outcome<PathBuf> {
    let folder = process::target_directory().join("images").join(name);
    if folder.exists() {
        remove(&folder)?;
    }
    fs::create_dir_all(&folder).map_err(|source| process::file(&folder, source))?;
    Ok(folder)
}

fn remove(folder: &Path) -> Outcome<()> {
    fs::remove_dir_all(folder).map_err(|source| process::file(folder, source))
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::copy(from, to).map_err(|source| process::file(from, source))?;
    Ok(())
}
