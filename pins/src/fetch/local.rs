//! What fetching does on this machine, beside the threads that speak with servers: files are read and digests computed there.

use std::{
    io::{self, Read as _},
    path::Path,
};

use super::FetchError;
use crate::{
    cache::{Cache, CacheError, Incoming},
    regular_file::RegularFile,
};

/// Bytes that are copied at once.
const PART: usize = 128 << 10;

/// Works with the cache in a thread that may wait for the disk.
pub(super) async fn in_background<T: Send + 'static>(
    cache: &Cache,
    work: impl FnOnce(&Cache) -> Result<T, CacheError> + Send + 'static,
) -> Result<T, CacheError> {
    let owned = cache.clone();
    match tokio::task::spawn_blocking(move || work(&owned)).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(CacheError::File {
                path: cache.path_of_all(),
                source: io::Error::other(error),
            }),
        },
    }
}

/// Takes a file in, if it is one and has no more than `limit` bytes.
pub(super) fn copy(cache: &Cache, path: &Path, limit: u64) -> Result<Incoming, FetchError> {
    let failed = |source| FetchError::File {
        path: path.to_owned(),
        source,
    };
    let mut file = RegularFile::open(path).map_err(|error| failed(error.into()))?;
    let mut incoming = cache.begin()?;
    let mut part = vec![0; PART];
    loop {
        let count = match file.read(&mut part) {
            Ok(0) => return Ok(incoming),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        if incoming.size() + count as u64 > limit {
            return Err(FetchError::TooBig {
                from: path.display().to_string(),
                limit,
            });
        }
        incoming.write(&part[..count])?;
    }
}
