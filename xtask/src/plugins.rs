//! Suites become `plugins/NAME.wasm`. Cargo decides what is built anew; a file is only replaced when its content changed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::packages::{self, Package};
use crate::process;
use crate::target;

/// The cargo profile of components.
const PROFILE: &str = "plugin";

/// Builds every suite, and the host's test components too if wanted, in one go; gives back the suites' files.
pub(crate) fn build(fixtures: bool) -> Outcome<Vec<PathBuf>> {
    target::install()?;
    let packages: Vec<Package> = packages::plugins()?
        .into_iter()
        .filter(|package| fixtures || !package.fixture)
        .collect();
    process::run(&mut process::cargo(build_arguments(&packages)))?;
    let mut suites = Vec::new();
    for package in packages.iter().filter(|package| !package.fixture) {
        let suite = process::root()
            .join("plugins")
            .join(file_name(&package.name));
        replace(&built(&package.name), &suite)?;
        suites.push(suite);
    }
    remove_strangers(&suites)?;
    Ok(suites)
}

/// Where cargo puts the component of a package.
pub(crate) fn built(package: &str) -> PathBuf {
    process::target_directory()
        .join(target::TARGET)
        .join(PROFILE)
        .join(format!("{}.wasm", package.replace('-', "_")))
}

fn build_arguments(packages: &[Package]) -> Vec<String> {
    let mut arguments = vec![
        "build".to_owned(),
        format!("--target={}", target::TARGET),
        format!("--profile={PROFILE}"),
    ];
    arguments.extend(packages.iter().map(|p| format!("--package={}", p.name)));
    arguments
}

fn file_name(package: &str) -> String {
    format!("{package}.wasm")
}

/// Copies, unless the same bytes are there: the host's cache and other tools see no change then.
fn replace(from: &Path, to: &Path) -> Outcome<()> {
    let new = fs::read(from).map_err(|source| process::file(from, source))?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    // Renamed into place, so that a host that starts meanwhile never reads half a component.
    let partial = to.with_extension("wasm.partial");
    fs::write(&partial, new).map_err(|source| process::file(&partial, source))?;
    fs::rename(&partial, to).map_err(|source| process::file(to, source))
}

/// A suite that was renamed or deleted must not go on running from its old file.
fn remove_strangers(suites: &[PathBuf]) -> Outcome<()> {
    let folder = process::root().join("plugins");
    let entries = fs::read_dir(&folder).map_err(|source| process::file(&folder, source))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let component = path.extension().is_some_and(|end| end == "wasm");
        if component && !suites.contains(&path) {
            process::say(&format!("removing {}: no package makes it", path.display()));
            fs::remove_file(&path).map_err(|source| process::file(&path, source))?;
        }
    }
    Ok(())
}
