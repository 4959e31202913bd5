//! The shape of the database, version by version. `user_version` of the file says which it has.
//!
//! A version is never changed once a host was released with it: what has to be different is a further script at the end.

use rusqlite::{Connection, TransactionBehavior};

/// The scripts: the one at place n leads from version n to n + 1.
pub(super) const SCRIPTS: [&str; 1] = [V1];

/// `application_id` of the file: `Asay` in ASCII. A database with another one belongs to somebody else.
pub(super) const APPLICATION: i64 = 0x4173_6179;

const V1: &str = "
PRAGMA application_id = 0x41736179;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    started_s INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    host_version TEXT NOT NULL,
    environment TEXT NOT NULL,
    profile TEXT NOT NULL,
    settings_digest TEXT,
    commit_name TEXT,
    verdict TEXT,
    exit_code INTEGER,
    passed INTEGER NOT NULL,
    degraded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    flaky INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    errored INTEGER NOT NULL,
    baselines INTEGER NOT NULL,
    baselines_missed INTEGER NOT NULL,
    left_out INTEGER NOT NULL
) STRICT;
CREATE INDEX run_by_start ON run (started_s, id);

CREATE TABLE test_case (
    id INTEGER PRIMARY KEY,
    suite TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (suite, name)
) STRICT;

CREATE TABLE case_result (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    test_case INTEGER NOT NULL REFERENCES test_case (id),
    verdict TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (run, test_case)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_result_by_case ON case_result (test_case, run);

CREATE TABLE judgement (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    suite TEXT NOT NULL,
    baseline TEXT NOT NULL,
    entry TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    unit TEXT NOT NULL,
    direction TEXT NOT NULL,
    target REAL,
    critical REAL,
    value REAL,
    samples INTEGER NOT NULL,
    grade TEXT NOT NULL,
    PRIMARY KEY (run, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
    id INTEGER PRIMARY KEY,
    suite TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    steps_per_unit INTEGER NOT NULL,
    UNIQUE (suite, name, unit, steps_per_unit)
) STRICT;

CREATE TABLE distribution (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    metric INTEGER NOT NULL REFERENCES metric (id),
    phase TEXT NOT NULL,
    histogram BLOB NOT NULL,
    PRIMARY KEY (run, metric, phase)
) STRICT;
CREATE INDEX distribution_by_metric ON distribution (metric, run);
";

/// The version of a file; 0 if nothing was ever written to it.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a file to the last version. Two hosts that do so at once wait for each other, and the second finds it done.
pub(super) fn migrate(connection: &mut Connection, scripts: &[&str]) -> rusqlite::Result<()> {
    let last = i64::try_from(scripts.len()).unwrap_or(i64::MAX);
    if version(connection)? >= last {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = usize::try_from(version(&transaction)?).unwrap_or(0);
    for script in scripts.iter().skip(from) {
        transaction.execute_batch(script)?;
    }
    if from < scripts.len() {
        transaction.pragma_update(None, "user_version", last)?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);";
    const SECOND: &str = "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;";

    fn both(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
        connection.query_row("SELECT x, y FROM a", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    #[test]
    fn each_script_runs_once_and_what_was_there_stays() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(both(&connection).is_err());
        for _ in 0..2 {
            migrate(&mut connection, &[FIRST, SECOND]).unwrap();
            assert_eq!(version(&connection).unwrap(), 2);
            assert_eq!(both(&connection).unwrap(), (7, 8));
        }
    }

    #[test]
    fn a_script_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        let broken = "ALTER TABLE a ADD COLUMN y INTEGER; SELECT nothing FROM nowhere;";
        assert!(migrate(&mut connection, &[FIRST, broken]).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(both(&connection).is_err());
    }
}
