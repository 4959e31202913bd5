//! The lock on disk: read within a bound, and written beside and renamed, so that nobody ever reads half of one.

use std::{
    fs::{File, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use super::{Lock, LockError, MAX_FILE};

/// What a file that everybody may read has; the system takes away what the user's mask does.
const MODE: u32 = 0o666;

impl Lock {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => LockError::Missing(path.to_owned()),
            _ => LockError::Read {
                path: path.to_owned(),
                source,
            },
        };
        let file = File::open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(LockError::TooBig);
        }
        // A flipped byte may have left no text: its digest is another one then.
        Self::from_text(&String::from_utf8_lossy(&bytes))
    }

    /// Writes a file, whose folder is there. Who reads it meanwhile has the former one.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let text = self.to_text();
        if text.len() as u64 > MAX_FILE {
            return Err(LockError::TooBig);
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        replace(path, folder, &text).map_err(|source| LockError::Write {
            path: path.to_owned(),
            source,
        })
    }
}

fn replace(path: &Path, folder: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".assay.lock-")
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
