//! What all commands about pinned plugins share: where the lock and the plugins are, who one is for registries, and how a refusal ends.

use std::path::PathBuf;

use assay_pins::{
    cache::{Cache, DEFAULT_CAPACITY},
    fetch::Fetcher,
    limits::Limits,
    lock::{self, Lock, LockError},
    signature::SecretKey,
    verify::Gate,
};
use assay_report::exit::Exit;
use clap::Args;

use super::{logins, output};
use crate::config::Settings;

/// Which plugins a command takes.
#[derive(Args, Clone, Debug)]
pub struct PluginArguments {
    /// The suites.
    #[arg(value_name = "PLUGIN", required_unless_present = "locked")]
    pub plugins: Vec<PathBuf>,
    /// Only what `assay.lock` pins, byte by byte, as `[signatures]` demands it; without a PLUGIN all of it, from the cache.
    #[arg(long)]
    pub locked: bool,
}

/// Signs what is pinned or published.
#[derive(Args, Clone, Debug)]
pub struct SignArguments {
    /// Sign with this key, which `host key` made.
    #[arg(long, value_name = "FILE")]
    pub sign: Option<PathBuf>,
}

impl SignArguments {
    /// The key, if one is named; what is wrong with it is told.
    pub(super) fn key(&self) -> Result<Option<SecretKey>, Exit> {
        let key = self.sign.as_deref().map(SecretKey::read).transpose();
        key.map_err(|error| output::fail(&error, Exit::Config))
    }
}

/// The lock file of a project.
pub(super) fn path(settings: &Settings) -> PathBuf {
    settings.root.join(lock::FILE)
}

/// The lock of a project; what is wrong with it is told. An empty one where there is none, unless it is demanded.
pub(super) fn read(settings: &Settings, demanded: bool) -> Result<Lock, Exit> {
    match Lock::read(&path(settings)) {
        Err(LockError::Missing(_)) if !demanded => Ok(Lock::default()),
        read => read.map_err(|error| output::fail(&error, Exit::Config)),
    }
}

/// The lock of a project, and its plugins.
pub(super) struct Locked<'s> {
    settings: &'s Settings,
    pub(super) lock: Lock,
    pub(super) cache: Cache,
}

impl<'s> Locked<'s> {
    /// Reads the lock; what is wrong with it is told.
    pub(super) fn read(settings: &'s Settings) -> Result<Self, Exit> {
        Ok(Self::of(settings, read(settings, true)?))
    }

    /// With a lock that was read.
    pub(super) fn of(settings: &'s Settings, lock: Lock) -> Self {
        Self {
            settings,
            lock,
            cache: cache(settings),
        }
    }

    /// The gate that lets in what is locked.
    pub(super) fn gate(&self) -> Gate<'_> {
        let Settings {
            root, signatures, ..
        } = self.settings;
        Gate::new(&self.lock, root, &self.cache, signatures)
    }
}

/// Where fetched plugins are.
pub(super) fn cache(settings: &Settings) -> Cache {
    Cache::new(plugins_folder(settings), DEFAULT_CAPACITY)
}

/// The folder of that cache.
pub(super) fn plugins_folder(settings: &Settings) -> PathBuf {
    settings.state_dir.join("plugins")
}

/// What fetches for a project. Docker's logins are read when there are some, and are never shown.
pub(super) fn fetcher(settings: &Settings) -> Result<Fetcher, Exit> {
    let logins = logins::of(settings)?;
    Ok(Fetcher::new(
        cache(settings),
        &settings.root,
        Limits::default(),
        logins,
    ))
}
