//! What can be read from a component before it runs: its line of the contract, what it imports, and whether this host can serve it.

use std::cmp::Ordering;

use assay_grants::{Grants, declaration};
use serde::{Deserialize, Serialize};
use wasmtime::component::{Component, types::ComponentItem};

use super::error::Problem;

/// The contract that this host speaks.
pub const CONTRACT: &str = "assay:suite@0.1.1";
/// What each plugin exports.
pub const SUITE: &str = "assay:suite/suite@0.1.1";
/// What the names of the contract's interfaces start with, whatever the line.
const PACKAGE: &str = "assay:suite/";

/// What a component says without being run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Facade {
    /// The version of the contract it was built for: `assay:suite@0.1.0`.
    pub(super) contract: String,
    /// The names of what it imports, sorted.
    pub(super) imports: Vec<String>,
    /// What of the contract it can call, sorted: `chaos.inject`, `load.run`.
    pub(super) calls: Vec<String>,
    /// What it declares that it wants to be granted.
    pub(super) wants: Grants,
}

/// Reads a component's outside, and refuses one that is no suite of this host's line. `bytes` are those that it was compiled from.
pub(super) fn read(component: &Component, bytes: &[u8]) -> Result<Facade, Problem> {
    let engine = component.engine();
    let outside = component.component_type();
    let mut imports: Vec<String> = outside
        .imports(engine)
        .map(|(name, _)| name.to_owned())
        .collect();
    imports.sort_unstable();
    let mut calls: Vec<String> = outside
        .imports(engine)
        .flat_map(|(name, item)| calls(engine, name, &item.ty))
        .collect();
    calls.sort_unstable();
    let exports: Vec<(&str, bool)> = outside
        .exports(engine)
        .map(|(name, item)| (name, matches!(item.ty, ComponentItem::ComponentInstance(_))))
        .collect();
    let names = imports
        .iter()
        .map(String::as_str)
        .chain(exports.iter().map(|(name, _)| *name));
    for found in names.filter_map(package_of) {
        if line_of(&found) != line_of(CONTRACT) {
            let is_newer = age(&found, CONTRACT) == Some(Ordering::Greater);
            return Err(Problem::OtherLine {
                found,
                known: CONTRACT,
                is_newer,
            });
        }
    }
    let suite = exports
        .iter()
        .filter(|(_, is_interface)| *is_interface)
        .filter(|(name, _)| interface_of(name) == Some("suite"))
        .find_map(|(name, _)| package_of(name));
    let contract = suite.ok_or(Problem::MissingExport(SUITE))?;
    let wants = declaration::declared(bytes)?.unwrap_or_default();
    Ok(Facade {
        contract,
        imports,
        calls,
        wants,
    })
}

/// What can be called of an interface of the contract; nothing of any other. A builder leaves out what its suite does not call.
fn calls(engine: &wasmtime::Engine, name: &str, item: &ComponentItem) -> Vec<String> {
    let (Some(interface), ComponentItem::ComponentInstance(instance)) = (interface_of(name), item)
    else {
        return Vec::new();
    };
    let functions = instance.exports(engine);
    let functions =
        functions.filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
    functions
        .map(|(function, _)| format!("{interface}.{function}"))
        .collect()
}

/// Names what the linker could not find. The linker says it in a chain of messages, each with one name between backticks: first the
/// interface, then the item in it. A plugin that was built for a later version of the line may well import more than this host has.
pub(super) fn unknown_import(error: &wasmtime::Error, built_for: &str) -> Problem {
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    let mut names = chain.iter().filter_map(|message| message.split('`').nth(1));
    let item = match (names.next(), names.next()) {
        (Some(interface), Some(item)) => format!("`{item}` of `{interface}`"),
        (Some(interface), None) => format!("`{interface}`"),
        (None, _) => "something".to_owned(),
    };
    if age(built_for, CONTRACT) == Some(Ordering::Greater) {
        return Problem::LaterVersion {
            found: built_for.to_owned(),
            known: CONTRACT,
            item,
        };
    }
    let detail = chain.last().cloned().unwrap_or_default();
    Problem::UnknownImport { item, detail }
}

/// `assay:suite@0.2.0` of `assay:suite/http@0.2.0`; none for names outside of the contract.
fn package_of(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PACKAGE)?;
    let package = PACKAGE.trim_end_matches('/');
    match rest.split_once('@') {
        Some((_, version)) => Some(format!("{package}@{version}")),
        None => Some(package.to_owned()),
    }
}

/// `http` of `assay:suite/http@0.2.0`.
fn interface_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(PACKAGE)?;
    Some(
        rest.split_once('@')
            .map_or(rest, |(interface, _)| interface),
    )
}

/// What may not differ: `0.1` of `0.1.7`, `1` of `1.4.0`, and all of a pre-release.
fn line_of(package: &str) -> Option<(&str, Option<&str>)> {
    let (_, version) = package.split_once('@')?;
    if version.contains(['-', '+']) {
        return Some((version, None));
    }
    let mut parts = version.split('.');
    let major = parts.next()?;
    let minor = if major == "0" { parts.next() } else { None };
    Some((major, minor))
}

/// Whether the one was released after the other; none if a version is no release.
fn age(one: &str, other: &str) -> Option<Ordering> {
    Some(release_of(one)?.cmp(&release_of(other)?))
}

/// The three numbers of a version.
fn release_of(package: &str) -> Option<[u64; 3]> {
    let (_, version) = package.split_once('@')?;
    let numbers: Vec<u64> = version
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_releases_is_known_by_its_numbers() {
        for (other, expected) in [
            ("assay:suite@0.1.0", Some(Ordering::Equal)),
            ("assay:suite@0.1.1", Some(Ordering::Greater)),
            ("assay:suite@0.10.0", Some(Ordering::Greater)),
            ("assay:suite@0.0.9", Some(Ordering::Less)),
            ("assay:suite@0.2.0-draft", None),
            ("assay:suite@0.2", None),
            ("assay:suite", None),
        ] {
            assert_eq!(age(other, "assay:suite@0.1.0"), expected, "{other}");
        }
    }

    #[test]
    fn a_line_is_what_semver_holds_compatible() {
        for (other, is_same) in [
            ("assay:suite@0.1.0", true),
            ("assay:suite@0.1.9", true),
            ("assay:suite@0.2.0", false),
            ("assay:suite@1.1.0", false),
            ("assay:suite@0.1.0-draft", false),
            ("assay:suite", false),
        ] {
            assert_eq!(line_of(other) == line_of(CONTRACT), is_same, "{other}");
        }
        assert_eq!(line_of("p@1.2.0"), line_of("p@1.3.4"));
    }

    #[test]
    fn the_package_is_read_from_the_name_of_an_interface() {
        assert_eq!(
            package_of("assay:suite/http@0.2.0").as_deref(),
            Some("assay:suite@0.2.0")
        );
        assert_eq!(package_of("wasi:io/streams@0.2.6"), None);
        assert_eq!(interface_of(SUITE), Some("suite"));
    }

    #[test]
    fn the_contract_is_the_one_in_the_repository() {
        let world = include_str!("../../../wit/v0.1/world.wit");
        assert!(world.contains(&format!("package {CONTRACT};")));
    }
}
