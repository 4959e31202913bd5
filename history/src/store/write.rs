//! Adding a run.

use rusqlite::{Transaction, params};

use super::{
    Store,
    words::{integer, word},
};
use crate::{
    error::HistoryError,
    record::{CaseResult, Judged, Measured, Run, RunRecord},
};

/// What came of adding a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New,
    /// It was there, and was replaced by what is known of it now.
    Replaced,
}

impl Store {
    /// Adds a run, whole or not at all. One of the same id is replaced: its log tells the same.
    pub fn add(&mut self, record: &RunRecord) -> Result<Added, HistoryError> {
        let started_s = started_s(&record.run)?;
        let replaced = self.change(|transaction| {
            let replaced =
                transaction.execute("DELETE FROM run WHERE run_id = ?1", [&record.run.run_id])?;
            add(transaction, record, started_s)?;
            Ok(replaced)
        })?;
        Ok(if replaced > 0 {
            Added::Replaced
        } else {
            Added::New
        })
    }
}

/// Seconds since 1970.
fn started_s(run: &Run) -> Result<i64, HistoryError> {
    humantime::parse_rfc3339(&run.started_at)
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map(|since| integer(since.as_secs()))
        .ok_or_else(|| HistoryError::NoTime {
            run: run.run_id.clone(),
            text: run.started_at.clone(),
        })
}

fn add(transaction: &Transaction<'_>, record: &RunRecord, started_s: i64) -> rusqlite::Result<()> {
    add_run(transaction, &record.run, started_s)?;
    let run = transaction.last_insert_rowid();
    add_cases(transaction, run, &record.cases)?;
    add_judgements(transaction, run, &record.judgements)?;
    add_distributions(transaction, run, &record.distributions)
}

fn add_run(transaction: &Transaction<'_>, run: &Run, started_s: i64) -> rusqlite::Result<()> {
    let stats = &run.stats;
    transaction.execute(
        "INSERT INTO run (run_id, started_s, duration_ns, host_version, environment, profile, settings_digest,
            commit_name, verdict, exit_code, passed, degraded, failed, flaky, skipped, errored, baselines,
            baselines_missed, left_out)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        params![
            run.run_id,
            started_s,
            integer(run.duration_ns),
            run.host_version,
            run.environment,
            run.profile,
            run.settings_digest,
            run.commit,
            run.verdict.map(assay_report::verdict::Verdict::word),
            run.exit_code,
            stats.passed,
            stats.degraded,
            stats.failed,
            stats.flaky,
            stats.skipped,
            stats.errored,
            integer(run.baselines),
            integer(run.baselines_missed),
            integer(run.left_out),
        ],
    )?;
    Ok(())
}

fn add_cases(
    transaction: &Transaction<'_>,
    run: i64,
    cases: &[CaseResult],
) -> rusqlite::Result<()> {
    let mut name = transaction
        .prepare("INSERT INTO test_case (suite, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    let mut result = transaction.prepare(
        "INSERT INTO case_result (run, test_case, verdict, attempts, duration_ns, reason)
         SELECT ?1, id, ?4, ?5, ?6, ?7 FROM test_case WHERE suite = ?2 AND name = ?3",
    )?;
    for case in cases {
        name.execute(params![case.suite, case.case])?;
        result.execute(params![
            run,
            case.suite,
            case.case,
            case.verdict.word(),
            case.attempts,
            integer(case.duration_ns),
            case.reason,
        ])?;
    }
    Ok(())
}

fn add_judgements(
    transaction: &Transaction<'_>,
    run: i64,
    judgements: &[Judged],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO judgement (run, place, suite, baseline, entry, attempt, unit, direction, target, critical,
            value, samples, grade)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for (place, judged) in judgements.iter().enumerate() {
        insert.execute(params![
            run,
            integer(place as u64),
            judged.suite,
            judged.baseline,
            judged.entry,
            judged.attempt,
            judged.unit,
            word(&judged.direction),
            judged.target,
            judged.critical,
            judged.value,
            integer(judged.samples),
            judged.grade.word(),
        ])?;
    }
    Ok(())
}

fn add_distributions(
    transaction: &Transaction<'_>,
    run: i64,
    distributions: &[Measured],
) -> rusqlite::Result<()> {
    let mut name = transaction.prepare(
        "INSERT INTO metric (suite, name, unit, steps_per_unit) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    let mut insert = transaction.prepare(
        "INSERT INTO distribution (run, metric, phase, histogram)
         SELECT ?1, id, ?6, ?7 FROM metric WHERE suite = ?2 AND name = ?3 AND unit = ?4 AND steps_per_unit = ?5",
    )?;
    for measured in distributions {
        let (key, steps) = (&measured.key, integer(measured.steps_per_unit));
        name.execute(params![key.suite, key.metric, measured.unit, steps])?;
        insert.execute(params![
            run,
            key.suite,
            key.metric,
            measured.unit,
            steps,
            key.phase.word(),
            measured.histogram,
        ])?;
    }
    Ok(())
}
