//! A plugin on its way into the cache: a file beside, which becomes the plugin's when all of it is there and its digest holds. Dropped
//! before that, it is gone.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{Cache, CacheError};
use crate::digest::{Digest, Digester};

/// A plugin that is being written.
#[derive(Debug)]
pub struct Incoming {
    cache: Cache,
    file: NamedTempFile,
    digester: Digester,
}

impl Cache {
    /// Begins to take a plugin in.
    pub fn begin(&self) -> Result<Incoming, CacheError> {
        let folder = self.incoming();
        for folder in [&folder, &self.blobs()] {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        Ok(Incoming {
            file: NamedTempFile::new_in(&folder).map_err(failed(&folder))?,
            cache: self.clone(),
            digester: Digester::default(),
        })
    }
}

impl Incoming {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), CacheError> {
        self.digester.update(bytes);
        self.file.write_all(bytes).map_err(failed(self.file.path()))
    }

    /// How many bytes came.
    pub fn size(&self) -> u64 {
        self.digester.size()
    }

    /// What came, as its digest and its size, kept under that digest if it is the one that was wanted, or if none was.
    pub fn keep(self, wanted: Option<&Digest>) -> Result<Kept, CacheError> {
        let (got, size) = self.digester.finish();
        if wanted.is_some_and(|wanted| *wanted != got) {
            return Ok(Kept::Other { got, size });
        }
        // After a crash of the machine a name without its bytes would be taken for damage, and fetched anew: that is worth no flush.
        let path = self.cache.path(&got);
        self.file
            .persist(&path)
            .map_err(|error| failed(&path)(error.error))?;
        Ok(Kept::Stored { digest: got, size })
    }
}

/// How the taking in of a plugin ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in the cache.
    Stored {
        /// Its digest.
        digest: Digest,
        /// Its bytes.
        size: u64,
    },
    /// It is something else than what was wanted, and gone.
    Other {
        /// What it was.
        got: Digest,
        /// How many bytes it had.
        size: u64,
    },
}

fn failed(path: &Path) -> impl Fn(io::Error) -> CacheError + use<> {
    let path: PathBuf = path.to_owned();
    move |source| CacheError::File {
        path: path.clone(),
        source,
    }
}
