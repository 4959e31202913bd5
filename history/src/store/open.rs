//! Opening the database: to write, which makes it if it is not there, or to look at it.

use std::{fs, io, path::Path};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{BUSY_TIME, Store, migrations};
use crate::error::HistoryError;

impl Store {
    /// Opens it to write; its folder and itself are made if they are missing.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|source| HistoryError::Folder {
                path: folder.to_owned(),
                source,
            })?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::with(path, || Connection::open_with_flags(path, flags), true)
    }

    /// Opens it to look at it; none if it is not there. It is brought to the last version, if it may be written.
    pub fn look(path: &Path) -> Result<Option<Self>, HistoryError> {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // What else is wrong SQLite finds as well.
            _ => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Self::with(path, || Connection::open_with_flags(path, flags), true);
        match opened {
            Err(HistoryError::Unusable { .. }) => Self::unwritable(path).map(Some),
            opened => opened.map(Some),
        }
    }

    /// Where nothing may be written no log can be made either: then nobody writes, and the file is all there is.
    fn unwritable(path: &Path) -> Result<Self, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let open = || Connection::open_with_flags(unchanging(path), flags);
        Self::with(path, open, false)
    }

    fn with(
        path: &Path,
        open: impl FnOnce() -> rusqlite::Result<Connection>,
        writes: bool,
    ) -> Result<Self, HistoryError> {
        let failed = |error| HistoryError::of(path, error);
        let mut connection = open().map_err(failed)?;
        connection.busy_timeout(BUSY_TIME).map_err(failed)?;
        check(path, &connection)?;
        if writes {
            prepare(&mut connection).map_err(failed)?;
        } else if migrations::version(&connection).map_err(failed)? < last_version() {
            let path = path.to_owned();
            return Err(HistoryError::Older { path });
        }
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }
}

fn last_version() -> i64 {
    i64::try_from(migrations::SCRIPTS.len()).unwrap_or(i64::MAX)
}

/// Nothing is changed in a file that is somebody else's, or that a newer host wrote.
fn check(path: &Path, connection: &Connection) -> Result<(), HistoryError> {
    let ask = |question: &str| -> Result<i64, HistoryError> {
        connection
            .query_row(question, [], |row| row.get(0))
            .map_err(|error| HistoryError::of(path, error))
    };
    let path = || path.to_owned();
    // In this order: another host makes the tables and sets the name in one transaction.
    let is_empty = ask("SELECT count(*) FROM sqlite_schema")? == 0;
    if !is_empty && ask("PRAGMA application_id")? != migrations::APPLICATION {
        return Err(HistoryError::Foreign { path: path() });
    }
    let (found, known) = (ask("PRAGMA user_version")?, last_version());
    if found > known {
        let path = path();
        return Err(HistoryError::Newer { path, found, known });
    }
    Ok(())
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // A run that was told as kept is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    migrations::migrate(connection, &migrations::SCRIPTS)?;
    match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
        // Another host is at work in it, or the file system cannot share memory: the mode stays as it was, slower and as safe.
        Err(error) if is_harmless(&error) => Ok(()),
        done => done,
    }
}

fn is_harmless(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::ReadOnly)
    )
}

/// The file as one that nobody changes, in the words of `SQLite`.
fn unchanging(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{text}?immutable=1")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::store::Selection;

    #[test]
    fn one_that_nobody_may_write_is_looked_at_whatever_its_name_is() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("100 % mine? #1.db");
        drop(Store::open(&path).unwrap());
        let before = fs::read(&path).unwrap();
        let mut store = Store::unwritable(&path).unwrap();
        let selection = Selection {
            last: 1,
            ..Selection::default()
        };
        assert_eq!(store.runs(&selection).unwrap(), []);
        let keep = crate::store::Keep::default();
        let refused = store
            .retain(keep, std::time::SystemTime::now())
            .unwrap_err();
        assert!(
            matches!(refused, HistoryError::Unusable { .. }),
            "{refused}"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn an_older_one_that_nobody_may_write_is_refused() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("history.db");
        fs::write(&path, "").unwrap();
        let refused = Store::unwritable(&path).unwrap_err();
        assert!(matches!(refused, HistoryError::Older { .. }), "{refused}");
    }
}
