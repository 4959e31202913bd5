//! The report for people: a line for each case when it has its verdict, what is wrong below it, and the whole at the end.

use std::{collections::BTreeMap, io::Write};

use anstream::AutoStream;

mod baselines;
mod causes;
mod detail;
mod faults;
mod loads;
mod now;
mod options;
mod progress;
mod recalled;
mod refusals;
mod run;
mod summary;
mod text;

pub use self::options::{ConsoleOptions, DEFAULT_WIDTH};
use self::{
    detail::{Detail, one_line},
    loads::Loads,
    progress::Progress,
    run::{
        agent_lost, environment_abandoned, environment_failed, environment_left, head, planned,
        ready, service_died, shard_lost,
    },
    summary::{Ending, Summary},
    text::{PLAIN, WARNING, finished, line},
};
use crate::{
    ReportError, Reporter,
    analysis::Analyst,
    event::{Event, EventKind, Outcome, Proposal, Refusal, RunInfo, Source},
    verdict::Verdict,
    words::{clean, duration},
};

/// Writes the report for people.
pub struct Console {
    writer: AutoStream<Box<dyn Write + Send>>,
    width: usize,
    progress: Progress,
    /// How many attempts each running case may have, and what its last bad attempt left.
    cases: BTreeMap<(String, String), RunningCase>,
    attempts: BTreeMap<Source, Detail>,
    loads: Loads,
    planned: usize,
    analyst: Analyst,
    summary: Summary,
    ending: Ending,
}

#[derive(Debug, Default)]
struct RunningCase {
    attempts: u32,
    last_bad: Option<Detail>,
}

impl Console {
    /// Nothing is written before the first event.
    pub fn new(options: ConsoleOptions) -> Self {
        Self {
            writer: AutoStream::new(options.writer, options.color),
            width: options.width,
            progress: Progress::new(options.progress, options.width),
            cases: BTreeMap::new(),
            attempts: BTreeMap::new(),
            loads: Loads::default(),
            planned: 0,
            analyst: Analyst::default(),
            summary: Summary::default(),
            ending: Ending {
                reports: options.reports,
                ..Ending::default()
            },
        }
    }

    fn begin(&mut self, info: &RunInfo) -> String {
        self.planned = planned(info);
        match &info.shard {
            // The cases that judge its baselines may be in others.
            Some(info) => self.summary.of_shard(info.shard),
            None => {
                for plugin in &info.plugins {
                    for baseline in &plugin.baselines {
                        self.summary.declared(&plugin.suite, &baseline.name);
                    }
                }
            }
        }
        head(info)
    }

    /// Something broke of the run as a whole, and the end names it again.
    fn broken(&mut self, word: &'static str, message: &str, told: String) -> String {
        self.summary.broken(word, message);
        told
    }

