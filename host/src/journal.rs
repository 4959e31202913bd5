//! The crash journal: what has to be undone if the host dies before it could.
//!
//! Each run has a file below `.assay/journal/`, and holds a lock on it while it lives. What the kernel does not undo by itself is
//! written there and flushed to the disk *before* it is done, and struck out after it is undone. A file without its lock is that of a
//! dead host: [`heal`] undoes what is open in it. A run that ends in order removes its file.

pub mod engine;
pub mod entry;
mod error;
pub mod heal;
mod orphans;
pub mod read;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::entry::{Entry, Head, Line, VERSION};
pub use self::error::JournalError;
use crate::{environment::identity::Identity, trust};

/// Entries that are open at once.
pub const MAX_OPEN: usize = 1_000;
/// Bytes of a journal. What is struck out is dropped before this is reached, whenever nothing is open.
pub const MAX_BYTES: u64 = 4 << 20;
/// Bytes from which on a journal in which nothing is open starts anew.
const TIDY_BYTES: u64 = MAX_BYTES / 4;
/// Bytes of a line that strikes a note out, at most: each note that is open keeps so many free, so that a journal which takes no more
/// notes still takes all their strikes.
const STRIKE_BYTES: u64 = 64;
/// How often a file is made anew that somebody took for a leftover before it was locked.
const MAX_TRIES: usize = 8;

/// What the names of journals end with.
const ENDING: &str = "jsonl";
/// What the name of a journal ends with until it is locked and has its first line.
const NEW: &str = "new";
/// What the name of a journal ends with that was undone as far as it could be read.
const DAMAGED: &str = "damaged";

/// Where the journals of a configuration are, below its folder `.assay`.
pub fn folder(state_dir: &Path) -> PathBuf {
    state_dir.join("journal")
}

/// The journal of a run that lives. Cheap to clone: all clones are the same file.
#[derive(Clone, Debug)]
pub struct Journal {
    book: Arc<Mutex<Book>>,
}

#[derive(Debug)]
struct Book {
    path: PathBuf,
    /// Holds the lock while it is open.
    file: File,
    head: u64,
    bytes: u64,
    /// There may be a part of a line behind these bytes.
    is_torn: bool,
    last_id: u64,
    open: BTreeMap<u64, Entry>,
}

/// Something that is noted. It stays in the journal until it is struck out.
#[derive(Debug)]
#[must_use = "what is not struck out is undone by the next run"]
pub struct Note {
    journal: Journal,
    id: u64,
}

impl Journal {
    /// Makes the journal of a run, locked. `run` is a part of the file's name.
    pub fn create(state_dir: &Path, run: &str) -> Result<Self, JournalError> {
        let folder = folder(state_dir);
        let path = folder.join(format!("{run}.{ENDING}"));
        let book = Book::create(&folder, path.clone(), run)
            .map_err(|source| JournalError::Unusable { path, source })?;
        Ok(Self {
            book: Arc::new(Mutex::new(book)),
        })
    }

    /// Writes down how to undo what is about to be done. It is on the disk when this returns: that takes a flush, some milliseconds.
    pub async fn note(&self, entry: Entry) -> Result<Note, JournalError> {
        let journal = self.clone();
        let id = in_background(move || journal.book().note(entry)).await?;
        Ok(Note {
            journal: self.clone(),
            id,
        })
    }

