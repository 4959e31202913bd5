//! A run before this one, as much of it as a comparison needs: how its cases ended, and its figures.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::{
    event::Grade,
    former_file::{FormerFile, MAX_REPORT_BYTES},
    hint::Hinted,
    json::document::{Report, Suite},
    log::LogError,
    outcomes,
    verdict::Verdict,
};

/// What is kept of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Former {
    pub(crate) run_id: String,
    pub(crate) started_at: String,
    pub(crate) environment: String,
    pub(crate) profile: String,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) duration_ns: u64,
    /// By suite and name.
    pub(crate) cases: BTreeMap<Key, FormerCase>,
    /// By suite and name: only those that were judged.
    pub(crate) baselines: BTreeMap<Key, FormerBaseline>,
    /// By suite and name: the time within which 95 of 100 requests were answered.
    pub(crate) requests: BTreeMap<Key, u64>,
}

/// A suite, and the name of something in it.
pub(crate) type Key = (String, String);

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FormerCase {
    /// None if it told no end.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) duration_ns: u64,
}

/// How a baseline stood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FormerBaseline {
    pub(crate) value: f64,
    pub(crate) grade: Grade,
}

/// Why a former run could not be read.
#[derive(Debug, Error)]
pub enum FormerError {
    /// The file cannot be opened or read.
    #[error("cannot read the former run `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is longer than 256 MiB.
    #[error("the former run `{}` is longer than {MAX_REPORT_BYTES} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It is neither an event log nor a report.
    #[error("`{}` is no event log and no report of this version", path.display())]
    NoReport {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// It is an event log that cannot be read to its end.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Hinted for FormerError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Log(error) => error.hint(),
            Self::Read { .. } | Self::TooLong { .. } | Self::NoReport { .. } => {
                Some("name the `report.json` or the `events.jsonl` of another run".to_owned())
            }
        }
    }
}

impl Former {
    /// What a report tells of its run.
    pub fn of(report: &Report) -> Self {
        let mut former = Self {
            environment: report.environment.name.clone(),
            ..Self::default()
        };
        if let Some(run) = &report.run {
            former.run_id.clone_from(&run.run_id);
            former.started_at.clone_from(&run.started_at);
            former.profile.clone_from(&run.profile);
            former.verdict = run.verdict;
            former.duration_ns = run.duration_ns;
        }
        for suite in &report.suites {
            former.take(suite);
        }
        former
    }

    /// Reads it from a `report.json`, or from an event log.
    pub fn read(path: &Path) -> Result<Self, FormerError> {
        FormerFile::open(path)?.read()
    }

    fn take(&mut self, suite: &Suite) {
        let key = |name: &str| (suite.name.clone(), name.to_owned());
        for case in &suite.cases {
            let found = FormerCase {
                verdict: case.verdict,
                duration_ns: case.duration_ns,
            };
            self.cases.insert(key(&case.name), found);
        }
        for judged in &suite.baselines {
            if let Some(standing) = outcomes::standing(judged) {
                let found = FormerBaseline {
                    value: standing.value,
                    grade: standing.grade,
                };
                self.baselines.insert(key(&judged.baseline.name), found);
            }
        }
        for requests in &suite.requests {
            if let Some(times) = requests.duration {
                self.requests.insert(key(&requests.name), times.p95_ns);
            }
        }
    }
}
