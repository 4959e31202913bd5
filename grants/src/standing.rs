//! Whose a plugin is, and so what it has.
//!
//! The name that grants are looked up by must not be what a plugin says of itself, or a stranger would take the name of one that is
//! trusted: it is the name in the lock, or that of the file.

use std::path::{Component, Path};

use crate::{grants::Grants, permit::Permit};

/// Where the lock says that bytes of this digest came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// No pin of the lock has this digest.
    Unlocked,
    /// A file.
    File,
    /// Somewhere else: an address or a registry.
    Elsewhere,
}

/// What is known of a plugin before it is opened. Paths are absolute and without links, as `canonicalize` gives them.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The file.
    pub file: &'a Path,
    /// The folder of `assay.toml`; none if there is none, so that nothing is the project's.
    pub project: Option<&'a Path>,
    /// The cache of fetched plugins, which may be inside of the project.
    pub cache: &'a Path,
    /// Where its bytes came from, whatever the file is called now.
    pub origin: Origin,
}

/// Whose a plugin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The project's own.
    Own,
    /// Somebody else's; the text says by what, to go on after "it".
    Stranger(&'static str),
}

/// Whose a plugin is: the project's own where its file is below the project's folder and nothing says that it came from another place.
pub fn standing(place: &Place<'_>) -> Standing {
    let Place {
        file,
        project,
        cache,
        origin,
    } = place;
    let paths = [Some(*file), *project, Some(*cache)];
    if !paths.into_iter().flatten().all(is_plain) {
        return Standing::Stranger("is at a path that can lead anywhere");
    }
    let Some(project) = project else {
        return Standing::Stranger("belongs to no project: there is no assay.toml");
    };
    if *origin == Origin::Elsewhere {
        return Standing::Stranger("came from an address or a registry, as the lock says");
    }
    if file.starts_with(cache) {
        return Standing::Stranger("lies in the cache of fetched plugins");
    }
    if !file.starts_with(project) || file == project {
        return Standing::Stranger("lies outside of the project's folder");
    }
    Standing::Own
}

/// Absolute, and without `..`.
fn is_plain(path: &Path) -> bool {
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    path.is_absolute() && !goes_up
}

impl Standing {
    /// What a plugin of this standing may do. `table` is its `[grants.NAME]`, if there is one, which also restricts a plugin of the
    /// project's own; `more` is what `--grant` gives for one run.
    pub fn permit(self, name: &str, table: Option<&Grants>, more: Option<&Grants>) -> Permit {
        let permit = match (self, table) {
            (_, Some(grants)) => Permit::only(name, grants.clone()),
            (Self::Own, None) => Permit::everything(name),
            (Self::Stranger(_), None) => Permit::only(name, Grants::default()),
        };
        match more {
            Some(more) => permit.with(more),
            None => permit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, project: Option<&str>, origin: Origin) -> Standing {
        standing(&Place {
            file: Path::new(file),
            project: project.map(Path::new),
            cache: Path::new("/p/.assay/plugins"),
            origin,
        })
    }

    #[test]
    fn a_plugin_is_the_projects_own_below_its_folder_and_from_no_other_place() {
        for (file, project, origin, own) in [
            ("/p/plugins/a.wasm", Some("/p"), Origin::Unlocked, true),
            ("/p/a.wasm", Some("/p"), Origin::File, true),
            ("/p/a.wasm", Some("/p/"), Origin::Unlocked, true),
            ("/p/a.wasm", Some("/p"), Origin::Elsewhere, false),
            (
                "/p/.assay/plugins/sha256/a.wasm",
                Some("/p"),
                Origin::File,
                false,
            ),
            (
                "/p/.assay/plugins-of-mine/a.wasm",
                Some("/p"),
                Origin::File,
                true,
            ),
            ("/other/a.wasm", Some("/p"), Origin::File, false),
            ("/project/a.wasm", Some("/p"), Origin::Unlocked, false),
            ("/p/../other/a.wasm", Some("/p"), Origin::Unlocked, false),
            ("p/a.wasm", Some("p"), Origin::Unlocked, false),
            ("/p", Some("/p"), Origin::Unlocked, false),
            ("/p/a.wasm", None, Origin::Unlocked, false),
        ] {
            let found = of(file, project, origin);
            assert_eq!(found == Standing::Own, own, "{file} {project:?}: {found:?}");
        }
    }

    #[test]
    fn an_own_plugin_has_everything_and_a_stranger_nothing_unless_a_table_says_what() {
        let table: Grants = toml::from_str("services = [\"cache\"]").unwrap();
        let more: Grants = toml::from_str("services = [\"store\"]").unwrap();
        let stranger = Standing::Stranger("is one");
        let may =
            |permit: Permit| ["cache", "store", "other"].map(|name| permit.may_look(name).is_ok());
        for (standing, table, more, expected) in [
            (Standing::Own, None, None, [true, true, true]),
            (Standing::Own, None, Some(&more), [true, true, true]),
            (Standing::Own, Some(&table), None, [true, false, false]),
            (
                Standing::Own,
                Some(&Grants::default()),
                None,
                [false, false, false],
            ),
            (
                Standing::Own,
                Some(&table),
                Some(&more),
                [true, true, false],
            ),
            (stranger, None, None, [false, false, false]),
            (stranger, None, Some(&more), [false, true, false]),
            (stranger, Some(&table), None, [true, false, false]),
        ] {
            assert_eq!(
                may(standing.permit("shop", table, more)),
                expected,
                "{standing:?}"
            );
        }
    }
}
