//! Journals that others left: which of them belong to dead hosts, what is open in them, and what of them cannot be read.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{
    DAMAGED, ENDING, MAX_BYTES, NEW,
    entry::{Entry, Head, Line, VERSION},
};
use crate::trust;

/// What there is in the folder of journals.
#[derive(Debug, Default)]
pub struct Found {
    /// Those of dead hosts, locked by us, the oldest first.
    pub left: Vec<Left>,
    /// Those of hosts that live.
    pub living: Vec<PathBuf>,
    /// What was not touched, and why.
    pub strange: Vec<Strange>,
    /// What is left of damaged ones, for a person to look at.
    pub damaged: Vec<PathBuf>,
    /// Files that never became journals, because their host died too early. There is nothing in them.
    pub(super) unnamed: Vec<PathBuf>,
}

/// A journal of a dead host. While this lives nobody else undoes it.
#[derive(Debug)]
pub struct Left {
    /// The file.
    pub path: PathBuf,
    /// Who wrote it.
    pub head: Head,
    /// What is open, by the number of the note.
    pub open: BTreeMap<u64, Entry>,
    /// What cannot be read, with its line.
    pub damage: Vec<String>,
    /// For strikes; holds the lock.
    pub(super) file: File,
    /// How far it is whole: a last line that was cut says nothing, and goes before a further one comes.
    pub(super) whole: u64,
}

/// A file that is not touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strange {
    /// The file.
    pub path: PathBuf,
    /// Why it is not touched.
    pub why: String,
}

/// Looks through the folder of journals, and changes nothing. One that is not there holds nothing.
pub fn find(folder: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    trust::folder(folder)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending {
            Some(ENDING) => found.look(path),
            Some(NEW) => found.unnamed.push(path),
            Some(DAMAGED) => found.damaged.push(path),
            _ => {}
        }
    }
    Ok(found)
}

impl Found {
    fn look(&mut self, path: PathBuf) {
        match open(&path) {
            Ok(Some(file)) => match read(path.clone(), file) {
                Ok(left) => self.left.push(left),
                Err(why) => self.strange.push(Strange { path, why }),
            },
            Ok(None) => self.living.push(path),
            // Removed in this moment: its run has ended in order.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.strange.push(Strange {
                path,
                why: error.to_string(),
            }),
        }
    }
}

/// The file, locked; none if its host lives or somebody undoes it already.
fn open(path: &Path) -> io::Result<Option<File>> {
    // Only what we alone can have written is believed: it names things that are started and removed.
    drop(trust::open(path)?);
    let file = OpenOptions::new().read(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Whoever had the lock before may have removed the file.
    if file.metadata()?.nlink() == 0 {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(Some(file))
}

/// Whether a journal that is locked names a host that is gone.
pub(super) fn is_of_a_dead_host(path: &Path) -> bool {
    let Ok(text) = fs::read(path) else {
        return false;
    };
    let first = text.split_inclusive(|byte| *byte == b'\n').next();
    head(first).is_ok_and(|head| !head.host.lives())
}

/// Removes a file that never became a journal, unless it is about to.
pub(super) fn forget(path: &Path) {
    if let Ok(Some(file)) = open(path) {
        // If that fails it is in nobody's way.
        let _ = fs::remove_file(path);
        drop(file);
    }
}

/// The error says why nothing of it can be believed.
fn read(path: PathBuf, file: File) -> Result<Left, String> {
    let mut bytes = Vec::new();
    (&file)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let head = head(lines.next().map(|(_, line)| line))?;
    let mut left = Left {
        path,
        head,
        open: BTreeMap::new(),
        damage: Vec::new(),
        file,
        whole: 0,
    };
    for (index, line) in lines {
        left.line(index + 1, line);
    }
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    left.whole = end.map_or(0, |end| end as u64 + 1);
    Ok(left)
}

fn head(line: Option<&[u8]>) -> Result<Head, String> {
    #[derive(serde::Deserialize)]
    struct AnyHead {
        head: AnyVersion,
    }
    #[derive(serde::Deserialize)]
    struct AnyVersion {
        version: u32,
    }
    let line = line.unwrap_or_default();
    match serde_json::from_slice(line) {
        Ok(Line::Head(head)) if head.version == VERSION => return Ok(head),
        _ => {}
    }
    Err(match serde_json::from_slice(line) {
        Ok(AnyHead { head }) if head.version != VERSION => {
            format!(
                "it has version {}, and this host reads {VERSION}",
                head.version
            )
        }
        _ => "its first line does not say who wrote it".to_owned(),
    })
}

impl Left {
    fn line(&mut self, number: usize, bytes: &[u8]) {
        // A note that was not written whole was not acted on, and a strike that was not is done again.
        if !bytes.ends_with(b"\n") {
            return;
        }
        match serde_json::from_slice(bytes) {
            Ok(Line::Note { id, entry }) if !self.open.contains_key(&id) => {
                self.open.insert(id, entry);
            }
            // One that is struck out twice was undone twice, by two who did not know of each other.
            Ok(Line::Strike { id }) => {
                self.open.remove(&id);
            }
            Ok(Line::Note { id, .. }) => {
                self.damage
                    .push(format!("line {number}: there is a note {id} before it"));
            }
            Ok(Line::Head(_)) => self
                .damage
                .push(format!("line {number}: a second first line")),
            Err(error) => self.damage.push(format!("line {number}: {error}")),
        }
    }
}
