//! Whether what somebody is about to run is what was locked, said before any of it is compiled.
//!
//! A [`Gate`] judges a file by the digest that whoever loads it has computed of the very bytes that it compiles: nothing is read twice,
//! and nothing can be changed between the look and the use. [`Gate::look`] computes the digest itself, for `host verify`.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::{
    cache::Cache,
    digest::Digest,
    fetch::local_path,
    limits::MAX_PLUGIN,
    lock::{Lock, Pin},
    regular_file::RegularFile,
    signature::{Distrust, Policy, Trust},
};

/// Lets plugins pass that are locked, and signed as the policy demands it.
#[derive(Debug)]
pub struct Gate<'a> {
    lock: &'a Lock,
    cache: &'a Cache,
    policy: &'a Policy,
    by_digest: BTreeMap<Digest, &'a Pin>,
    by_file: BTreeMap<PathBuf, &'a Pin>,
}

/// A plugin that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted<'a> {
    /// What it is.
    pub pin: &'a Pin,
    /// What is known of who vouches for it; a warning has to be told.
    pub trust: Trust,
}

impl<'a> Gate<'a> {
    /// A gate for the plugins of a lock, whose files are relative to `base`.
    pub fn new(lock: &'a Lock, base: &Path, cache: &'a Cache, policy: &'a Policy) -> Self {
        let files = lock.pins().filter_map(|pin| {
            let path = local_path(base, &pin.source)?;
            Some((resolved(&path), pin))
        });
        Self {
            lock,
            cache,
            policy,
            by_digest: lock.pins().map(|pin| (pin.digest, pin)).collect(),
            by_file: files.collect(),
        }
    }

    /// Judges a file of this digest. The bytes count, and not what the file is called: a copy of a locked plugin may run.
    pub fn admit(&self, path: &Path, got: &Digest) -> Result<Admitted<'a>, Refusal> {
        let Some(pin) = self.by_digest.get(got) else {
            return Err(self.refuse(path, got));
        };
        match self.policy.judge(&pin.digest, &pin.signatures) {
            Ok(trust) => Ok(Admitted { pin, trust }),
            Err(distrust) => Err(Refusal::Distrusted {
                name: pin.name.clone(),
                distrust,
            }),
        }
    }

    /// Reads a file, computes its digest and judges it.
    pub fn look(&self, path: &Path) -> Result<Admitted<'a>, Refusal> {
        let failed = |source| Refusal::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = RegularFile::open(path).map_err(|error| failed(error.into()))?;
        let (digest, size) = Digest::of_reader(file.take(MAX_PLUGIN + 1)).map_err(failed)?;
        if size > MAX_PLUGIN {
            return Err(failed(io::Error::other("it is bigger than any plugin")));
        }
        self.admit(path, &digest)
    }

    /// The files of the cache that the plugins of the lock are, for a run that names none; the first that is not there is refused. What
    /// is in them is judged when it is loaded.
    pub fn files(&self) -> Result<Vec<PathBuf>, Refusal> {
        let file = |pin: &Pin| {
            let path = self.cache.path(&pin.digest);
            if path.is_file() {
                return Ok(path);
            }
            Err(Refusal::NotFetched {
                name: pin.name.clone(),
                wanted: pin.digest,
            })
        };
        self.lock.pins().map(file).collect()
    }

    /// Looks at every plugin of the lock in the cache: its bytes, and who vouches for it. In the order of the lock.
    pub fn look_at_all(&self) -> Vec<(&'a Pin, Result<Admitted<'a>, Refusal>)> {
        let look = |pin: &'a Pin| {
            let path = self.cache.path(&pin.digest);
            if !path.is_file() {
                return Err(Refusal::NotFetched {
                    name: pin.name.clone(),
                    wanted: pin.digest,
                });
            }
            self.look(&path)
        };
        self.lock.pins().map(|pin| (pin, look(pin))).collect()
    }

    /// What a file that is not locked should have been, if that can be known: by its name in the cache, by its place, or by its name.
    fn refuse(&self, path: &Path, got: &Digest) -> Refusal {
        let in_cache = self
            .cache
            .named(path)
            .and_then(|digest| self.by_digest.get(&digest));
        let in_place = || self.by_file.get(&resolved(path));
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let named = in_cache
            .or_else(in_place)
            .copied()
            .or_else(|| self.lock.get(stem?));
        match named {
            Some(pin) => Refusal::Changed {
                name: pin.name.clone(),
                path: path.to_owned(),
                wanted: pin.digest,
                got: *got,
            },
            None => Refusal::NotLocked {
                path: path.to_owned(),
                got: *got,
            },
        }
    }
}

/// The one path of a file that has many; as it is if there is no such file.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Why a plugin may not run.
#[derive(Debug, Error)]
pub enum Refusal {
    /// It is not what was locked.
    #[error("`{}` is not the `{name}` that is locked: it has to be {wanted}, and it is {got}", path.display())]
    Changed {
        /// The pin.
        name: String,
        /// The file.
        path: PathBuf,
        /// What is locked.
        wanted: Digest,
        /// What it is.
        got: Digest,
    },
    /// Nothing like it is locked.
    #[error("`{}` is not locked: it is {got}", path.display())]
    NotLocked {
        /// The file.
        path: PathBuf,
        /// What it is.
        got: Digest,
    },
    /// It is locked, and not in the cache.
    #[error("`{name}` is not in the cache: it has to be {wanted}")]
    NotFetched {
        /// The pin.
        name: String,
        /// What is locked.
        wanted: Digest,
    },
    /// None of the keys vouches for it.
    #[error("`{name}` may not run: {distrust}")]
    Distrusted {
        /// The pin.
        name: String,
        /// Why.
        distrust: Distrust,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Hinted for Refusal {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Changed { .. } => {
                "if it was changed on purpose, `host update NAME` pins it anew; if it is a file of the cache, `host fetch` brings it anew"
            }
            Self::NotLocked { .. } => "pin it with `host lock --add SOURCE`, if it is to run",
            Self::NotFetched { .. } => "bring it with `host fetch`",
            Self::Distrusted { distrust, .. } => return distrust.hint(),
            Self::Unreadable { .. } => "look whether it is a file that you may read",
        };
        Some(text.to_owned())
    }
}
