//! A file that is no good gets an answer of its own, and is left as it is.

use std::{fs, path::PathBuf};

use assay_history::{
    Gathering, HistoryError, Store,
    recorder::{Recorder, Shared},
    store::{Keep, Selection},
};
use assay_report::{Reporter as _, hint::Hinted as _};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{gathering::events, made::run};

/// A history with one run.
fn kept(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("history.db");
    Store::open(&path).unwrap().add(&run(0)).unwrap();
    path
}

fn refused(path: &PathBuf) -> HistoryError {
    let before = fs::read(path).unwrap();
    let error = Store::open(path).unwrap_err();
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error}");
    assert!(error.to_string().contains("history.db"), "{error}");
    assert_eq!(fs::read(path).unwrap(), before, "it was changed");
    error
}

#[test]
fn what_is_not_there_is_no_history_and_no_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    assert!(Store::look(&path).unwrap().is_none());
    assert!(!path.exists());
}

#[test]
fn what_is_no_database_is_told_as_such() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    fs::write(
        &path,
        "no database, and longer than the head of one would be: ".repeat(20),
    )
    .unwrap();
    assert!(matches!(refused(&path), HistoryError::Damaged { .. }));
    assert!(matches!(
        Store::look(&path),
        Err(HistoryError::Damaged { .. })
    ));
}

#[test]
fn a_damaged_page_is_told_as_damage() {
    let folder = TempDir::new().unwrap();
    let path = kept(&folder);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(refused(&path), HistoryError::Damaged { .. }));
}

#[test]
fn a_database_of_something_else_is_not_touched() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(connection);
    assert!(matches!(refused(&path), HistoryError::Foreign { .. }));
}

#[test]
fn what_a_newer_host_wrote_is_not_touched() {
    let folder = TempDir::new().unwrap();
    let path = kept(&folder);
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    let error = refused(&path);
    assert!(
        matches!(
            error,
            HistoryError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_word_that_no_host_writes_is_an_error_and_no_verdict() {
    let folder = TempDir::new().unwrap();
    let path = kept(&folder);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute("UPDATE run SET verdict = 'splendid'", [])
        .unwrap();
    drop(connection);
    let store = Store::look(&path).unwrap().unwrap();
    let every = Selection {
        last: 10,
        ..Selection::default()
    };
    let error = store.runs(&every).unwrap_err().to_string();
    assert!(error.contains("splendid"), "{error}");
}

#[test]
fn a_folder_that_is_a_file_is_told_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let in_the_way = folder.path().join("in-the-way");
    fs::write(&in_the_way, "").unwrap();
    let error = Store::open(&in_the_way.join("history.db")).unwrap_err();
    assert!(matches!(error, HistoryError::Folder { .. }), "{error}");
    assert!(error.hint().unwrap().contains("--no-history"));
}

#[test]
fn a_reporter_that_cannot_keep_a_run_says_why_and_keeps_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    fs::write(&path, "no database ".repeat(100)).unwrap();
    let mut recorder = Recorder::new(Shared::default(), path.clone(), Keep::default());
    for event in events() {
        recorder.event(&event).unwrap();
    }
    let error = recorder.finish().unwrap_err();
    assert!(
        error.to_string().contains("is damaged, or no database"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("move"), "{error}");
}

#[test]
fn a_reporter_that_heard_nothing_keeps_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let mut recorder = Recorder::new(Shared::default(), path.clone(), Keep::default());
    recorder.finish().unwrap();
    assert!(!path.exists());
    assert!(Gathering::default().record().is_none());
}
