//! The compiled plugins that are kept: how much, whose, and whether they can be used at all.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::Path};

use super::{Finding, bytes};
use crate::trust;

const AREA: &str = "cache";
/// Bytes from which on it is worth to make it smaller.
const LARGE: u64 = 4 << 30;

/// What is known of the folder.
#[derive(Clone, Copy, Debug)]
struct Size {
    files: usize,
    bytes: u64,
    owner: u32,
}

/// Looks at the folder; there is none before the first run, or where nothing is to be kept.
pub(super) fn look(folder: Option<&Path>) -> Vec<Finding> {
    let Some(folder) = folder else {
        let what = "nothing is kept; each run compiles its plugins";
        return vec![Finding::ok(AREA, "compiled plugins", what)];
    };
    let found = match size(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    };
    let usable = found.as_ref().map_or(Ok(()), |found| match found {
        Some(_) => trust::folder(folder).and_then(|()| writable(folder)),
        None => Ok(()),
    });
    vec![judge(&folder.display().to_string(), found, usable)]
}

fn size(folder: &Path) -> io::Result<Size> {
    let mut size = Size {
        files: 0,
        bytes: 0,
        owner: fs::metadata(folder)?.uid(),
    };
    for entry in fs::read_dir(folder)? {
        let metadata = entry?.metadata()?;
        size.files += usize::from(metadata.is_file());
        size.bytes += metadata.len();
    }
    Ok(size)
}

/// Asks, without writing anything.
fn writable(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)?)
}

fn judge(folder: &str, found: io::Result<Option<Size>>, usable: io::Result<()>) -> Finding {
    let hint = "remove the folder: the next run makes it anew";
    let size = match found {
        Ok(None) => return Finding::ok(AREA, folder, "is not there; the first run makes it"),
        Ok(Some(size)) => size,
        Err(error) => return Finding::warn(AREA, folder, format!("cannot be read: {error}"), hint),
    };
    let Size {
        files,
        bytes: sum,
        owner,
    } = size;
    let told = format!("{files} files, {}, of user {owner}", bytes(sum));
    match usable {
        Err(error) => Finding::warn(AREA, folder, format!("{told}; is not used: {error}"), hint),
        Ok(()) if sum > LARGE => Finding::warn(AREA, folder, told, hint),
        Ok(()) => Finding::ok(AREA, folder, told),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_cache_that_others_may_write_to_is_told_and_one_of_our_own_is_measured() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("cache");
        let grade = || look(Some(&folder))[0].clone();
        assert!(grade().what.contains("first run"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("entry"), [0; 10]).unwrap();
        let found = grade();
        assert_eq!(found.grade, Grade::Ok);
        assert!(found.what.starts_with("1 files, 10.0 B"), "{found:?}");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let found = grade();
        assert_eq!(found.grade, Grade::Warn);
        assert!(found.what.contains("others may write"), "{found:?}");
        assert_eq!(look(None)[0].grade, Grade::Ok);
    }

    #[test]
    fn a_cache_beyond_its_size_is_told() {
        let of = |bytes| Size {
            files: 1,
            bytes,
            owner: 0,
        };
        assert_eq!(judge("f", Ok(Some(of(LARGE))), Ok(())).grade, Grade::Ok);
        assert_eq!(
            judge("f", Ok(Some(of(LARGE + 1))), Ok(())).grade,
            Grade::Warn
        );
    }
}
