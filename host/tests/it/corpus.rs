//! Plugins as they were built against each released version of the contract still load, run, and get the verdicts that they got then.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use assay_report::verdict::Verdict;
use serde::Deserialize;

use crate::invocation::Invocation;

/// What stands beside the plugins of a version.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Expected {
    /// What the run ends with.
    exit_code: i32,
    /// Of each suite, the verdict of each case.
    suites: BTreeMap<String, BTreeMap<String, Verdict>>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The folders of released versions, in order.
fn versions() -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus()).expect("the corpus is in the repository");
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn plugins(version: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(version).expect("a folder");
    let mut plugins: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "wasm"))
        .collect();
    plugins.sort();
    plugins
}

#[test]
fn every_released_version_has_its_plugins() {
    let released = corpus().join("../../../wit/released");
    for entry in fs::read_dir(released)
        .expect("the contract's versions")
        .flatten()
    {
        if entry.path().is_dir() {
            let version = corpus().join(entry.file_name());
            assert!(!plugins(&version).is_empty(), "{}", version.display());
        }
    }
}

#[test]
fn plugins_of_every_released_version_get_the_verdicts_that_they_got_then() {
    for version in versions() {
        let text = fs::read_to_string(version.join("verdicts.toml")).expect("the verdicts");
        let expected: Expected = toml::from_str(&text).expect("the verdicts can be read");
        let answer = Invocation::run(&plugins(&version))
            .with(&["--no-progress"])
            .answer();
        let of_all: BTreeMap<String, Verdict> = expected
            .suites
            .iter()
            .flat_map(|(suite, cases)| {
                cases
                    .iter()
                    .map(move |(case, verdict)| (format!("{suite}/{case}"), *verdict))
            })
            .collect();
        assert_eq!(answer.verdicts(), of_all, "{}", answer.seen());
        assert_eq!(answer.exit, Some(expected.exit_code), "{}", answer.seen());
    }
}
