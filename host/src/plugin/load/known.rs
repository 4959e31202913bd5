//! Plugins of which the cache knows everything that can be told without running them.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use super::file::{self, Identity};
use crate::plugin::{
    Outline,
    cache::{Cache, Use},
    engine::{self, EngineOptions},
};

/// The outlines of all of these files; none if one of them is not known, whatever the reason: loading it tells.
pub(super) fn all(options: &EngineOptions, files: &[PathBuf]) -> Option<Vec<Outline>> {
    let cache = engine::cache(options)?;
    let at_once = thread::available_parallelism().map_or(2, NonZeroUsize::get);
    let part = files.len().div_ceil(at_once).max(1);
    let outlines = |part: &[PathBuf]| part.iter().map(|file| one(&cache, file)).collect();
    thread::scope(|scope| {
        let parts: Vec<_> = files
            .chunks(part)
            .map(|part| scope.spawn(move || -> Option<Vec<Outline>> { outlines(part) }))
            .collect();
        let parts: Option<Vec<Vec<Outline>>> = parts
            .into_iter()
            .map(|part| part.join().ok().flatten())
            .collect();
        parts.map(|parts| parts.into_iter().flatten().collect())
    })
}

fn one(cache: &Cache, path: &Path) -> Option<Outline> {
    let Identity {
        digest,
        size,
        place,
    } = file::identify(path).ok()?;
    let known = cache.knowledge(&digest)?;
    Some(Outline {
        file: path.to_owned(),
        place,
        digest,
        size,
        contract: known.facade.contract,
        imports: known.facade.imports,
        calls: known.facade.calls,
        wants: known.facade.wants,
        description: known.description,
        cached: Use::Hit,
    })
}
