//! From sources to pins: brings what each source has now into the cache, and reads from it what the plugin is called.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use assay_pins::{
    fetch::{Fetcher, Found},
    lock::{Lock, LockError, Pin},
    signature::{SecretKey, Signature},
    source::Source,
};
use assay_report::exit::Exit;
use futures::{StreamExt as _, stream};

use super::{loading, locked, output};
use crate::{
    config::Settings,
    plugin::{Admission, LoadError, error::Problem, load},
};

/// Sources that are asked side by side.
const AT_ONCE: usize = 8;

/// What is to be pinned.
pub(super) struct Wish {
    pub(super) source: Source,
    /// What was pinned of it before.
    pub(super) former: Option<Pin>,
}

/// A source as the lock has it: a path is relative to the folder of the lock where that is possible.
pub(super) fn of_lock(source: Source, settings: &Settings) -> Source {
    match source {
        Source::File(path) => {
            let absolute = std::path::absolute(&path).unwrap_or(path);
            let below = absolute.strip_prefix(&settings.root).map(Path::to_owned);
            Source::File(below.unwrap_or(absolute))
        }
        other => other,
    }
}

/// Pins of all of these, signed if there is a key. What is wrong with each of them is told, and the exit code answered.
pub(super) async fn pins(
    wishes: Vec<Wish>,
    fetcher: &Fetcher,
    key: Option<&SecretKey>,
    settings: &Settings,
) -> Result<Vec<Pin>, Exit> {
    let found: Vec<_> = stream::iter(&wishes)
        .map(|wish| fetcher.find(&wish.source))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut failed = false;
    let mut there = Vec::new();
    for (wish, found) in wishes.iter().zip(found) {
        match found {
            Ok(found) => there.push((wish, found)),
            Err(error) => {
                output::fail(&error, Exit::Plugin);
                failed = true;
            }
        }
    }
    if failed {
        return Err(Exit::Plugin);
    }
    all_differ(&there)?;
    let files: Vec<PathBuf> = there
        .iter()
        .map(|(_, found)| fetcher.cache().path(&found.digest))
        .collect();
    let options = loading::options(settings);
    let outlines = load::outlines(&options, &files, &Admission::open()).await;
    let outlines = outlines.map_err(|errors| {
        let names = files
            .iter()
            .zip(&there)
            .map(|(file, (wish, _))| (file.clone(), PathBuf::from(wish.source.shown())))
            .collect();
        loading::refused(errors.into_iter().map(|error| named(error, &names)))
    })?;
    let pins = outlines
        .into_iter()
        .zip(there)
        .map(|(outline, (wish, found))| Pin {
            name: outline.suite().to_owned(),
            version: outline.description.version,
            contract: outline.contract,
            source: wish.source.clone(),
            digest: found.digest,
            size: found.size,
            signatures: signatures(found, wish.former.as_ref(), key),
        });
    Ok(pins.collect())
}

/// The same bytes twice are one plugin with two names.
fn all_differ(there: &[(&Wish, Found)]) -> Result<(), Exit> {
    let mut first = HashMap::new();
    for (wish, found) in there {
        if let Some(other) = first.insert(found.digest, &wish.source) {
            let same = LockError::Same(other.shown(), wish.source.shown());
            return Err(output::fail(&same, Exit::Plugin));
        }
    }
    Ok(())
}

/// Those that came with it, or that were pinned of the same bytes, and one of the key.
fn signatures(found: Found, former: Option<&Pin>, key: Option<&SecretKey>) -> Vec<Signature> {
    let mut signatures = found.signatures;
    let same = former.filter(|former| former.digest == found.digest);
    let made = key.map(|key| Signature::sign(key, &found.digest));
    let others = same
        .into_iter()
        .flat_map(|former| former.signatures.clone());
    for signature in others.chain(made) {
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
    signatures
}

/// Files of the cache are called after digests, which says nothing to people: they are named as they were given.
fn named(mut error: LoadError, names: &HashMap<PathBuf, PathBuf>) -> LoadError {
    let name = |file: PathBuf| names.get(&file).cloned().unwrap_or(file);
    error.file = error.file.map(name);
    if let Problem::SameSuite { other, .. } = &mut error.problem {
        *other = name(std::mem::take(other));
    }
    error
}

/// Writes a lock of these pins, and tells what is other than before.
pub(super) fn write(pins: Vec<Pin>, former: &Lock, settings: &Settings) -> Result<Lock, Exit> {
    let failed = |error| output::fail(&error, Exit::Config);
    let lock = Lock::new(pins).map_err(failed)?;
    lock.write(&locked::path(settings)).map_err(failed)?;
    tell(former, &lock);
    warn_of_distrust(&lock, settings);
    Ok(lock)
}

/// Tells which plugins of a lock will not run where `[signatures]` requires that somebody vouches for them: whoever locks can still sign.
fn warn_of_distrust(lock: &Lock, settings: &Settings) {
    for pin in lock.pins() {
        if let Err(distrust) = settings.signatures.judge(&pin.digest, &pin.signatures) {
            let name = &pin.name;
            output::note(&format!(
                "warning: `{name}` will not run with `--locked`: {distrust}, and `[signatures]` requires a key of it: `host lock --sign FILE` signs"
            ));
        }
    }
}

/// Tells what is other in a lock than in the former one.
pub(super) fn tell(former: &Lock, lock: &Lock) {
    for change in assay_pins::lock::changes(former, lock) {
        output::note(&change.to_string());
    }
}
