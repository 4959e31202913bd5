//! Inside one line of the contract, a suite that was compiled against an older version goes on working.

use std::path::Path;

use semver::Version;
use wit_component::semver_check;
use wit_parser::{PackageId, Resolve, SourceMap};

/// The older package gets this version, so that both can be in one [`Resolve`]; the comparison takes no notice of it.
const OLDER: &str = "0.0.0-older";

/// One line for each world that lost or changed something, and for each that grew under a version that was released. `old` is a folder of
/// WIT files.
pub(crate) fn problems(mut resolve: Resolve, new: PackageId, old: &Path) -> Vec<String> {
    let released = match version(old) {
        Ok(version) => version,
        Err(problem) => return vec![unreadable(&problem)],
    };
    let is_same_version = resolve.packages[new].name.version.as_ref() == released.as_ref();
    match push_older(&mut resolve, old) {
        Ok(old) => {
            let mut problems = compare(&resolve, old, new);
            if problems.is_empty() && is_same_version && !compare(&resolve, new, old).is_empty() {
                problems.push(grown(released.as_ref()));
            }
            problems
        }
        Err(problem) => vec![unreadable(&problem)],
    }
}

fn unreadable(problem: &str) -> String {
    format!("the older contract cannot be read: {problem}")
}

fn grown(released: Option<&Version>) -> String {
    let version = released.map(ToString::to_string).unwrap_or_default();
    format!(
        "the contract has more than version {version}, which was released, and is called the same\nhint: count the last number of its version up in each `package` line, and mark what is new with `@since`"
    )
}

/// The version that a folder's package has.
fn version(folder: &Path) -> Result<Option<Version>, String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(folder)
        .map_err(|error| format!("{error:#}"))?;
    Ok(resolve.packages[package].name.version.clone())
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

    const OLD: &str = "package a:b@0.1.0;
interface i {
record r { x: u8 }
variant v { one, two(u8) }
enum e { on, off }
flags g { a, b }
resource s { m: func() -> u8; }
f: async func(v: v, e: e, g: g) -> result<r, string>;
}
interface s { r: async func(); }
world w { import i; export s; }
";

    /// What is said about this change of the text, under the next version.
    fn changed(from: &str, to: &str) -> Vec<String> {
        let new = OLD.replace(from, to);
        assert_ne!(new, OLD, "{from} is not there");
        against_old(&new.replace("@0.1.0", "@0.1.1"))
    }

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
    fn the_same_is_fine_and_so_are_other_comments() {
        assert_eq!(against_old(OLD), [""; 0]);
        let commented = OLD.replace("f: async", "/// Says more.\nf: async");
        assert_eq!(against_old(&commented), [""; 0]);
    }

    #[test]
    fn new_functions_new_types_and_new_imports_are_fine() {
        let interface = "interface j { h: func(); }\nworld w { import j;";
        for (from, to) in [
            ("f: async", "n: func();\nf: async"),
            ("f: async", "record n { x: u8 }\nf: async"),
            ("m: func() -> u8;", "m: func() -> u8; n: func();"),
            ("world w {", interface),
        ] {
            assert_eq!(changed(from, to), [""; 0], "{to}");
        }
    }

    #[test]
    fn whatever_a_suite_was_compiled_against_may_not_change() {
        for (what, from, to) in [
            (
                "a function that is gone",
                "f: async func(v: v, e: e, g: g) -> result<r, string>;",
                "",
            ),
            ("a method that is gone", "m: func() -> u8;", ""),
            ("another result", "result<r, string>", "result<r, u8>"),
            ("another parameter", "(v: v,", "(v: u8,"),
            ("a further parameter", "g: g)", "g: g, h: u8)"),
            ("async that is gone", "f: async func", "f: func"),
            ("a new field of a record", "x: u8 }", "x: u8, y: u8 }"),
            ("another field of a record", "x: u8 }", "x: u16 }"),
            ("a new case of a variant", "two(u8) }", "two(u8), three }"),
            ("another case of a variant", "two(u8) }", "two(u16) }"),
            ("a new case of an enum", "on, off }", "on, off, broken }"),
            ("a new flag", "{ a, b }", "{ a, b, c }"),
            ("an interface that is gone", "import i; ", ""),
            (
                "a new export",
                "r: async func();",
                "r: async func(); t: func();",
            ),
            ("a world that is gone", "world w", "world x"),
        ] {
            assert_eq!(changed(from, to).len(), 1, "{what}");
        }
    }

    #[test]
    fn what_was_released_does_not_grow_under_its_version() {
        let grown = OLD.replace("f: async", "n: func();\nf: async");
        let problems = against_old(&grown);
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].contains("0.1.0, which was released"),
            "{problems:?}"
        );
        assert_eq!(against_old(&grown.replace("@0.1.0", "@0.1.1")), [""; 0]);
    }

    #[test]
    fn an_older_contract_that_cannot_be_read_is_told() {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("new.wit", OLD).unwrap();
        let problems = problems(resolve, package, Path::new("/nowhere"));
        assert!(problems[0].contains("cannot be read"), "{problems:?}");
    }
}
