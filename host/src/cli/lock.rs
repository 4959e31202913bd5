//! `host lock`: pins plugins by their digests.

use std::path::Path;

use assay_pins::{
    lock::{Lock, LockError, Pin},
    source::{Given, Source, SourceError, plugins_of},
};
use assay_report::{exit::Exit, hint::Hinted, words::count};
use clap::Args;

use super::{
    locked::{self, SignArguments},
    output,
    pinning::{self, Wish},
};
use crate::config::Settings;

/// The options of `host lock`.
#[derive(Args, Clone, Debug)]
pub struct LockArguments {
    /// What is pinned: `FILE.wasm`, a folder of them, `https://HOST/FILE.wasm#sha256:DIGITS`, or `oci://REGISTRY/NAME:TAG`.
    #[arg(value_name = "SOURCE", required = true)]
    pub sources: Vec<String>,
    /// Keep what else is pinned already.
    #[arg(long)]
    pub add: bool,
    /// Who vouches for them.
    #[command(flatten)]
    pub sign: SignArguments,
}

/// Writes the lock.
pub async fn run(arguments: &LockArguments, settings: &Settings) -> Exit {
    match lock(arguments, settings).await {
        Ok(lock) => {
            let plugins = count(lock.pins().len(), "plugin");
            let path = locked::path(settings);
            output::note(&format!("{plugins} pinned in {}", path.display()));
            Exit::Success
        }
        Err(exit) => exit,
    }
}

async fn lock(arguments: &LockArguments, settings: &Settings) -> Result<Lock, Exit> {
    let key = arguments.sign.key()?;
    let former = former(arguments.add, settings)?;
    let sources =
        sources(&arguments.sources, settings).map_err(|error| output::fail(&error, Exit::Usage))?;
    let wishes = sources.into_iter().map(|source| Wish {
        former: former
            .pins()
            .find(|pin| pin.source == source.locked())
            .cloned(),
        source,
    });
    let fetcher = locked::fetcher(settings)?;
    let mut pins = pinning::pins(wishes.collect(), &fetcher, key.as_ref(), settings).await?;
    if arguments.add {
        for pin in &pins {
            not_taken_over(pin, &former)?;
        }
        let kept: Vec<Pin> = former
            .pins()
            .filter(|old| pins.iter().all(|new| new.name != old.name))
            .cloned()
            .collect();
        pins.extend(kept);
    }
    pinning::write(pins, &former, settings)
}

/// A name that is pinned from one source is not taken over from another one by the way: grants are by name.
fn not_taken_over(pin: &Pin, former: &Lock) -> Result<(), Exit> {
    match former.get(&pin.name) {
        Some(other) if other.source.locked() != pin.source.locked() => {
            let taken = Taken {
                name: pin.name.clone(),
                from: other.source.shown(),
            };
            Err(output::fail(&taken, Exit::Plugin))
        }
        _ => Ok(()),
    }
}

/// A name that is pinned already, from elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is pinned already, from {from}")]
struct Taken {
    name: String,
    from: String,
}

impl Hinted for Taken {
    fn hint(&self) -> Option<String> {
        Some(
            "name all that is to be pinned, without `--add`, if this one is to take its place"
                .to_owned(),
        )
    }
}

/// What was pinned before. A lock that cannot be read is in the way only of what has to keep it.
fn former(keep: bool, settings: &Settings) -> Result<Lock, Exit> {
    match Lock::read(&locked::path(settings)) {
        Err(error) if keep && !matches!(error, LockError::Missing(_)) => {
            Err(output::fail(&error, Exit::Config))
        }
        read => Ok(read.unwrap_or_default()),
    }
}

fn sources(texts: &[String], settings: &Settings) -> Result<Vec<Source>, SourceError> {
    let mut sources = Vec::new();
    for text in texts {
        match Given::read(text, Path::is_dir)? {
            Given::One(source) => sources.push(source),
            Given::Folder(folder) => sources.extend(plugins_of(&folder)?),
        }
    }
    let sources = sources.into_iter();
    Ok(sources
        .map(|source| pinning::of_lock(source, settings))
        .collect())
}
