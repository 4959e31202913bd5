//! Why the history cannot be read or written, each with what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_report::{event::Shard, hint::Hinted, log::LogError};
use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the history cannot be read or written.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The folder of the database cannot be made.
    #[error("cannot create the folder `{}` of the history: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened or written: a folder that is only read, no space.
    #[error("cannot open or write the history `{}`: {source}", path.display())]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// Another process holds the database for too long.
    #[error("the history `{}` is held by another process", path.display())]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// The file is damaged, or no database.
    #[error("the history `{}` is damaged, or no database: {source}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// It is a database of something else.
    #[error("`{}` is a database of something else, not a history of runs", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// A newer host has written it.
    #[error("the history `{}` has version {found}, and this host knows versions up to {known}", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The last one that is known.
        known: i64,
    },
    /// An older host has written it, and this one may not bring it to its own version.
    #[error("the history `{}` has an older version, and may not be written", path.display())]
    Older {
        /// The database.
        path: PathBuf,
    },
    /// No run has this name.
    #[error("no run `{name}` in the history `{}`", path.display())]
    NoRun {
        /// The database.
        path: PathBuf,
        /// As it was asked for.
        name: String,
    },
    /// More than one run begins like that.
    #[error("`{name}` is the beginning of more than one run: {}", runs.join(", "))]
    Ambiguous {
        /// As it was asked for.
        name: String,
        /// Some of them.
        runs: Vec<String>,
    },
    /// A recorded run cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It is a part of a plan, and no run to compare others with.
    #[error("the event log `{}` is of shard {shard}, and no whole run", path.display())]
    Shard {
        /// The log.
        path: PathBuf,
        /// Which part.
        shard: Shard,
    },
    /// A recorded run says no time of its start.
    #[error("run `{run}` began at `{text}`, which is no time")]
    NoTime {
        /// The run.
        run: String,
        /// What stands for a time.
        text: String,
    },
}

impl HistoryError {
    /// What `SQLite` said of this database.
    pub(crate) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let is_misread = matches!(
            source,
            rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
        );
        match source.sqlite_error_code() {
            // It holds what no host writes.
            None if is_misread => Self::Damaged { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, source }
            }
            _ => Self::Unusable { path, source },
        }
    }
}

impl Hinted for HistoryError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Folder { .. } | Self::Unusable { .. } => {
                "look at who may write there and how much space is left; `file` in `[history]` or `--history FILE` names another place, `--no-history` keeps nothing".to_owned()
            }
            Self::Busy { .. } => {
                "try again; if it stays so, look for the process that holds it (`fuser FILE`)".to_owned()
            }
            Self::Older { .. } => {
                "copy it to where it may be written, and name the copy with `--history FILE`".to_owned()
            }
            Self::Damaged { path, .. } => {
                format!("move `{}` away, and the next run begins a new one; `sqlite3 FILE .recover` may save what was in it", path.display())
            }
            Self::Foreign { .. } => {
                "name another file with `file` in `[history]` or with `--history FILE`".to_owned()
            }
            Self::Newer { .. } => {
                "use the host that wrote it, or name another file with `--history FILE`; nothing was changed in this one".to_owned()
            }
            Self::NoRun { .. } => {
                "`host history` shows the runs; a name is an id, its beginning, `last`, `previous`, or the file of an event log".to_owned()
            }
            Self::Ambiguous { .. } => "write more of it".to_owned(),
            Self::Log(error) => return error.hint(),
            Self::Shard { .. } => {
                "make one run of all shards first: `host report merge --events FILE LOG...`".to_owned()
            }
            Self::NoTime { .. } => "take the log as the host wrote it, unchanged".to_owned(),
        };
        Some(text)
    }
}
