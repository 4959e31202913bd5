//! How the sources of a suite look at one moment: enough to see that something was changed, and no content.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::WatchError;

/// What is never a source, by its name: what builds and runs write themselves. `Cargo.lock` is among it, because cargo writes it in the
/// middle of a build.
const WRITTEN: [&str; 3] = ["__pycache__", "node_modules", "Cargo.lock"];
/// What builds and runs write at the top of a folder that is watched. Further down a module may be called so.
const WRITTEN_AT_THE_TOP: [&str; 3] = ["target", "reports", "venv"];
/// What marks a folder that is kept by a tool: one of cargo, and one of Python.
const MARKS: [&str; 2] = ["CACHEDIR.TAG", "pyvenv.cfg"];

/// When each file was changed, and how long it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Snapshot {
    /// Looks at all files below these folders: at most so many, folders among them.
    pub(super) fn take(roots: &[PathBuf], most: usize) -> Result<Self, WatchError> {
        let mut snapshot = Self::default();
        let mut folders: Vec<PathBuf> = roots.to_vec();
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            let is_root = roots.contains(&folder);
            let is_kept_by_a_tool = || MARKS.iter().any(|mark| folder.join(mark).exists());
            if !is_root && is_kept_by_a_tool() {
                continue;
            }
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                // It went while somebody looked.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !is_root => continue,
                Err(source) => return Err(WatchError::Folder { folder, source }),
            };
            for entry in entries.flatten() {
                if !is_source(&entry.path(), is_root) {
                    continue;
                }
                seen += 1;
                if seen > most {
                    return Err(WatchError::TooMany { most });
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    Ok(_) => snapshot.add(entry.path()),
                    Err(_) => {}
                }
            }
        }
        Ok(snapshot)
    }

    /// Follows links to files, and not those to folders, which may lead in circles.
    fn add(&mut self, path: PathBuf) {
        if let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
        {
            let look = (metadata.modified().ok(), metadata.len());
            self.0.insert(path, look);
        }
    }
}

fn is_source(path: &Path, at_the_top: bool) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_component = path.extension().is_some_and(|end| end == "wasm");
    let is_written =
        WRITTEN.contains(&&*name) || (at_the_top && WRITTEN_AT_THE_TOP.contains(&&*name));
    // Editors keep what is not saved yet beside the file, with this at its end.
    !name.starts_with('.') && !name.ends_with('~') && !is_component && !is_written
}
