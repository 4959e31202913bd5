//! Environments that stay up when the command that started them has ended.
//!
//! A keeper, a process of its own, holds the environment as a run would: its processes die with it, and the containers that it brought up go with
//! the next `host heal`. It notes itself and them in
//! `.assay/environment/NAME.json`, and holds a lock beside that file, so that there is one keeper for each name. To end it is to
//! send it SIGTERM.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::environment::{Environment, Left, STOP_PATIENCE, identity::Identity};

/// How long a keeper may take to end; it gives its services [`STOP_PATIENCE`].
const KEEPER_PATIENCE: Duration = Duration::from_secs(2 * STOP_PATIENCE.as_secs());
/// The same for one that keeps a compose project: Compose takes its containers down one after the other.
const PROJECT_PATIENCE: Duration = Duration::from_mins(2);
/// Between two looks whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// What is kept, as it is noted on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The environment's name.
    pub environment: String,
    /// The process that keeps it.
    pub keeper: Identity,
    /// The compose project, if it keeps one.
    #[serde(default)]
    pub project: Option<String>,
    /// In the order of their start.
    pub services: Vec<KeptService>,
}

/// A service that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptService {
    /// Its name.
    pub name: String,
    /// Its base URL.
    pub url: String,
    /// Its process; none if it was not started but found, or is a container.
    pub pid: Option<u32>,
    /// Whether it ends with its keeper.
    #[serde(default)]
    pub ends: bool,
}

impl Record {
    /// How long the keeper may take to end.
    fn patience(&self) -> Duration {
        match self.project {
            Some(_) => PROJECT_PATIENCE,
            None => KEEPER_PATIENCE,
        }
    }

    /// What this process keeps.
    pub fn of(name: &str, environment: &Environment) -> io::Result<Self> {
        let own = std::process::id();
        let keeper = Identity::of(own)
            .ok_or_else(|| io::Error::other("/proc tells nothing about this process"))?;
        let services = environment.services().iter().map(|service| KeptService {
            name: service.name.clone(),
            url: service.url.clone(),
            pid: environment.process_id(&service.name),
            ends: environment.ends(&service.name),
        });
        Ok(Self {
            environment: name.to_owned(),
            keeper,
            project: environment.project().map(str::to_owned),
            services: services.collect(),
        })
    }
}

/// Where environments are noted.
#[derive(Clone, Debug)]
pub struct Store {
    record: PathBuf,
    lock: PathBuf,
    left: PathBuf,
}

impl Store {
    /// The place of an environment below the folder `.assay`.
    pub fn new(state_dir: &Path, environment: &str) -> Self {
        // Names may hold anything; a file's name may not.
        let file: String = environment
            .chars()
            .map(|letter| {
                if letter.is_alphanumeric() || "-_".contains(letter) {
                    letter
                } else {
                    '_'
                }
            })
            .collect();
        let folder = state_dir.join("environment");
        Self {
            record: folder.join(format!("{file}.json")),
            lock: folder.join(format!("{file}.lock")),
            left: folder.join(format!("{file}.left.json")),
        }
    }

    /// Takes the lock, for as long as the file is open; none if another keeper has it.
    pub fn lock(&self) -> io::Result<Option<File>> {
        if let Some(folder) = self.lock.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(&self.lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Notes what is kept, whole or not at all.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        let folder = self.record.parent().unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&file, record)?;
        file.persist(&self.record)?;
        Ok(())
    }

    /// What is kept by a keeper that lives; none if there is none. What a dead keeper left is removed.
    pub fn read(&self) -> io::Result<Option<Record>> {
        let living = self.peek()?;
        if living.is_none() {
            self.remove()?;
        }
        Ok(living)
    }

    /// The same without removing anything.
    pub fn peek(&self) -> io::Result<Option<Record>> {
        let text = match fs::read_to_string(&self.record) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let record: Record = serde_json::from_str(&text)?;
        Ok(record.keeper.lives().then_some(record))
    }

    /// Notes what the keeper could not take down, for whoever ended it.
    pub fn leave(&self, left: &[Left]) -> io::Result<()> {
        if left.is_empty() {
            return Ok(());
        }
        fs::write(&self.left, serde_json::to_vec(left)?)
    }

    /// What the keeper could not take down. Once: it is forgotten then.
    pub fn take_left(&self) -> io::Result<Vec<Left>> {
        let text = match fs::read(&self.left) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        fs::remove_file(&self.left)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Forgets what was kept.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Ends the keeper and with it all that it keeps; answers what that was, none if there was nothing.
    pub async fn end(&self) -> io::Result<Option<Record>> {
        let Some(record) = self.read()? else {
            return Ok(None);
        };
        for signal in [Signal::TERM, Signal::KILL] {
            match record.keeper.signal(signal) {
                // It has ended just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                sent => sent?,
            }
            if gone(record.keeper, record.patience()).await {
                self.remove()?;
                return Ok(Some(record));
            }
        }
        let pid = record.keeper.pid;
        Err(io::Error::other(format!(
            "its keeper, process {pid}, does not end"
        )))
    }
}

/// Waits until a process has ended, as long as it may take.
async fn gone(process: Identity, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while process.lives() {
        if Instant::now() > deadline {
            return false;
        }
        sleep(PAUSE).await;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(keeper: Identity) -> Record {
        Record {
            environment: "embedded".to_owned(),
            keeper,
            project: None,
            services: vec![KeptService {
                name: "cache".to_owned(),
                url: "redis://127.0.0.1:1".to_owned(),
                pid: None,
                ends: false,
            }],
        }
    }

    #[test]
    fn a_record_is_read_back_while_its_keeper_lives() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "embedded");
        assert_eq!(store.read().unwrap(), None);
        let _lock = store.lock().unwrap().expect("nobody else has it");
        let own = record(Identity::of(std::process::id()).unwrap());
        store.write(&own).unwrap();
        assert_eq!(store.read().unwrap(), Some(own));
    }

    #[test]
    fn what_a_keeper_could_not_take_down_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "embedded");
        let _lock = store.lock().unwrap();
        store.leave(&[]).unwrap();
        assert_eq!(store.take_left().unwrap(), []);
        let left = [
            Left::Standing("the project is there still".to_owned()),
            Left::Abandoned("the engine keeps a network".to_owned()),
        ];
        store.leave(&left).unwrap();
        assert_eq!(store.take_left().unwrap(), left);
        assert_eq!(store.take_left().unwrap(), []);
    }

    #[tokio::test]
    async fn a_process_with_the_id_of_a_dead_keeper_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "embedded");
        let _lock = store.lock().unwrap();
        let own = Identity::of(std::process::id()).unwrap();
        store
            .write(&record(Identity {
                start_ticks: own.start_ticks + 1,
                ..own
            }))
            .unwrap();
        // It would end this test.
        assert_eq!(store.end().await.unwrap(), None);
        assert!(!store.record.exists());
    }

    #[test]
    fn there_is_one_keeper_for_each_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "a/../b");
        let first = store.lock().unwrap();
        assert!(first.is_some());
        assert!(store.lock().unwrap().is_none());
        assert!(Store::new(folder.path(), "c").lock().unwrap().is_some());
        drop(first);
        assert!(store.lock().unwrap().is_some());
    }
}
