//! From the events of a run to what is kept of it, in bounded memory: the same of a live run and of a recorded one.

use std::{collections::BTreeMap, path::Path};

use assay_report::{
    event::{Event, EventKind, Grade, Judgement, Outcome, RunInfo, Shard, Source},
    log::LogError,
    replay,
};

use crate::{
    error::HistoryError,
    record::{CaseResult, Judged, MAX_CASES, MAX_JUDGEMENTS, Run, RunRecord, cut},
};

mod measured;

use self::measured::Distributions;
pub use self::measured::MAX_COUNTED;

/// What is known of a run so far.
#[derive(Debug, Default)]
pub struct Gathering {
    run: Option<Run>,
    /// None if it is a whole plan.
    shard: Option<Shard>,
    /// By suite and case.
    cases: BTreeMap<(String, String), CaseResult>,
    judgements: Vec<Judged>,
    distributions: Distributions,
    left_out: u64,
}

impl Gathering {
    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        if let Some(run) = &mut self.run
            && run.verdict.is_none()
        {
            run.duration_ns = event.at_ns;
        }
        match &event.kind {
            EventKind::RunStarted(info) => {
                self.run = Some(begun(info));
                self.shard = info.shard.as_ref().map(|info| info.shard);
            }
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                attempts,
                duration_ns,
            } => self.case_finished(suite, case, outcome, *attempts, *duration_ns),
            EventKind::Judged { source, judgement } => self.judged(source, judgement),
            EventKind::Exchanged { source, exchange } => {
                self.distributions
                    .exchanged(&source.suite, event.phase, exchange);
            }
            EventKind::Streamed { source, stream } => {
                self.distributions
                    .streamed(&source.suite, event.phase, stream);
            }
            EventKind::Measured {
                suite,
                source,
                scenario,
                distributions,
            } => {
                let entry = source.as_ref().map(|source| source.entry.as_str());
                for encoded in distributions {
                    self.distributions
                        .measured(suite, entry, scenario.as_deref(), encoded);
                }
            }
            EventKind::RunFinished {
                verdict,
                stats,
                duration_ns,
                exit_code,
            } => {
                if let Some(run) = &mut self.run {
                    run.verdict = Some(*verdict);
                    run.stats = *stats;
                    run.duration_ns = *duration_ns;
                    run.exit_code = Some(*exit_code);
                }
            }
            _ => {}
        }
    }

    /// What is to be kept; none if no run began.
    pub fn record(&self) -> Option<RunRecord> {
        let mut run = self.run.clone()?;
        let (distributions, left_out) = self.distributions.told();
        run.left_out = self.left_out + left_out;
        Some(RunRecord {
            run,
            cases: self.cases.values().cloned().collect(),
            judgements: self.judgements.clone(),
            distributions,
        })
    }

    fn case_finished(
        &mut self,
        suite: &str,
        case: &str,
        outcome: &Outcome,
        attempts: u32,
        duration_ns: u64,
    ) {
        if let Some(run) = &mut self.run {
            run.stats.count(outcome.verdict);
        }
        let (suite, case) = (cut(suite), cut(case));
        let key = (suite.clone(), case.clone());
        if self.cases.len() >= MAX_CASES && !self.cases.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        let reason = outcome.reason.as_ref();
        let result = CaseResult {
            suite,
            case,
            verdict: outcome.verdict,
            attempts,
            duration_ns,
            reason: reason.map(|reason| reason.kind.word().to_owned()),
        };
        self.cases.insert(key, result);
    }

    fn judged(&mut self, source: &Source, judgement: &Judgement) {
        if let Some(run) = &mut self.run {
            run.baselines += 1;
            run.baselines_missed += u64::from(judgement.grade == Grade::Missed);
        }
        if self.judgements.len() >= MAX_JUDGEMENTS {
            self.left_out += 1;
            return;
        }
        let baseline = &judgement.baseline;
        self.judgements.push(Judged {
            suite: cut(&source.suite),
            baseline: cut(&baseline.name),
            entry: cut(&source.entry),
            attempt: source.attempt,
            unit: cut(&baseline.unit),
            direction: baseline.direction,
            target: number(baseline.target),
            critical: number(baseline.critical),
            value: number(judgement.value),
            samples: judgement.samples,
            grade: judgement.grade,
        });
    }
}

/// Of a recorded run, or of a shard of one, from its event log.
pub fn recorded(log: &Path) -> Result<RunRecord, HistoryError> {
    gathered(log).map(|(_, record)| record)
}

/// The same, but for shards: others are compared with whole runs.
pub fn recorded_whole(log: &Path) -> Result<RunRecord, HistoryError> {
    match gathered(log)? {
        (None, record) => Ok(record),
        (Some(shard), _) => Err(HistoryError::Shard {
            path: log.to_owned(),
            shard,
        }),
    }
}

fn gathered(log: &Path) -> Result<(Option<Shard>, RunRecord), HistoryError> {
    let mut gathering = Gathering::default();
    replay(log, |event| gathering.event(event))?;
    // A log begins with the start of a run, or it is refused.
    let record = gathering.record().ok_or_else(|| LogError::NoStart {
        path: log.to_owned(),
    })?;
    Ok((gathering.shard, record))
}

fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn begun(info: &RunInfo) -> Run {
    let provenance = &info.provenance;
    Run {
        run_id: cut(&info.run_id),
        started_at: cut(&info.started_at),
        host_version: cut(&info.host_version),
        environment: cut(&info.environment),
        profile: cut(&info.profile),
        settings_digest: provenance.settings_digest.as_deref().map(cut),
        commit: provenance.commit.as_deref().map(cut),
        ..Run::default()
    }
}
