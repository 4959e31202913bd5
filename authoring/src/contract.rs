//! The contract between host and suite, as this host speaks it: what an SDK for another language is made from.

use std::fmt::Write as _;

use crate::{embedded, files::Files};

/// The files of the contract, by their names: a folder that WIT's tools take as it is.
pub fn files() -> Files {
    let mut files = Files::default();
    for (name, text) in embedded::CONTRACT {
        files.add(name, *text);
    }
    files
}

/// All of it as one document, which WIT's tools take as well: the package is named once, before everything else.
pub fn text() -> String {
    let mut text = String::new();
    for (name, source) in embedded::CONTRACT {
        let _ = write!(text, "\n// {name}\n{}", without_package(source));
    }
    // The world's file says what the package is, and its words belong to the name.
    format!("{}{text}", package())
}

/// The name of the package with the words before it.
fn package() -> &'static str {
    let world = embedded::CONTRACT
        .iter()
        .find(|(name, _)| *name == "world.wit");
    world.map_or("", |(_, source)| split(source).0)
}

fn without_package(source: &str) -> &str {
    split(source).1
}

/// A file up to the end of its package line, and what follows.
fn split(source: &str) -> (&str, &str) {
    let mut end = 0;
    for line in source.split_inclusive('\n') {
        end += line.len();
        if line.starts_with("package ") {
            return source.split_at(end);
        }
    }
    ("", source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_its_package_once_and_has_every_interface() {
        let text = text();
        assert_eq!(text.matches("package assay:suite@").count(), 1);
        assert!(text.starts_with("/// The contract between"), "{text:.80}");
        for name in [
            "chaos", "context", "http", "load", "metrics", "sse", "suite",
        ] {
            let heading = format!("\ninterface {name} {{\n");
            assert_eq!(text.matches(&heading).count(), 1, "{name}");
        }
        assert_eq!(text.matches("\nworld plugin {\n").count(), 1);
    }

    #[test]
    fn no_line_of_the_contract_is_lost() {
        let text = text();
        for (name, source) in files().iter() {
            let lines = source.lines().filter(|line| !line.starts_with("package "));
            for line in lines {
                assert!(text.contains(line), "{}: {line}", name.display());
            }
        }
    }
}
