//! Compiled plugins, kept between runs, each with its description: a plugin that is found here is neither compiled nor run to be listed.
//!
//! Compiled code is trusted like the host itself, so an entry is used only if nobody else can have written it and nothing changed
//! it since: the folder and the file belong to this user and to nobody's write access else, the file is a regular one, and its checksum
//! holds. Anything else is compiled anew, as is what another engine made.

mod entry;
mod trust;

use std::{fs, io, io::Write as _, os::unix::fs::DirBuilderExt as _, path::PathBuf};

use wasmtime::component::Component;

use super::{Description, contract::CONTRACT, digest};
use entry::Header;

/// How many plugins are kept; the one that was written first goes first.
const MAX_ENTRIES: usize = 64;
/// What the names of entries end in.
const EXTENSION: &str = "assay-compiled";

/// What the cache did for a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// There is no cache.
    Off,
    /// The compiled code came from there.
    Hit,
    /// It was not there, and is now.
    Stored,
    /// It can be neither read nor written, and why; the plugin was compiled.
    Unusable(String),
}

/// A folder of compiled plugins.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Identifies what compiled the code: the engine, its version and its configuration, and the contract of the descriptions.
    engine: String,
}

impl Cache {
    /// A cache in this folder, which is made when the first plugin is kept.
    pub(super) fn new(folder: PathBuf, engine: &wasmtime::Engine) -> Self {
        let compatibility = engine.precompile_compatibility_hash();
        Self {
            folder,
            engine: digest::of_hash(&(CONTRACT, env!("CARGO_PKG_VERSION"), compatibility)),
        }
    }

    /// The compiled code and the description of the plugin with this digest. None if it is not kept, or cannot be trusted.
    pub(super) fn find(
        &self,
        engine: &wasmtime::Engine,
        plugin: &str,
    ) -> Option<(Component, Description)> {
        trust::folder(&self.folder).ok()?;
        let bytes = trust::read(&self.path(plugin)).ok()?;
        let (header, code) = entry::decode(&bytes)?;
        if header.plugin != plugin || header.engine != self.engine {
            return None;
        }
        let component = deserialize(engine, code)?;
        Some((component, header.description))
    }

    /// Keeps a plugin, in one step: nobody ever sees half of an entry.
    pub(super) fn keep(
        &self,
        plugin: &str,
        component: &Component,
        description: &Description,
    ) -> io::Result<()> {
        let code = component
            .serialize()
            .map_err(|error| io::Error::other(format!("{error:#}")))?;
        let header = Header {
            plugin: plugin.to_owned(),
            engine: self.engine.clone(),
            description: description.clone(),
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        trust::folder(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&entry::encode(&header, &code)?)?;
        file.persist(self.path(plugin))?;
        self.prune()
    }

    fn path(&self, plugin: &str) -> PathBuf {
        self.folder
            .join(format!("{plugin}-{}.{EXTENSION}", &self.engine[..16]))
    }

    /// Removes the oldest entries beyond the limit.
    fn prune(&self) -> io::Result<()> {
        let mut entries = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
                && let Ok(metadata) = fs::metadata(&path)
            {
                entries.push((metadata.modified()?, path));
            }
        }
        entries.sort_unstable();
        let surplus = entries.len().saturating_sub(MAX_ENTRIES);
        for (_, path) in &entries[..surplus] {
            match fs::remove_file(path) {
                // Another host may have removed it at the same time.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Compiled code as a component; none if another version or configuration of the engine made it.
#[expect(
    unsafe_code,
    reason = "the only way to use code that was compiled before"
)]
fn deserialize(engine: &wasmtime::Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: the code has to be what `Component::serialize` made. It comes from an entry whose checksum holds, in a regular file that
    // belongs to this user and that nobody else may write to, in a folder of which the same is true (`trust`); only `keep` writes there.
    unsafe { Component::deserialize(engine, code) }.ok()
}
