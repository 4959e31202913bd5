//! Plugins of which the cache knows everything that can be told without running them.

use std::{
    path::{Path, PathBuf},
    thread,
};

use super::file;
use crate::plugin::{
    Outline,
    cache::{Cache, Use},
    engine::{self, EngineOptions},
};

/// The outlines of all of these files; none if one of them is not known, whatever the reason: loading it tells.
pub(super) fn all(options: &EngineOptions, files: &[PathBuf]) -> Option<Vec<Outline>> {
    let cache = engine::cache(options)?;
    thread::scope(|scope| {
        let outlines: Vec<_> = files
            .iter()
            .map(|file| scope.spawn(|| one(&cache, file)))
            .collect();
        outlines
            .into_iter()
            .map(|outline| outline.join().ok().flatten())
            .collect()
    })
}

fn one(cache: &Cache, path: &Path) -> Option<Outline> {
    let (digest, size) = file::identify(path).ok()?;
    let known = cache.knowledge(&digest)?;
    Some(Outline {
        file: path.to_owned(),
        digest,
        size,
        contract: known.facade.contract,
        imports: known.facade.imports,
        wants: known.facade.wants,
        description: known.description,
        cached: Use::Hit,
    })
}
