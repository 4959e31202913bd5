//! A cache has a bounded size: what came first goes first, except what somebody needs right now.

use std::{
    collections::BTreeSet,
    fs::{self, DirEntry},
    io,
    path::Path,
    time::{Duration, SystemTime},
};

use super::{Cache, CacheError};
use crate::digest::Digest;

/// How old a file beside is that nobody writes any more: older than a fetch may take.
const ABANDONED: Duration = Duration::from_hours(24);

/// A file of the cache, as the system knows it.
struct Entry {
    found: DirEntry,
    modified: SystemTime,
    size: u64,
}

impl Cache {
    /// Makes room: removes the oldest plugins until all of them fit, and what a host that died had begun. The plugins of `keep` stay,
    /// though they alone may be more than the cache should have. How many bytes were freed.
    pub fn make_room(&self, keep: &BTreeSet<Digest>) -> Result<u64, CacheError> {
        self.make_room_at(keep, SystemTime::now())
    }

    pub(super) fn make_room_at(
        &self,
        keep: &BTreeSet<Digest>,
        now: SystemTime,
    ) -> Result<u64, CacheError> {
        for file in entries(&self.incoming())? {
            let age = now.duration_since(file.modified).unwrap_or_default();
            if age > ABANDONED {
                remove(&file)?;
            }
        }
        let mut files = entries(&self.blobs())?;
        files.sort_by_key(|file| file.modified);
        let mut used: u64 = files.iter().map(|file| file.size).sum();
        let mut freed = 0;
        for file in files {
            if used <= self.capacity {
                break;
            }
            let name = file.found.file_name();
            let digest = name
                .to_str()
                .and_then(|name| Digest::from_hexadecimal(name).ok());
            if digest.is_some_and(|digest| keep.contains(&digest)) {
                continue;
            }
            remove(&file)?;
            used -= file.size;
            freed += file.size;
        }
        Ok(freed)
    }

    /// Counts a plugin as new: it was asked for.
    pub(crate) fn renew(&self, digest: &Digest) -> Result<(), CacheError> {
        let path = self.path(digest);
        let renewed = fs::File::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        match renewed {
            Ok(()) => Ok(()),
            // Another host made room; or the cache is one that only another user may write to: then it is that one who makes room.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound
                        | io::ErrorKind::PermissionDenied
                        | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Ok(())
            }
            Err(source) => Err(CacheError::File { path, source }),
        }
    }
}

/// The files of a folder; none where there is no folder. One that another host removes meanwhile is none.
fn entries(folder: &Path) -> Result<Vec<Entry>, CacheError> {
    let failed = |source| CacheError::File {
        path: folder.to_owned(),
        source,
    };
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry.map_err(failed)?;
        let known = entry
            .metadata()
            .and_then(|known| Ok((known.modified()?, known.len(), known.is_file())));
        match known {
            Ok((modified, size, true)) => entries.push(Entry {
                found: entry,
                modified,
                size,
            }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(entries)
}

fn remove(file: &Entry) -> Result<(), CacheError> {
    match fs::remove_file(file.found.path()) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(CacheError::File {
            path: file.found.path(),
            source,
        }),
        _ => Ok(()),
    }
}
