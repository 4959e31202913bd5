//! Compiled plugins, kept between runs, each with what is known of it: a plugin that is found here is not compiled to be run, and its
//! code is not even read to be listed.
//!
//! Compiled code is trusted like the host itself, so an entry is used only if nobody else can have written it and nothing changed
//! it since: the folder and the file belong to this user and to nobody's write access else, the file is a regular one, and its checksums
//! hold: the head has its own, and names that of the code. Anything else is compiled anew, as is what another engine made.

mod entry;

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
};

use wasmtime::component::Component;

use crate::trust;

use serde::{Deserialize, Serialize};

use super::{
    Description,
    contract::{CONTRACT, Facade},
    digest,
};
use entry::Head;

/// How many plugins are kept; the one that was written first goes first.
const MAX_ENTRIES: usize = 64;
/// What the names of entries end in.
const EXTENSION: &str = "assay-compiled";

/// What is known of a plugin that was compiled, linked and described.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Knowledge {
    /// What it says without being run.
    pub(super) facade: Facade,
    /// What its suite says of itself.
    pub(super) description: Description,
}

/// What the cache did for a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// There is no cache.
    Off,
    /// The compiled code came from there, or what is known of the plugin if that was enough.
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

    /// The compiled code of the plugin with this digest, and what is known of it. None if it is not kept, or cannot be trusted.
    pub(super) fn find(
        &self,
        engine: &wasmtime::Engine,
        plugin: &str,
    ) -> Option<(Component, Knowledge)> {
        let (head, mut file) = self.open(plugin)?;
        let code = entry::read_code(&head, &mut file)?;
        let component = deserialize(engine, &code)?;
        Some((component, head.knowledge))
    }

    /// What is known of the plugin with this digest. Its compiled code is neither read nor used.
    pub(super) fn knowledge(&self, plugin: &str) -> Option<Knowledge> {
        self.open(plugin).map(|(head, _)| head.knowledge)
    }

    /// The head of an entry that can be trusted, and the file, in which the code comes next.
    fn open(&self, plugin: &str) -> Option<(Head, File)> {
        trust::folder(&self.folder).ok()?;
        let mut file = trust::open(&self.path(plugin)).ok()?;
        let head = entry::read_head(&mut file)?;
        (head.plugin == plugin && head.engine == self.engine).then_some((head, file))
    }

    /// Keeps a plugin, in one step: nobody ever sees half of an entry.
    pub(super) fn keep(
        &self,
        plugin: &str,
        component: &Component,
        knowledge: Knowledge,
    ) -> io::Result<()> {
        let code = component
            .serialize()
            .map_err(|error| io::Error::other(format!("{error:#}")))?;
        let head = Head {
            plugin: plugin.to_owned(),
            engine: self.engine.clone(),
            knowledge,
            code: digest::of(&code),
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        trust::folder(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&entry::encode_head(&head)?)?;
        file.write_all(&code)?;
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
    // SAFETY: the code has to be what `Component::serialize` made. It has the checksum that the head of its entry names, whose own checksum holds, in a regular file that
    // belongs to this user and that nobody else may write to, in a folder of which the same is true (`trust`); only `keep` writes there.
    unsafe { Component::deserialize(engine, code) }.ok()
}
