//! Which packages are plugins: found, not listed, so that a new suite needs no change here.

use std::path::Path;

use serde_json::Value;

use crate::Outcome;
use crate::process::{self, TaskError};

/// A workspace member that becomes a component.
pub(crate) struct Package {
    /// The package's name, with dashes.
    pub(crate) name: String,
    /// Whether it is only there for the host's tests.
    pub(crate) fixture: bool,
}

/// Every `cdylib` under `plugins/` and `host/tests/fixtures/`, sorted by name.
pub(crate) fn plugins() -> Outcome<Vec<Package>> {
    let text = process::output(&mut process::cargo([
        "metadata",
        "--no-deps",
        "--format-version=1",
    ]))?;
    let metadata = serde_json::from_str(&text).map_err(|error| unexpected(error.to_string()))?;
    select(&metadata, process::root())
}

fn select(metadata: &Value, root: &Path) -> Outcome<Vec<Package>> {
    let packages = metadata["packages"]
        .as_array()
        .ok_or_else(|| unexpected("no `packages`".to_owned()))?;
    let mut found: Vec<Package> = packages
        .iter()
        .filter(|package| is_cdylib(package))
        .filter_map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str()?);
            let place = manifest.strip_prefix(root).ok()?;
            let fixture = place.starts_with("host/tests/fixtures");
            let name = package["name"].as_str()?.to_owned();
            (fixture || place.starts_with("plugins")).then_some(Package { name, fixture })
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn is_cdylib(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets
        .filter_map(|target| target["crate_types"].as_array())
        .flatten()
        .any(|kind| kind == "cdylib")
}

fn unexpected(problem: String) -> TaskError {
    TaskError::Unexpected {
        what: "the output of `cargo metadata`",
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, folder: &str, kind: &str) -> Value {
        json!({
            "name": name,
            "manifest_path": format!("/repository/{folder}/Cargo.toml"),
            "targets": [{"crate_types": [kind]}],
        })
    }

    #[test]
    fn suites_and_fixtures_are_found_and_told_apart() {
        let metadata = json!({"packages": [
            package("noop", "host/tests/fixtures/noop", "cdylib"),
            package("core-flow", "plugins/core-flow", "cdylib"),
            package("assay-client", "plugins/client", "lib"),
            package("elsewhere", "sdk/elsewhere", "cdylib"),
        ]});
        let found = select(&metadata, Path::new("/repository")).unwrap();
        let found: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.fixture)).collect();
        assert_eq!(found, [("core-flow", false), ("noop", true)]);
    }

    #[test]
    fn metadata_without_packages_is_refused() {
        assert!(select(&json!({}), Path::new("/")).is_err());
    }
}
