//! Reading runs, and what cases did over many of them.

use std::time::{Duration, UNIX_EPOCH};

use assay_report::{event::RunStats, verdict::Verdict};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, named_params};

use super::{
    Store,
    words::{integer, number, value},
};
use crate::{
    error::HistoryError,
    record::{CaseResult, Judged, Measured, MetricKey, Run, RunRecord},
};

/// Runs of the same beginning that an error names.
const MAX_NAMED: u32 = 5;
const RUN: &str = "run.run_id, run.started_s, run.duration_ns, run.host_version, run.environment, run.profile, run.settings_digest, run.commit_name,
    run.verdict, run.exit_code, run.passed, run.degraded, run.failed, run.flaky, run.skipped, run.errored,
    run.baselines, run.baselines_missed, run.left_out";

/// Which runs are looked at: the newest ones of those that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only of this environment.
    pub environment: Option<String>,
    /// Only of this profile.
    pub profile: Option<String>,
    /// Only with this digest of the settings.
    pub settings_digest: Option<String>,
    /// Only those that came to their end and were good.
    pub good: bool,
    /// Not this one.
    pub without: Option<String>,
    /// At most so many.
    pub last: u32,
}

impl Selection {
    /// What [`FITS`] and a limit of `:last` are about.
    fn parameters(&self) -> [(&'static str, &dyn ToSql); 6] {
        [
            (":environment", &self.environment),
            (":profile", &self.profile),
            (":digest", &self.settings_digest),
            (":good", &self.good),
            (":without", &self.without),
            (":last", &self.last),
        ]
    }
}

/// How a run is named by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The newest one.
    Last,
    /// The one before it.
    Previous,
    /// Its id, or the beginning of it.
    Begins(String),
}

impl Name {
    /// `last`, `previous`, or the beginning of an id.
    pub fn of(text: &str) -> Self {
        match text {
            "last" => Self::Last,
            "previous" => Self::Previous,
            other => Self::Begins(other.to_owned()),
        }
    }
}

/// A case in one of many runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The run.
    pub run: Run,
    /// What came of the case in it.
    pub result: CaseResult,
}

impl Store {
    /// The newest runs that fit, the newest first.
    pub fn runs(&self, selection: &Selection) -> Result<Vec<Run>, HistoryError> {
        self.ask(|connection| {
            let sql = format!("SELECT {RUN} FROM run WHERE {FITS} {NEWEST} LIMIT :last");
            let mut query = connection.prepare(&sql)?;
            let rows = query.query_map(&selection.parameters(), |row| run(row, 0))?;
            rows.collect()
        })
    }

    /// The run of that name.
    pub fn find(&self, name: &Name) -> Result<Run, HistoryError> {
        let no_run = |text: &str| HistoryError::NoRun {
            path: self.path.clone(),
            name: text.to_owned(),
        };
        let newest = Selection {
            last: 2,
            ..Selection::default()
        };
        match name {
            Name::Last => self
                .runs(&newest)?
                .into_iter()
                .next()
                .ok_or_else(|| no_run("last")),
            Name::Previous => self
                .runs(&newest)?
                .into_iter()
                .nth(1)
                .ok_or_else(|| no_run("previous")),
            Name::Begins(text) => self.beginning(text)?.ok_or_else(|| no_run(text)),
        }
    }

    fn beginning(&self, text: &str) -> Result<Option<Run>, HistoryError> {
        let mut found: Vec<Run> = self.ask(|connection| {
            let sql = format!(
                "SELECT {RUN} FROM run WHERE substr(run_id, 1, length(:text)) = :text {NEWEST} LIMIT :most"
            );
            let mut query = connection.prepare(&sql)?;
            let rows = query
                .query_map(named_params! { ":text": text, ":most": MAX_NAMED }, |row| {
                    run(row, 0)
                })?;
            rows.collect()
        })?;
        // A whole id is meant, also where another one begins with it.
        if found.len() > 1
            && let Some(whole) = found.iter().position(|run| run.run_id == text)
        {
            found.swap(0, whole);
            found.truncate(1);
        }
        if found.len() > 1 {
            return Err(HistoryError::Ambiguous {
                name: text.to_owned(),
                runs: found.into_iter().map(|run| run.run_id).collect(),
            });
        }
        Ok(found.pop())
    }

    /// All that is kept of a run; none if it is not there.
    pub fn record(&self, run_id: &str) -> Result<Option<RunRecord>, HistoryError> {
        self.ask(|connection| {
            // One state of the database for all questions.
            let transaction = connection.unchecked_transaction()?;
            let sql = format!("SELECT {RUN}, id FROM run WHERE run_id = ?1");
            let found = transaction
                .query_row(&sql, [run_id], |row| Ok((run(row, 0)?, row.get(19)?)))
                .optional()?;
            let Some((run, id)) = found else {
                return Ok(None);
            };
            Ok(Some(RunRecord {
                run,
                cases: cases_of(&transaction, id)?,
                judgements: judgements_of(&transaction, id)?,
                distributions: distributions_of(&transaction, id)?,
            }))
        })
    }

