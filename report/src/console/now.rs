//! How far a run is and what runs now, in a few lines of one width: cases, those that take long with their time; loads with their last
//! second; the faults that are active.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use assay_load::series::Point;

use super::run::planned;
use crate::{
    event::{Event, EventKind, FaultStage, Phase, RunStats, Source},
    verdict::Verdict,
    words::{clean, clip, time, whole_seconds},
};

/// Running cases that are named.
const MAX_NAMED: usize = 3;
/// Loads with a line of their own.
const MAX_LOADS: usize = 3;
/// Faults that are named.
const MAX_FAULTS: usize = 3;
/// From when on the time of a case is said.
const LONG: Duration = Duration::from_secs(10);
/// Before each line but the first; the spinner and the clock stand there.
const INDENT: usize = 12;

/// What is known of now.
#[derive(Debug)]
pub(super) struct Now {
    width: usize,
    total: usize,
    stats: RunStats,
    phase: Phase,
    cases: BTreeMap<String, Instant>,
    loads: BTreeMap<(Source, u32), Load>,
    faults: BTreeMap<u64, Fault>,
}

/// A load that runs.
#[derive(Debug)]
struct Load {
    scenario: String,
    since: Instant,
    last: Option<Point>,
    failed: u64,
}

/// A fault that is active.
#[derive(Debug)]
struct Fault {
    source: Source,
    words: String,
    since: Instant,
}

impl Now {
    /// In lines of so many characters at most.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            total: 0,
            stats: RunStats::default(),
            phase: Phase::default(),
            cases: BTreeMap::new(),
            loads: BTreeMap::new(),
            faults: BTreeMap::new(),
        }
    }

    /// Takes in an event that comes at this moment.
    pub(super) fn event(&mut self, event: &Event, at: Instant) {
        self.phase = event.phase;
        match &event.kind {
            EventKind::RunStarted(info) => self.total = planned(info),
            EventKind::CaseStarted { suite, case, .. } => {
                self.cases.insert(id(suite, case), at);
            }
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                ..
            } => {
                self.cases.remove(&id(suite, case));
                self.stats.count(outcome.verdict);
            }
            EventKind::AttemptFinished { source, .. } => {
                self.loads.retain(|(of, _), _| of != source);
                self.faults.retain(|_, fault| fault.source != *source);
            }
            EventKind::LoadStarted { .. }
            | EventKind::LoadWent { .. }
            | EventKind::LoadEnded { .. } => self.load(&event.kind, at),
            EventKind::FaultInjected { .. }
            | EventKind::FaultHealed { .. }
            | EventKind::FaultFailed { .. } => self.fault(&event.kind, at),
            _ => {}
        }
    }

    fn load(&mut self, kind: &EventKind, at: Instant) {
        match kind {
            EventKind::LoadStarted { source, load } => {
                let running = Load {
                    scenario: clean(&load.scenario),
                    since: at,
                    last: None,
                    failed: 0,
                };
                self.loads.insert((source.clone(), load.load), running);
            }
            EventKind::LoadWent {
                source,
                load,
                point,
            } => {
                if let Some(running) = self.loads.get_mut(&(source.clone(), *load)) {
                    running.failed += point.failed_iterations;
                    running.last = Some(*point);
                }
            }
            EventKind::LoadEnded { source, end } => {
                self.loads.remove(&(source.clone(), end.load));
            }
            _ => {}
        }
    }

    fn fault(&mut self, kind: &EventKind, at: Instant) {
        match kind {
            EventKind::FaultInjected { source, fault, .. } => {
                let active = Fault {
                    source: source.clone(),
                    words: clean(&fault.words()),
                    since: at,
                };
                self.faults.insert(fault.id, active);
            }
            EventKind::FaultHealed { healed, .. } => {
                self.faults.remove(&healed.id);
            }
            // One that cannot be healed stays: it is active although it should not be.
            EventKind::FaultFailed { fault, stage, .. } if *stage == FaultStage::Injecting => {
                self.faults.remove(&fault.id);
            }
            _ => {}
        }
    }

    /// The lines at a moment. The first one stands behind the spinner and the clock.
    pub(super) fn text(&self, at: Instant) -> String {
        let room = self.width.saturating_sub(INDENT + 1);
        let mut text = clip(&self.first(at), room);
        let loads = self.loads.iter().take(MAX_LOADS);
        let mut lines: Vec<_> = loads
            .map(|((source, _), load)| load.line(source, at))
            .collect();
        if self.loads.len() > MAX_LOADS {
            lines.push(format!("and {} more loads", self.loads.len() - MAX_LOADS));
        }
        lines.extend(self.faults_line(at));
        for line in lines {
            text.push('\n');
            text.push_str(&" ".repeat(INDENT));
            text.push_str(&clip(&line, room));
        }
        text
    }

    fn first(&self, at: Instant) -> String {
        let bad = [
            (self.stats.failed, Verdict::Failed),
            (self.stats.errored, Verdict::Errored),
            (self.stats.flaky, Verdict::Flaky),
        ];
        let mut parts = vec![format!("{} of {}", self.stats.total(), self.total)];
        for (number, verdict) in bad.into_iter().filter(|(number, _)| *number > 0) {
            parts.push(format!("{number} {}", verdict.word()));
        }
        if !self.cases.is_empty() {
            let mut cases: Vec<_> = self.cases.iter().collect();
            // The longest first: what is waited for is named, however many there are.
            cases.sort_by_key(|(_, since)| **since);
            let named = cases.iter().map(|(id, since)| case(id, at - **since));
            parts.push(format!("running {}", some(named, MAX_NAMED)));
        }
        parts.join(", ")
    }

    /// A fault is told to be healed once all is known of it; that none is active any more is known by the phase before that.
    fn faults_line(&self, at: Instant) -> Option<String> {
        if self.faults.is_empty() {
            return None;
        }
        let word = match self.phase {
            Phase::Recovery => "recovering from",
            Phase::Baseline | Phase::Fault => "fault",
        };
        let mut faults: Vec<_> = self.faults.values().collect();
        faults.sort_by_key(|fault| fault.since);
        let named = faults
            .iter()
            .map(|fault| format!("{} ({})", fault.words, whole_seconds(at - fault.since)));
        Some(format!("{word} {}", some(named, MAX_FAULTS)))
    }
}

