//! The database: one `SQLite` file that several hosts may use at once.
//!
//! It is in WAL mode, so readers never wait for a writer; two writers wait for each other up to [`BUSY_TIME`]. A run is written in one
//! transaction: it is there as a whole or not at all.

mod migrations;
mod open;
mod read;
mod retention;
mod words;
mod write;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::{
    read::{Name, Occurrence, Selection},
    retention::{Keep, MAX_AGE, MAX_RUNS},
    write::Added,
};
use crate::error::HistoryError;

/// How long a host waits for another one that writes.
pub const BUSY_TIME: Duration = Duration::from_secs(10);

/// A history of runs.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks something.
    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        question(&self.connection).map_err(|error| HistoryError::of(&self.path, error))
    }

    /// Changes something, whole or not at all.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let changed = || -> rusqlite::Result<T> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = change(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        };
        changed().map_err(|error| HistoryError::of(&self.path, error))
    }
}
