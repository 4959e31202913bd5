//! Files of the repository that a host carries with it: the contract, and the Python SDK, which no author has to install.

/// A file: its name, and its text.
pub(crate) type Embedded = (&'static str, &'static str);

macro_rules! embed {
    ($folder:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../", $folder, "/", $name)))),+]
    };
}

/// The contract, by the name of its files.
pub(crate) const CONTRACT: &[Embedded] = embed!("wit/v0.1":
    "chaos.wit" "context.wit" "http.wit" "load.wit" "metrics.wit" "sse.wit" "suite.wit" "world.wit"
);

/// The Python package `assay`.
pub(crate) const PYTHON_SDK: &[Embedded] = embed!("sdk/python/assay":
    "__init__.py" "calls.py" "chaos.py" "component.py" "context.py" "finding.py" "http.py" "load.py" "metrics.py" "names.py"
    "outcome.py" "place.py" "problem.py" "py.typed" "registry.py" "scope.py" "shape.py" "shared.py" "sse.py" "user.py" "waiting.py"
);

/// What components of Python are made with, pinned by hash, as the SDK has it.
const PYTHON_REQUIREMENTS: &str = include_str!("../../sdk/python/requirements.txt");

/// The same for a suite, without what it says to those who work on the SDK.
pub(crate) fn python_requirements() -> String {
    let head = "# What `host build` makes the component with, each file by its digest.";
    let pins = PYTHON_REQUIREMENTS.lines();
    let pins = pins.filter(|line| !line.starts_with('#'));
    let lines: Vec<&str> = std::iter::once(head).chain(pins).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn names(folder: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder);
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_contract_and_of_the_python_sdk_is_carried() {
        for (folder, embedded) in [("wit/v0.1", CONTRACT), ("sdk/python/assay", PYTHON_SDK)] {
            let carried: Vec<&str> = embedded.iter().map(|&(name, _)| name).collect();
            assert_eq!(carried, names(folder), "{folder}");
        }
    }
}
