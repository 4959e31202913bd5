//! The embedded database with group commit: what is written is durable before it is answered, and many writers share one `fsync`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use redb::{
    Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, WriteTransaction,
};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

/// How many operations one commit holds at most.
const BATCH: usize = 128;
/// How long another process may take to end that still has the database open.
const PREDECESSOR: Duration = Duration::from_secs(2);
/// The most bytes of the file that are kept in memory. The system keeps them besides, so that more would only make the process grow.
const CACHE: usize = 1 << 20;
/// How many operations wait before writers are held up.
const QUEUE: usize = 1_024;

/// Why the store did not do it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The directory cannot be made.
    #[error(
        "cannot make the directory {path}: {source}; give a folder that can be written with --data"
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database file cannot be opened.
    #[error("cannot open {path}: {source}; is another service running on the same --data?")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<redb::Error>,
    },
    /// Reading or writing failed.
    #[error("the store failed: {0}; look at the disk that holds --data")]
    Database(Box<redb::Error>),
    /// A stored value is not what this version writes.
    #[error(
        "a stored value cannot be read: {0}; the folder given with --data is of another version"
    )]
    Value(#[from] serde_json::Error),
    /// Another operation of the same commit failed, so that this one was not done either.
    #[error("the store failed for an operation of the same commit; try again")]
    Batch,
    /// The service is ending.
    #[error("the store is closed; the service is ending")]
    Closed,
}

macro_rules! from_database_errors {
    ($($error:ident),+) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })+
    };
}

from_database_errors!(TransactionError, TableError, StorageError);

/// Told whether the commit that holds an operation succeeded; sends the operation's result on.
type Finish = Box<dyn FnOnce(bool) + Send>;
type Operation = Box<dyn FnOnce(&WriteTransaction) -> (bool, Finish) + Send>;

/// An open database. Clones are the same database.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<Database>,
    operations: mpsc::Sender<Operation>,
}

impl Store {
    /// Opens or makes `service.redb` in the directory, and repairs it after a kill. A process that still has it open gets 2 s to end.
    ///
    /// # Errors
    /// [`StoreError::Directory`] and [`StoreError::Open`].
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(directory).map_err(|source| StoreError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        let path = directory.join("service.redb");
        let database = open_after_predecessor(&path)
            .await
            .map_err(|source| StoreError::Open {
                path,
                source: Box::new(source.into()),
            })?;
        let database = Arc::new(database);
        let (operations, queue) = mpsc::channel(QUEUE);
        let writer = Arc::clone(&database);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_in_batches(&writer, queue))
            .map_err(|source| StoreError::Directory {
                path: directory.to_owned(),
                source,
            })?;
        Ok(Self {
            database,
            operations,
        })
    }

    /// Does the operation in a write transaction; it is durable when this returns `Ok`. Operations are done one after another.
    ///
    /// A refusal belongs into `T`, before the first write: an `Err` undoes the whole commit, other operations included.
    pub async fn write<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&WriteTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let operation: Operation = Box::new(move |transaction| {
            let result = operation(transaction);
            let sound = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                let result = if committed || !sound {
                    result
                } else {
                    Err(StoreError::Batch)
                };
                // The asker may be gone; the operation stays done.
                let _ = sender.send(result);
            });
            (sound, finish)
        });
        self.operations
            .send(operation)
            .await
            .map_err(|_| StoreError::Closed)?;
        receiver.await.map_err(|_| StoreError::Closed)?
    }

    /// Reads a consistent state, on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&ReadTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(&self.database);
        tokio::task::spawn_blocking(move || operation(&database.begin_read()?))
            .await
            .map_err(|_| StoreError::Closed)?
    }
}

async fn open_after_predecessor(path: &Path) -> Result<Database, DatabaseError> {
    let give_up = Instant::now() + PREDECESSOR;
    loop {
        match Database::builder().set_cache_size(CACHE).create(path) {
            Err(DatabaseError::DatabaseAlreadyOpen) if Instant::now() < give_up => {
                sleep(Duration::from_millis(20)).await;
            }
            settled => return settled,
        }
    }
}

fn write_in_batches(database: &Database, mut queue: mpsc::Receiver<Operation>) {
    while let Some(first) = queue.blocking_recv() {
        // Dropping the operation answers its asker with `Closed`.
        let Ok(mut transaction) = database.begin_write() else {
            continue;
        };
        let durable = transaction.set_durability(Durability::Immediate).is_ok();
        let mut finishes = Vec::new();
        let mut sound = durable;
        let mut next = Some(first);
        while let Some(operation) = next.take() {
            let (ok, finish) = operation(&transaction);
            finishes.push(finish);
            sound &= ok;
            if sound && finishes.len() < BATCH {
                next = queue.try_recv().ok();
            }
        }
        let committed = sound && transaction.commit().is_ok();
        for finish in finishes {
            finish(committed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::{ReadableTable, TableDefinition};

    const NUMBERS: TableDefinition<'_, u64, u64> = TableDefinition::new("numbers");

    async fn sum(store: &Store) -> u64 {
        store
            .read(|transaction| {
                let mut sum = 0;
                for entry in transaction.open_table(NUMBERS)?.iter()? {
                    sum += entry?.1.value();
                }
                Ok(sum)
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_opening_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let writes = (0..200_u64).map(|number| {
            store.write(move |transaction| {
                transaction.open_table(NUMBERS)?.insert(number, number)?;
                Ok(())
            })
        });
        for result in futures::future::join_all(writes).await {
            result.unwrap();
        }
        drop(store);
        let again = Store::open(directory.path()).await.unwrap();
        assert_eq!(sum(&again).await, 19_900);
    }

    #[tokio::test]
    async fn a_failed_operation_leaves_nothing_behind_and_the_next_one_works() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let failed = store
            .write(|transaction| -> Result<(), StoreError> {
                transaction.open_table(NUMBERS)?.insert(1, 1)?;
                Err(StoreError::Batch)
            })
            .await;
        assert!(failed.is_err());
        store
            .write(|transaction| {
                transaction.open_table(NUMBERS)?.insert(2, 40)?;
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(sum(&store).await, 40);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_service_on_the_same_folder_is_refused_with_a_hint() {
        let directory = tempfile::tempdir().unwrap();
        let _first = Store::open(directory.path()).await.unwrap();
        let error = Store::open(directory.path()).await.unwrap_err().to_string();
        assert!(error.contains("another service"), "{error}");
    }
}
