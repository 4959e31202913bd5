//! Files that are written together or not at all: a folder that is half there would have to be understood before it could be removed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
};

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::FileError;

/// Texts by their path below a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, String>);

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Something is there that would be lost.
    #[error("`{}` is there already, and is not an empty folder", folder.display())]
    Occupied {
        /// Where the files were to go.
        folder: PathBuf,
    },
    /// The system said no.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Hinted for WriteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Occupied { .. } => Some("give another name, or remove it first".to_owned()),
            Self::File(error) => error.hint(),
        }
    }
}

impl Files {
    /// Adds a file. Paths are relative, and stay below their folder.
    pub(crate) fn add(&mut self, path: &str, text: impl Into<String>) {
        let path = PathBuf::from(path);
        debug_assert!(
            path.components()
                .all(|part| matches!(part, Component::Normal(_)))
        );
        self.0.insert(path, text.into());
    }

    /// The files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.0
            .iter()
            .map(|(path, text)| (path.as_path(), text.as_str()))
    }

    /// The text of one file.
    pub fn get(&self, path: impl AsRef<Path>) -> Option<&str> {
        self.0.get(path.as_ref()).map(String::as_str)
    }

    /// Writes all of them into a folder that is new or empty; its parents are made as needed. If one cannot be written none is.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        let folder = place(folder)?;
        let parent = folder.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent).map_err(FileError::of("make", parent))?;
        // A folder of its own below the temporary one, because that one is for its owner alone.
        let beside = tempfile::Builder::new()
            .prefix(".assay-new-")
            .tempdir_in(parent)
            .map_err(FileError::of("make a folder in", parent))?;
        let made = beside.path().join("made");
        self.write_below(&made)?;
        fs::rename(&made, &folder).map_err(|source| match source.kind() {
            // Somebody else was faster.
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory => {
                WriteError::Occupied {
                    folder: folder.clone(),
                }
            }
            _ => FileError::of("make", &folder)(source).into(),
        })
    }

    fn write_below(&self, folder: &Path) -> Result<(), FileError> {
        for (path, text) in self.iter() {
            let path = folder.join(path);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(FileError::of("make", parent))?;
            fs::write(&path, text).map_err(FileError::of("write", &path))?;
        }
        Ok(())
    }
}

/// Where the folder is to be, once it is known that nothing is there.
fn place(folder: &Path) -> Result<PathBuf, WriteError> {
    let occupied = || WriteError::Occupied {
        folder: folder.to_owned(),
    };
    let is_empty = fs::read_dir(folder).map(|mut entries| entries.next().is_none());
    match is_empty {
        // The real one: a link to an empty folder cannot be replaced by a folder.
        Ok(true) => Ok(folder
            .canonicalize()
            .map_err(FileError::of("find", folder))?),
        Err(source) if source.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => {
            Ok(std::path::absolute(folder).map_err(FileError::of("find", folder))?)
        }
        Err(source) if source.kind() == io::ErrorKind::PermissionDenied => {
            Err(FileError::of("read", folder)(source).into())
        }
        Ok(false) | Err(_) => Err(occupied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Files {
        let mut files = Files::default();
        files.add("a.txt", "first");
        files.add("below/b.txt", "second");
        files
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_go_into_a_new_folder_and_into_an_empty_one() {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir(base.path().join("empty")).unwrap();
        std::os::unix::fs::symlink("empty", base.path().join("linked")).unwrap();
        for folder in ["new", "parent/of/new", "linked"] {
            let folder = base.path().join(folder);
            two().write(&folder).unwrap();
            assert_eq!(names(&folder), ["a.txt", "below"]);
            let second = fs::read_to_string(folder.join("below/b.txt")).unwrap();
            assert_eq!(second, "second");
        }
        assert_eq!(names(base.path()), ["empty", "linked", "new", "parent"]);
    }

    #[test]
    fn what_is_there_already_stays_as_it_is() {
        let base = tempfile::tempdir().unwrap();
        let full = base.path().join("full");
        fs::create_dir(&full).unwrap();
        fs::write(full.join("mine"), "mine").unwrap();
        std::os::unix::fs::symlink("nowhere", base.path().join("dangling")).unwrap();
        for occupied in ["full", "full/mine", "dangling"] {
            let error = two().write(&base.path().join(occupied)).unwrap_err();
            assert!(matches!(error, WriteError::Occupied { .. }), "{error}");
        }
        assert_eq!(names(&full), ["mine"]);
    }

    #[test]
    fn where_one_file_cannot_be_written_none_is() {
        let base = tempfile::tempdir().unwrap();
        let mut files = two();
        // A file and a folder cannot have the same name.
        files.add("a.txt/inside", "third");
        let error = files.write(&base.path().join("new")).unwrap_err();
        assert!(matches!(error, WriteError::File(_)), "{error}");
        assert_eq!(names(base.path()), Vec::<String>::new());
    }
}
