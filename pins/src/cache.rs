//! The store of plugins by their digest, `blobs/sha256/HEX` as in OCI's image layout: a file's name says what is in it, so it is true
//! for every lock and every host, and what does not fit its name is thrown away.
//!
//! A file is written beside and renamed when its digest holds: several hosts may fetch the same plugin at once, and each of them
//! leaves the same file. Nothing is believed because it lies there: whoever reads it computes the digest.

mod incoming;
mod room;
#[cfg(test)]
mod tests;

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::{
    digest::Digest,
    limits::MAX_PLUGIN,
    regular_file::{OpenError, RegularFile},
};

pub use incoming::{Incoming, Kept};

/// Bytes that all plugins of a cache may have together, unless somebody says otherwise.
pub const DEFAULT_CAPACITY: u64 = 1 << 30;

/// A folder with plugins.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
    capacity: u64,
}

impl Cache {
    /// The cache in this folder, which is made when something is put into it. `capacity` are bytes for all plugins together.
    pub fn new(root: impl Into<PathBuf>, capacity: u64) -> Self {
        Self {
            root: root.into(),
            capacity,
        }
    }

    /// Where a plugin is, if it is there.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.blobs().join(digest.hexadecimal())
    }

    /// Which plugin a file of the cache has to be, by its name alone; none if it is no file of the cache.
    pub fn named(&self, path: &Path) -> Option<Digest> {
        let name = path.file_name()?.to_str()?;
        let is_here = path.parent().is_some_and(|folder| folder == self.blobs());
        let digest = Digest::from_hexadecimal(name).ok();
        digest.filter(|_| is_here)
    }

    /// The bytes of a plugin, whose digest was computed from them; none if it is not there.
    pub fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>, CacheError> {
        let Some((file, size)) = self.open(digest)? else {
            return Ok(None);
        };
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(MAX_PLUGIN)
            .read_to_end(&mut bytes)
            .map_err(self.failed(digest))?;
        self.same(digest, Digest::of(&bytes))?;
        Ok(Some(bytes))
    }

    /// Whether a plugin is there, with all its bytes as they have to be; its size if so.
    pub fn check(&self, digest: &Digest) -> Result<Option<u64>, CacheError> {
        let Some((file, _)) = self.open(digest)? else {
            return Ok(None);
        };
        let (got, size) = Digest::of_reader(file.take(MAX_PLUGIN)).map_err(self.failed(digest))?;
        self.same(digest, got)?;
        Ok(Some(size))
    }

    /// Throws a plugin away, if it is there.
    pub fn discard(&self, digest: &Digest) -> Result<(), CacheError> {
        match fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed(digest)(error))
            }
            _ => Ok(()),
        }
    }

    fn open(&self, digest: &Digest) -> Result<Option<(RegularFile, u64)>, CacheError> {
        let file = match RegularFile::open(&self.path(digest)) {
            Ok(file) => file,
            Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(self.failed(digest)(error.into())),
        };
        let size = file.size();
        if size > MAX_PLUGIN {
            // It cannot be what it says, and is not read to prove it.
            return Err(CacheError::TooBig {
                path: self.path(digest),
                size,
            });
        }
        Ok(Some((file, size)))
    }

    fn same(&self, wanted: &Digest, got: Digest) -> Result<(), CacheError> {
        if got == *wanted {
            return Ok(());
        }
        Err(CacheError::Damaged {
            path: self.path(wanted),
            wanted: *wanted,
            got,
        })
    }

    fn failed(&self, digest: &Digest) -> impl Fn(io::Error) -> CacheError + use<> {
        let path = self.path(digest);
        move |source| CacheError::File {
            path: path.clone(),
            source,
        }
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs/sha256")
    }

    /// The folder that all of it is in.
    pub(crate) fn path_of_all(&self) -> PathBuf {
        self.root.clone()
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }
}

/// What is wrong with the cache.
#[derive(Debug, Error)]
pub enum CacheError {
    /// A file or a folder of it cannot be read or written.
    #[error("cannot use `{}`: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what its name says.
    #[error("`{}` is damaged: it has to be {wanted}, and it is {got}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What its name says.
        wanted: Digest,
        /// What its bytes are.
        got: Digest,
    },
    /// A file is bigger than any plugin.
    #[error("`{}` is damaged: it has {size} bytes, and no plugin has more than {MAX_PLUGIN}", path.display())]
    TooBig {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        size: u64,
    },
}

impl CacheError {
    /// Whether the file is not what it should be, so that it can be fetched anew.
    pub fn is_damage(&self) -> bool {
        !matches!(self, Self::File { .. })
    }
}

impl Hinted for CacheError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
                _ => "look whether the folder of the cache is yours to write to",
            },
            Self::Damaged { .. } | Self::TooBig { .. } => {
                "`host fetch` throws it away and fetches it anew; look who else writes there"
            }
        };
        Some(text.to_owned())
    }
}
