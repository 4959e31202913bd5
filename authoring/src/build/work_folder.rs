//! Where what is made on the way to a component is kept, by one build at a time: two that write the same files would mix two suites.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use super::BuildOptions;
use crate::{FileError, project::Project};

/// The time between two attempts to have the folder. Waiting ends with whoever stops waiting, so that it has no other bound.
const PERIOD: Duration = Duration::from_millis(100);

/// A folder that belongs to one build until this is dropped, or its process ends.
#[derive(Debug)]
pub(super) struct WorkFolder {
    path: PathBuf,
    _lock: File,
}

impl WorkFolder {
    /// A folder of its own below the target folder, once no other build has it.
    pub(super) async fn open(project: &Project, options: &BuildOptions) -> Result<Self, FileError> {
        let target = options
            .target
            .clone()
            .unwrap_or_else(|| project.folder.join("target"));
        Self::lock(&target.join("assay")).await
    }

    async fn lock(folder: &Path) -> Result<Self, FileError> {
        fs::create_dir_all(folder).map_err(FileError::of("make", folder))?;
        // As one path from the root: programs are started elsewhere.
        let path = folder
            .canonicalize()
            .map_err(FileError::of("find", folder))?;
        let name = path.join("lock");
        let lock = File::create(&name).map_err(FileError::of("write", &name))?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path, _lock: lock }),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PERIOD).await,
                Err(TryLockError::Error(error)) => return Err(FileError::of("lock", &name)(error)),
            }
        }
    }

    /// From the root.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_second_build_of_one_folder_waits_for_the_first() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("assay");
        let first = WorkFolder::lock(&folder).await.unwrap();
        let minute = Duration::from_mins(1);
        let second = tokio::time::timeout(minute, WorkFolder::lock(&folder)).await;
        assert!(second.is_err(), "two builds have it");
        drop(first);
        let second = tokio::time::timeout(minute, WorkFolder::lock(&folder)).await;
        assert!(second.expect("it is free again").is_ok());
    }
}