    /// Those of the open notes that are wanted.
    pub fn open(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Note> {
        let book = self.book();
        let ids = book.open.iter().filter(|(_, entry)| wanted(entry));
        let notes = ids.map(|(&id, _)| Note {
            journal: self.clone(),
            id,
        });
        notes.collect()
    }

    /// Ends the journal in order, and removes its file if nothing is open in it. Answers what is: the next run, or `host heal`,
    /// undoes it.
    pub fn close(self) -> Result<Vec<Entry>, JournalError> {
        let book = self.book();
        if book.open.is_empty() {
            fs::remove_file(&book.path).map_err(|source| book.unusable(source))?;
        }
        Ok(book.open.values().cloned().collect())
    }

    /// A line is in the count only after it was written: a panic of another holder leaves it right.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note {
    /// Strikes it out, because it is undone. It is on the disk when this returns.
    pub async fn strike(self) -> Result<(), JournalError> {
        let Self { journal, id } = self;
        in_background(move || journal.book().strike(id)).await
    }
}

impl Book {
    fn create(folder: &Path, path: PathBuf, run: &str) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        trust::folder(folder)?;
        let head = Head {
            version: VERSION,
            run: run.to_owned(),
            host: Identity::of(std::process::id())
                .ok_or_else(|| io::Error::other("/proc tells nothing about this process"))?,
            boot: orphans::boot()?,
            temporary: std::env::temp_dir(),
        };
        let head = line(&Line::Head(head))?;
        for _ in 0..MAX_TRIES {
            if let Some(file) = locked_file(&path, &head)? {
                File::open(folder)?.sync_all()?;
                let bytes = head.len() as u64;
                return Ok(Self {
                    path,
                    file,
                    head: bytes,
                    bytes,
                    is_torn: false,
                    last_id: 0,
                    open: BTreeMap::new(),
                });
            }
        }
        Err(io::Error::other("others take every new file away"))
    }

    fn note(&mut self, entry: Entry) -> Result<u64, JournalError> {
        let id = self.last_id + 1;
        let note = Line::Note {
            id,
            entry: entry.clone(),
        };
        let note = line(&note).map_err(|source| self.unusable(source))?;
        let strikes = (self.open.len() as u64 + 1) * STRIKE_BYTES;
        if self.open.len() >= MAX_OPEN || self.bytes + note.len() as u64 + strikes > MAX_BYTES {
            return Err(JournalError::Full {
                path: self.path.clone(),
            });
        }
        self.append(&note)?;
        self.last_id = id;
        self.open.insert(id, entry);
        Ok(id)
    }

    /// One that is struck out already stays so.
    fn strike(&mut self, id: u64) -> Result<(), JournalError> {
        if !self.open.contains_key(&id) {
            return Ok(());
        }
        let strike = line(&Line::Strike { id }).map_err(|source| self.unusable(source))?;
        self.append(&strike)?;
        self.open.remove(&id);
        if self.open.is_empty() && self.bytes > TIDY_BYTES {
            self.start_anew().map_err(|source| self.unusable(source))?;
        }
        Ok(())
    }

    fn append(&mut self, line: &[u8]) -> Result<(), JournalError> {
        self.mend().map_err(|source| self.unusable(source))?;
        self.is_torn = true;
        let written = self
            .file
            .write_all(line)
            .and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // If that fails, the next line is not written before it has succeeded.
            let _ = self.mend();
            return Err(self.unusable(source));
        }
        self.is_torn = false;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// What there is of a line that could not be written goes: the next one would be read as its end.
    fn mend(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.bytes)?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// Everything is struck out: only the head stays.
    fn start_anew(&mut self) -> io::Result<()> {
        self.file.set_len(self.head)?;
        self.file.sync_data()?;
        self.bytes = self.head;
        Ok(())
    }

    fn unusable(&self, source: io::Error) -> JournalError {
        JournalError::Unusable {
            path: self.path.clone(),
            source,
        }
    }
}

/// A file that is there under its name only when it is locked and has its head. None if somebody took it for a leftover before.
fn locked_file(path: &Path, head: &[u8]) -> io::Result<Option<File>> {
    let new = path.with_extension(NEW);
    let mut file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    file.write_all(head)?;
    file.sync_all()?;
    match fs::rename(&new, path) {
        Ok(()) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn line(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// Work that waits for the disk. It is done whoever still waits for it.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|problem| {
        Err(JournalError::Unusable {
            path: PathBuf::from("journal"),
            source: io::Error::other(problem),
        })
    })
}