    /// Tells what each case did in the newest runs that fit: case by case, the oldest run first.
    pub fn occurrences(
        &self,
        selection: &Selection,
        suite: Option<&str>,
        case: Option<&str>,
        mut tell: impl FnMut(Occurrence),
    ) -> Result<(), HistoryError> {
        self.ask(|connection| {
            let sql = format!(
                "SELECT {RUN}, suite, name, case_result.verdict, attempts, case_result.duration_ns, reason
                 FROM (SELECT * FROM run WHERE {FITS} {NEWEST} LIMIT :last) AS run
                 JOIN case_result ON case_result.run = run.id
                 JOIN test_case ON test_case.id = case_result.test_case
                 WHERE (:suite IS NULL OR suite = :suite) AND (:case IS NULL OR name = :case)
                 ORDER BY suite, name, run.started_s, run.id"
            );
            let mut query = connection.prepare(&sql)?;
            let fits = selection.parameters().into_iter();
            let parameters: Vec<_> = fits
                .chain([(":suite", &suite as &dyn ToSql), (":case", &case)])
                .collect();
            let rows = query.query_map(parameters.as_slice(), |row| {
                Ok(Occurrence {
                    run: run(row, 0)?,
                    result: case_result(row, 19)?,
                })
            })?;
            for row in rows {
                tell(row?);
            }
            Ok(())
        })
    }
}

fn cases_of(connection: &Connection, run: i64) -> rusqlite::Result<Vec<CaseResult>> {
    let mut query = connection.prepare(
        "SELECT suite, name, verdict, attempts, duration_ns, reason
         FROM case_result JOIN test_case ON test_case.id = test_case WHERE run = ?1 ORDER BY suite, name",
    )?;
    let rows = query.query_map([run], |row| case_result(row, 0))?;
    rows.collect()
}

fn judgements_of(connection: &Connection, run: i64) -> rusqlite::Result<Vec<Judged>> {
    let mut query = connection.prepare(
        "SELECT suite, baseline, entry, attempt, unit, direction, target, critical, value, samples, grade
         FROM judgement WHERE run = ?1 ORDER BY place",
    )?;
    let rows = query.query_map([run], |row| {
        Ok(Judged {
            suite: row.get(0)?,
            baseline: row.get(1)?,
            entry: row.get(2)?,
            attempt: row.get(3)?,
            unit: row.get(4)?,
            direction: value(5, &row.get::<_, String>(5)?)?,
            target: row.get(6)?,
            critical: row.get(7)?,
            value: row.get(8)?,
            samples: number(row, 9)?,
            grade: value(10, &row.get::<_, String>(10)?)?,
        })
    })?;
    rows.collect()
}

fn distributions_of(connection: &Connection, run: i64) -> rusqlite::Result<Vec<Measured>> {
    let mut query = connection.prepare(
        "SELECT suite, name, phase, unit, steps_per_unit, histogram
         FROM distribution JOIN metric ON metric.id = metric WHERE run = ?1",
    )?;
    let rows = query.query_map([run], |row| {
        Ok(Measured {
            key: MetricKey {
                suite: row.get(0)?,
                metric: row.get(1)?,
                phase: value(2, &row.get::<_, String>(2)?)?,
            },
            unit: row.get(3)?,
            steps_per_unit: number(row, 4)?,
            histogram: row.get(5)?,
        })
    })?;
    let mut found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(found)
}

/// Which runs fit a [`Selection`].
const FITS: &str = "(:environment IS NULL OR environment = :environment)
    AND (:profile IS NULL OR profile = :profile)
    AND (:digest IS NULL OR settings_digest = :digest)
    AND (NOT :good OR run.verdict IN ('passed', 'degraded', 'flaky'))
    AND (:without IS NULL OR run_id <> :without)";
const NEWEST: &str = "ORDER BY started_s DESC, id DESC";

/// A run from the columns of [`RUN`].
fn run(row: &Row<'_>, first: usize) -> rusqlite::Result<Run> {
    let column = |place: usize| first + place;
    let verdict: Option<String> = row.get(column(8))?;
    let verdict = verdict.map(|word| value::<Verdict>(column(8), &word));
    Ok(Run {
        run_id: row.get(column(0))?,
        started_at: started_at(number(row, column(1))?),
        duration_ns: number(row, column(2))?,
        host_version: row.get(column(3))?,
        environment: row.get(column(4))?,
        profile: row.get(column(5))?,
        settings_digest: row.get(column(6))?,
        commit: row.get(column(7))?,
        verdict: verdict.transpose()?,
        exit_code: row.get(column(9))?,
        stats: RunStats {
            passed: row.get(column(10))?,
            degraded: row.get(column(11))?,
            failed: row.get(column(12))?,
            flaky: row.get(column(13))?,
            skipped: row.get(column(14))?,
            errored: row.get(column(15))?,
        },
        baselines: number(row, column(16))?,
        baselines_missed: number(row, column(17))?,
        left_out: number(row, column(18))?,
    })
}

fn case_result(row: &Row<'_>, first: usize) -> rusqlite::Result<CaseResult> {
    Ok(CaseResult {
        suite: row.get(first)?,
        case: row.get(first + 1)?,
        verdict: value(first + 2, &row.get::<_, String>(first + 2)?)?,
        attempts: row.get(first + 3)?,
        duration_ns: number(row, first + 4)?,
        reason: row.get(first + 5)?,
    })
}

/// The last second that can be written has the year 9999.
fn started_at(seconds: u64) -> String {
    let most = Duration::from_secs(seconds.min(253_402_300_799));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + most).to_string()
}

/// The time before which a run is older than `age`, in seconds since 1970.
pub(super) fn before(now: std::time::SystemTime, age: Duration) -> i64 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    integer(since.saturating_sub(age).as_secs())
}