    /// What an event adds to the report.
    fn hear(&mut self, event: &Event) -> String {
        self.ending.duration_ns = event.at_ns;
        self.analyst.event(event);
        self.progress.event(event);
        match &event.kind {
            EventKind::RunStarted(info) => self.begin(info),
            EventKind::EnvironmentReady {
                services,
                duration_ns,
            } => ready(services, *duration_ns, event.of_shard),
            EventKind::EnvironmentFailed { message } => environment_failed(message),
            EventKind::ServiceDied { service, message } => {
                self.broken("died", message, service_died(service, message))
            }
            EventKind::EnvironmentLeft { message } => {
                self.broken("left", message, environment_left(message))
            }
            EventKind::EnvironmentAbandoned { message } => environment_abandoned(message),
            EventKind::ShardLost { shard, message } => {
                self.broken("lost", message, shard_lost(*shard, message))
            }
            EventKind::AgentLost { agent, message } => agent_lost(agent, message),
            EventKind::Compared(check) => {
                self.summary.compared(check);
                String::new()
            }
            EventKind::Interrupted { reason } => self.interrupted(reason),
            EventKind::CaseStarted {
                suite,
                case,
                attempts,
            } => {
                let running = RunningCase {
                    attempts: *attempts,
                    last_bad: None,
                };
                self.cases.insert((suite.clone(), case.clone()), running);
                String::new()
            }
            EventKind::CaseStillRunning {
                suite,
                case,
                for_ns,
            } => {
                let text = format!("{} for {} so far", id(suite, case), duration(*for_ns));
                line("running", PLAIN, &text)
            }
            EventKind::AttemptFinished {
                source,
                outcome,
                duration_ns,
                ..
            } => self.attempt_finished(source, outcome, *duration_ns),
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                attempts,
                duration_ns,
            } => self.case_finished(suite, case, outcome, *attempts, *duration_ns),
            EventKind::SuiteFinished {
                suite, proposal, ..
            } => self.suite_finished(suite, proposal.as_ref()),
            EventKind::Measured { .. } => String::new(),
            EventKind::RunFinished {
                duration_ns,
                exit_code,
                ..
            } => {
                self.ending.duration_ns = *duration_ns;
                self.ending.exit_code = Some(*exit_code);
                String::new()
            }
            EventKind::LoadStarted { source, load } => self.loads.started(source, load),
            EventKind::LoadWent {
                source,
                load,
                point,
            } => self.loads.went(source, *load, point),
            EventKind::LoadEnded { source, end } => self.loads.ended(source, end),
            EventKind::Refused { source, refusal } => self.refused(source, event.at_ns, refusal),
            EventKind::AttemptStarted(source)
            | EventKind::AttemptPlaced { source, .. }
            | EventKind::Log { source, .. }
            | EventKind::Output { source, .. }
            | EventKind::Checked { source, .. }
            | EventKind::Judged { source, .. }
            | EventKind::Exchanged { source, .. }
            | EventKind::Streamed { source, .. }
            | EventKind::ExchangeRecalled { source, .. }
            | EventKind::StreamRecalled { source, .. }
            | EventKind::ServiceWrote { source, .. }
            | EventKind::Attached { source, .. }
            | EventKind::FaultInjected { source, .. }
            | EventKind::FaultHealed { source, .. }
            | EventKind::FaultFailed { source, .. }
            | EventKind::ServicesProbed { source, .. } => {
                self.evidence(source, &event.kind);
                String::new()
            }
        }
    }

    fn interrupted(&mut self, reason: &str) -> String {
        self.summary.interrupted(reason);
        let text = format!("{}: no further case begins", clean(reason));
        line("stopping", WARNING, &text)
    }

    fn suite_finished(&mut self, suite: &str, proposal: Option<&Proposal>) -> String {
        self.summary.refused().proposed(suite, proposal);
        String::new()
    }

    fn refused(&mut self, source: &Source, at_ns: u64, refusal: &Refusal) -> String {
        self.summary.refused().refused(&source.suite);
        let detail = self.attempts.get_mut(source);
        detail.map_or_else(String::new, |detail| {
            let id = id(&source.suite, &source.entry);
            detail.refusals().refused(&id, at_ns, refusal)
        })
    }

    fn evidence(&mut self, source: &Source, kind: &EventKind) {
        if let EventKind::AttemptStarted(_) = kind {
            self.attempts.insert(source.clone(), Detail::default());
            return;
        }
        if let EventKind::Judged { judgement, .. } = kind {
            self.summary.judged(&source.suite, &source.entry, judgement);
        }
        let Some(detail) = self.attempts.get_mut(source) else {
            return;
        };
        match kind {
            EventKind::Log { level, message, .. } => detail.logged(*level, message),
            EventKind::Output { stream, text, .. } => detail.wrote(*stream, text),
            EventKind::Checked { check, .. } => detail.checked(check),
            EventKind::ExchangeRecalled { exchange, .. } => detail.recalled().exchange(exchange),
            EventKind::StreamRecalled { stream, .. } => detail.recalled().stream(stream),
            EventKind::ServiceWrote { service, lines, .. } => {
                detail.recalled().service(service, lines);
            }
            EventKind::FaultInjected { fault, .. } => detail.injected(fault),
            EventKind::FaultHealed { healed, .. } => detail.healed(*healed),
            EventKind::FaultFailed {
                fault,
                stage,
                message,
                ..
            } => detail.fault_failed(fault, *stage, message),
            _ => {}
        }
    }

    /// An attempt that is not the last one gets a line; a setup or a teardown gets its whole evidence, for it has no case to show it.
    fn attempt_finished(&mut self, source: &Source, outcome: &Outcome, duration_ns: u64) -> String {
        let detail = self.attempts.remove(source).unwrap_or_default();
        let key = (source.suite.clone(), source.entry.clone());
        let id = id(&source.suite, &source.entry);
        let Some(case) = self.cases.get_mut(&key) else {
            self.summary.hook(&id, outcome);
            return match outcome.verdict {
                Verdict::Passed | Verdict::Skipped => String::new(),
                _ => {
                    let head = finished(outcome, &format!("{id} ({})", duration(duration_ns)));
                    head + &detail.render(outcome.reason.as_ref())
                }
            };
        };
        if outcome.verdict != Verdict::Passed {
            case.last_bad = Some(detail);
        }
        let last = source.attempt >= case.attempts || self.summary.is_interrupted();
        if last || !outcome.verdict.may_retry() {
            return String::new();
        }
        let reason = outcome.reason.as_ref().map_or_else(String::new, one_line);
        let attempt = format!("attempt {} of {}", source.attempt, case.attempts);
        let text = format!("{id} ({}), {attempt}: {reason}", duration(duration_ns));
        line("again", WARNING, &text)
    }

    fn case_finished(
        &mut self,
        suite: &str,
        case: &str,
        outcome: &Outcome,
        attempts: u32,
        duration_ns: u64,
    ) -> String {
        let id = id(suite, case);
        let running = self
            .cases
            .remove(&(suite.to_owned(), case.to_owned()))
            .unwrap_or_default();
        if Summary::is_not_run(outcome, attempts) {
            self.summary.not_run(&id, outcome);
            return String::new();
        }
        self.summary.case(&id, outcome, duration_ns);
        let text = match attempts {
            0 => id,
            1 => format!("{id} ({})", duration(duration_ns)),
            _ => format!("{id} ({}), {attempts} attempts", duration(duration_ns)),
        };
        match (&outcome.reason, outcome.verdict) {
            (reason, Verdict::Failed | Verdict::Errored) => {
                let detail = running.last_bad.unwrap_or_default();
                finished(outcome, &text) + &detail.render(reason.as_ref())
            }
            (Some(reason), _) => finished(outcome, &format!("{text}: {}", one_line(reason))),
            (None, _) => finished(outcome, &text),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), ReportError> {
        if text.is_empty() {
            return Ok(());
        }
        let Self {
            writer, progress, ..
        } = self;
        progress
            .aside(|| {
                writer
                    .write_all(text.as_bytes())
                    .and_then(|()| writer.flush())
            })
            .map_err(|source| ReportError::Console { source })
    }
}

impl Reporter for Console {
    fn name(&self) -> &'static str {
        "console"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        let text = self.hear(event);
        self.write(&text)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.progress.end();
        self.ending.unfinished = self
            .cases
            .keys()
            .map(|(suite, case)| id(suite, case))
            .collect();
        let told = self.summary.finished() + self.ending.unfinished.len();
        self.ending.untold = self.planned.saturating_sub(told);
        self.ending.causes = causes::render(&std::mem::take(&mut self.analyst).finish());
        let text = self.summary.render(&self.ending, self.width);
        self.write(&text)
    }
}

/// The progress must not stay behind when a failed console is silenced.
impl Drop for Console {
    fn drop(&mut self) {
        self.progress.end();
    }
}

fn id(suite: &str, entry: &str) -> String {
    clean(&format!("{suite}/{entry}"))
}