impl Load {
    fn line(&self, source: &Source, at: Instant) -> String {
        let mut parts = vec![format!(
            "load {}: {} for {}",
            id(&source.suite, &source.entry),
            self.scenario,
            whole_seconds(at - self.since)
        )];
        let Some(point) = &self.last else {
            return parts.remove(0);
        };
        let iterations = per_second(point.iterations, point.length_ms);
        parts.push(format!("{iterations} a second"));
        parts.push(format!("p95 {}", time(point.iteration_times.p95)));
        // What matters most is before what a narrow terminal cuts off.
        if self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        parts.push(format!("{} virtual users", point.vus));
        if point.open_streams > 0 {
            parts.push(format!("{} streams open", point.open_streams));
        }
        parts.join(", ")
    }
}

/// So many in so long a time, a second.
pub(super) fn per_second(count: u64, length_ms: u64) -> u64 {
    let per_second = u128::from(count) * 1_000 / u128::from(length_ms.max(1));
    u64::try_from(per_second).unwrap_or(u64::MAX)
}

fn id(suite: &str, entry: &str) -> String {
    clean(&format!("{suite}/{entry}"))
}

fn case(id: &str, running: Duration) -> String {
    if running < LONG {
        id.to_owned()
    } else {
        format!("{id} ({})", whole_seconds(running))
    }
}

/// The first ones, and how many more there are.
fn some(named: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let further = named.len().saturating_sub(most);
    let named: Vec<_> = named.take(most).collect();
    match further {
        0 => named.join(", "),
        further => format!("{} and {further} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests;
