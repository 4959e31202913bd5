//! Sees that the sources were changed, by looking again and again: that works on every file system, and a suite has few files.

use std::{io, path::PathBuf, time::Duration};

use assay_report::hint::Hinted;
use thiserror::Error;

use super::snapshot::Snapshot;

/// The most files and folders that are watched.
pub(crate) const MAX_FILES: usize = 10_000;
/// The time between two looks. A change counts when two of them in a row see the same.
const PERIOD: Duration = Duration::from_millis(200);

/// Watches folders.
#[derive(Debug)]
pub struct Watcher {
    roots: Vec<PathBuf>,
    most: usize,
    marked: Snapshot,
    last: Option<Snapshot>,
}

/// Why the sources cannot be watched.
#[derive(Debug, Error)]
pub enum WatchError {
    /// Too many files.
    #[error("there are more than {most} files and folders to watch")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// A folder cannot be read.
    #[error("cannot watch `{}`: {source}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Hinted for WatchError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::TooMany { .. } => {
                "keep what is no source in the suite's `target` or in a hidden folder: those are not watched"
            }
            Self::Folder { .. } => "look whether it is there and who may read it",
        };
        Some(text.to_owned())
    }
}

/// What a look saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Everything is as it was marked.
    Same,
    /// Something is other, and may be changing still.
    Moving,
    /// Something is other, and was so at the last look.
    Changed,
}

impl Watcher {
    /// Watches these folders from now on. Hidden files, environments of Python and components are no sources, and neither are `target`,
    /// `reports` and `venv` at the top of a folder.
    pub fn new(roots: Vec<PathBuf>) -> Result<Self, WatchError> {
        Self::with_limit(roots, MAX_FILES)
    }

    fn with_limit(roots: Vec<PathBuf>, most: usize) -> Result<Self, WatchError> {
        // By one path each: a folder that is watched and is inside of another one is known again.
        let roots = roots.into_iter().map(|folder| {
            let found = folder.canonicalize();
            found.map_err(|source| WatchError::Folder { folder, source })
        });
        let roots = roots.collect::<Result<Vec<_>, _>>()?;
        let marked = Snapshot::take(&roots, most)?;
        Ok(Self {
            roots,
            most,
            marked,
            last: None,
        })
    }

    /// Remembers how everything is now: what differs from this is a change, also one that comes before anybody waits for it.
    pub fn mark(&mut self) -> Result<(), WatchError> {
        self.marked = Snapshot::take(&self.roots, self.most)?;
        self.last = None;
        Ok(())
    }

    /// Looks once.
    pub fn look(&mut self) -> Result<Look, WatchError> {
        let now = Snapshot::take(&self.roots, self.most)?;
        if now == self.marked {
            self.last = None;
            return Ok(Look::Same);
        }
        let rests = self.last.as_ref() == Some(&now);
        self.last = Some(now);
        Ok(if rests { Look::Changed } else { Look::Moving })
    }

    /// Waits for a change that has come to rest.
    pub async fn changed(&mut self) -> Result<(), WatchError> {
        while self.look()? != Look::Changed {
            tokio::time::sleep(PERIOD).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in ["src", "target/debug", ".git", "env", "out"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        fs::write(folder.path().join("env/pyvenv.cfg"), "").unwrap();
        fs::write(folder.path().join("out/CACHEDIR.TAG"), "").unwrap();
        fs::write(folder.path().join("src/lib.rs"), "one").unwrap();
        folder
    }

    fn watcher(folder: &Path) -> Watcher {
        Watcher::new(vec![folder.to_owned()]).unwrap()
    }

    #[test]
    fn a_change_counts_when_two_looks_see_the_same() {
        let folder = folder();
        let file = folder.path().join("src/lib.rs");
        let mut watcher = watcher(folder.path());
        assert_eq!(watcher.look().unwrap(), Look::Same);
        fs::write(&file, "longer").unwrap();
        assert_eq!(watcher.look().unwrap(), Look::Moving);
        fs::write(&file, "longer and longer").unwrap();
        assert_eq!(watcher.look().unwrap(), Look::Moving);
        assert_eq!(watcher.look().unwrap(), Look::Changed);
        watcher.mark().unwrap();
        assert_eq!(watcher.look().unwrap(), Look::Same);
    }

    #[test]
    fn new_files_lost_ones_and_renamed_ones_are_changes() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        let steps: [&dyn Fn(); 4] = [
            &|| fs::write(path("src/new.rs"), "").unwrap(),
            &|| fs::rename(path("src/new.rs"), path("src/other.rs")).unwrap(),
            &|| fs::remove_file(path("src/other.rs")).unwrap(),
            &|| fs::write(path("assay.toml"), "").unwrap(),
        ];
        for (number, step) in steps.iter().enumerate() {
            let mut watcher = watcher(folder.path());
            step();
            assert_eq!(watcher.look().unwrap(), Look::Moving, "{number}");
        }
    }

    #[test]
    fn what_builds_runs_and_editors_write_is_no_change() {
        let folder = folder();
        let mut watcher = watcher(folder.path());
        for path in [
            "target/debug/x",
            ".git/index",
            "env/x.py",
            "out/x.rs",
            "plugins/shop.wasm",
            "Cargo.lock",
            "src/lib.rs~",
            "src/.lib.rs.swp",
            "reports/report.json",
            "__pycache__/suite.pyc",
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "written").unwrap();
            assert_eq!(watcher.look().unwrap(), Look::Same, "{}", path.display());
        }
    }

    #[test]
    fn a_module_called_reports_target_or_venv_is_watched() {
        let folder = folder();
        for path in [
            "src/reports.rs",
            "src/reports/daily.rs",
            "src/target/lib.rs",
            "src/venv/a.py",
        ] {
            let mut watcher = watcher(folder.path());
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            assert_eq!(watcher.look().unwrap(), Look::Moving, "{}", path.display());
        }
    }

    #[test]
    fn what_a_suite_writes_is_no_change_of_a_folder_around_it() {
        let base = tempfile::tempdir().unwrap();
        let suite = base.path().join("suite");
        fs::create_dir_all(suite.join("reports")).unwrap();
        let around = suite.join("..");
        let mut watcher = Watcher::new(vec![suite.clone(), around]).unwrap();
        fs::write(suite.join("reports/report.json"), "").unwrap();
        assert_eq!(watcher.look().unwrap(), Look::Same);
    }

    #[test]
    fn a_link_in_a_circle_is_not_followed() {
        let folder = folder();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("src/up")).unwrap();
        assert_eq!(watcher(folder.path()).look().unwrap(), Look::Same);
    }

    #[test]
    fn the_number_of_files_and_folders_has_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let roots = || vec![folder.path().to_owned()];
        fs::create_dir(folder.path().join("empty")).unwrap();
        for name in ["one", "two"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(Watcher::with_limit(roots(), 3).is_ok());
        let error = Watcher::with_limit(roots(), 2).unwrap_err();
        assert!(matches!(error, WatchError::TooMany { most: 2 }), "{error}");
    }

    #[test]
    fn a_folder_that_is_gone_cannot_be_watched() {
        let folder = tempfile::tempdir().unwrap();
        let mut watcher = watcher(folder.path());
        drop(folder);
        assert!(matches!(watcher.look(), Err(WatchError::Folder { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_with_a_change_that_was_made_before_it() {
        let folder = folder();
        let mut watcher = watcher(folder.path());
        fs::write(folder.path().join("src/lib.rs"), "longer").unwrap();
        watcher.changed().await.unwrap();
    }
}
