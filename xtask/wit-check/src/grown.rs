//! Inside one line of the contract, a suite that was compiled against an older version goes on working.

use std::path::Path;

use wit_component::semver_check;
use wit_parser::{PackageId, Resolve, SourceMap};

/// The older package gets this version, so that both can be in one [`Resolve`]; the comparison takes no notice of it.
const OLDER: &str = "0.0.0-older";

/// One line for each world that lost or changed something. `old` is a folder of WIT files.
pub(crate) fn problems(mut resolve: Resolve, new: PackageId, old: &Path) -> Vec<String> {
    match push_older(&mut resolve, old) {
        Ok(old) => compare(&resolve, old, new),
        Err(problem) => vec![format!("the older contract cannot be read: {problem}")],
    }
}

fn push_older(resolve: &mut Resolve, folder: &Path) -> Result<PackageId, String> {
    let mut sources = SourceMap::default();
    let files = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    for path in files.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|end| end == "wit") {
            let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
            sources.push_str(&path.to_string_lossy(), with_version(&text, OLDER));
        }
    }
    let group = sources.parse().map_err(|(_, error)| format!("{error:?}"))?;
    resolve
        .push_group(group)
        .map_err(|error| format!("{error:?}"))
}

/// The text with another version in its `package` line.
fn with_version(text: &str, version: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once('@') {
        Some((name, _)) if line.starts_with("package ") => format!("{name}@{version};\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

fn compare(both: &Resolve, old: PackageId, new: PackageId) -> Vec<String> {
    let hint = "hint: only add imports; a breaking change gets a folder of its own in wit/";
    let mut problems = Vec::new();
    for (name, world) in &both.packages[old].worlds {
        let Some(newer) = both.packages[new].worlds.get(name) else {
            problems.push(format!("world {name} is gone\n{hint}"));
            continue;
        };
        if let Err(error) = semver_check(both.clone(), *world, *newer) {
            problems.push(format!(
                "world {name} is not what it was: {error:#}\n{hint}"
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const OLD: &str = "package a:b@0.1.0;\ninterface i { f: async func() -> u8; }\ninterface s { r: async func(); }\nworld w { import i; export s; }\n";

    /// What is said about a newer text.
    fn against_old(new: &str) -> Vec<String> {
        // Tests run at once: each comparison has a folder of its own.
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("wit-check-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("old.wit"), OLD).unwrap();
        let mut resolve = Resolve::default();
        let package = resolve.push_str("new.wit", new).unwrap();
        let problems = problems(resolve, package, &folder);
        std::fs::remove_dir_all(&folder).unwrap();
        problems
    }

    #[test]
    fn the_same_is_fine() {
        assert_eq!(against_old(OLD), [""; 0]);
    }

    #[test]
    fn a_new_function_and_a_new_import_are_fine() {
        let new = OLD.replace("-> u8;", "-> u8; g: func();").replace(
            "world w {",
            "interface j { h: func(); }\nworld w { import j;",
        );
        assert_eq!(against_old(&new), [""; 0]);
    }

    #[test]
    fn a_changed_result_is_refused() {
        assert_eq!(against_old(&OLD.replace("-> u8", "-> u16")).len(), 1);
    }

    #[test]
    fn a_function_that_is_gone_is_refused() {
        let new = OLD.replace("f: async func() -> u8;", "");
        assert_eq!(against_old(&new).len(), 1);
    }

    #[test]
    fn a_new_export_is_refused() {
        let new = OLD.replace("r: async func();", "r: async func(); t: func();");
        assert_eq!(against_old(&new).len(), 1);
    }

    #[test]
    fn a_world_that_is_gone_is_refused() {
        assert_eq!(against_old(&OLD.replace("world w", "world x")).len(), 1);
    }
}
