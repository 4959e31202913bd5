//! Who could have written a file: only this user, or it is not read.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::{fs::OFlags, process::geteuid};

/// What the group and everybody else may not do.
const WRITE_OF_OTHERS: u32 = 0o022;

/// Refuses a folder in which others can put files.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_dir() {
        return Err(refused(path, "it is not a folder"));
    }
    belongs_to_us(path, &metadata)
}

/// Opens a file that nobody else can have written. A symbolic link is not followed.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let nofollow = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(nofollow.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(refused(path, "it is not a file"));
    }
    belongs_to_us(path, &metadata)?;
    Ok(file)
}

fn belongs_to_us(path: &Path, metadata: &Metadata) -> io::Result<()> {
    if metadata.uid() != geteuid().as_raw() {
        return Err(refused(path, "it belongs to another user"));
    }
    if metadata.mode() & WRITE_OF_OTHERS != 0 {
        return Err(refused(path, "others may write to it"));
    }
    Ok(())
}

fn refused(path: &Path, why: &str) -> io::Error {
    let message = format!("{} is not used: {why}", path.display());
    io::Error::new(io::ErrorKind::PermissionDenied, message)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_of_our_own_is_trusted_until_others_may_write_to_it() {
        let place = tempfile::tempdir().unwrap();
        for (mode, is_trusted) in [(0o700, true), (0o755, true), (0o775, false), (0o702, false)] {
            set_mode(place.path(), mode);
            assert_eq!(folder(place.path()).is_ok(), is_trusted, "{mode:o}");
        }
    }

    #[test]
    fn a_file_of_our_own_is_opened_until_others_may_write_to_it() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("entry");
        fs::write(&file, "code").unwrap();
        for (mode, is_trusted) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false)] {
            set_mode(&file, mode);
            assert_eq!(open(&file).is_ok(), is_trusted, "{mode:o}");
        }
    }

    #[test]
    fn a_link_and_a_folder_are_not_opened() {
        let place = tempfile::tempdir().unwrap();
        let (file, link) = (place.path().join("entry"), place.path().join("link"));
        fs::write(&file, "code").unwrap();
        symlink(&file, &link).unwrap();
        assert!(open(&link).is_err());
        assert!(open(place.path()).is_err());
        assert!(folder(&file).is_err());
    }
}
