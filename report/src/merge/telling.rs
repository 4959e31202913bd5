//! Tells the whole run: what its shards tell, and what is made anew of all of them.

use std::collections::BTreeMap;

use super::{
    MergeError, Merged,
    figures::Unmerged,
    follow::Untold,
    suite::{End, Suite},
    transform::of_shard,
};
use crate::{
    conclusion::{Circumstances, Conclusion},
    event::{
        Event, EventKind, Outcome, Phase, Reason, ReasonKind, RegressionCheck, RunInfo, Shard,
    },
    exit::Exit,
    verdict::Verdict,
};

/// The run as far as it is told.
pub(super) struct Telling<Tell> {
    next: u64,
    at_ns: u64,
    suites: BTreeMap<String, Suite>,
    /// What is told of each shard that is not there as a whole.
    lost: BTreeMap<Shard, String>,
    /// The code of the first shard that was not good by itself, whatever is seen of why.
    bad: Option<Exit>,
    ready: bool,
    cut_off: bool,
    conclusion: Conclusion,
    tell: Tell,
}

impl<Tell: FnMut(&Event)> Telling<Tell> {
    /// Tells the first event. Of each suite it is known how many shards have cases of it.
    pub(super) fn new(
        info: RunInfo,
        suites: BTreeMap<String, usize>,
        missing: Vec<Shard>,
        tell: Tell,
    ) -> Self {
        let suites = suites.into_iter();
        let lost = missing.into_iter().map(|shard| (shard, never_seen(shard)));
        let mut telling = Self {
            next: 0,
            at_ns: 0,
            suites: suites
                .map(|(name, shards)| {
                    let suite = Suite::new(&name, shards);
                    (name, suite)
                })
                .collect(),
            lost: lost.collect(),
            bad: None,
            ready: true,
            cut_off: false,
            conclusion: Conclusion::default(),
            tell,
        };
        telling.tell(None, Phase::Baseline, EventKind::RunStarted(info));
        telling
    }

    /// Something that a shard tells.
    pub(super) fn event(&mut self, shard: Shard, event: Event) -> Result<(), MergeError> {
        self.at_ns = self.at_ns.max(event.at_ns);
        let Event {
            phase, mut kind, ..
        } = event;
        match &kind {
            EventKind::Measured {
                suite,
                source: None,
                distributions,
                ..
            } => return self.measured(suite, |merged| merged.measured(distributions)),
            EventKind::SuiteFinished {
                suite,
                verdict,
                duration_ns,
                metrics,
                proposal,
            } => {
                let end = End {
                    at_ns: self.at_ns,
                    verdict: *verdict,
                    duration_ns: *duration_ns,
                    metrics,
                    proposal: proposal.as_ref(),
                };
                return self.suite_ended(suite, |merged| merged.ended(end));
            }
            EventKind::RunFinished { exit_code, .. } => {
                self.shard_ended(*exit_code);
                return Ok(());
            }
            // A part of the samples says nothing: the whole is compared at the end.
            EventKind::Compared(_) => return Ok(()),
            EventKind::EnvironmentFailed { .. } => self.ready = false,
            _ => {}
        }
        of_shard(&mut kind, shard);
        self.tell(Some(shard.number), phase, kind);
        Ok(())
    }

    fn shard_ended(&mut self, exit_code: u8) {
        match Exit::from_code(exit_code) {
            Some(Exit::Success | Exit::NothingTested) => {}
            Some(Exit::Interrupted) => self.cut_off = true,
            Some(other) => {
                self.bad.get_or_insert(other);
            }
            None => {
                self.bad.get_or_insert(Exit::Errored);
            }
        }
    }

    fn measured(
        &mut self,
        suite: &str,
        add: impl FnOnce(&mut Suite) -> Result<(), Unmerged>,
    ) -> Result<(), MergeError> {
        let added = self.suites.get_mut(suite).map_or(Ok(()), add);
        added.map_err(|unmerged| of_suite(suite, unmerged))
    }

    fn suite_ended(
        &mut self,
        suite: &str,
        end: impl FnOnce(&mut Suite) -> Result<Vec<EventKind>, Unmerged>,
    ) -> Result<(), MergeError> {
        let Some(merged) = self.suites.get_mut(suite) else {
            return Ok(());
        };
        let told = end(merged).map_err(|unmerged| of_suite(suite, unmerged))?;
        if !told.is_empty() {
            self.suites.remove(suite);
        }
        for kind in told {
            self.tell(None, Phase::Baseline, kind);
        }
        Ok(())
    }

    /// A log has nothing more to tell. What it has promised and not told is not known to be good.
    pub(super) fn log_ended(&mut self, shard: Shard, untold: Untold) -> Result<(), MergeError> {
        if untold.exit_code.is_some() && untold.suites.is_empty() {
            return Ok(());
        }
        self.lost.insert(shard, cut(shard));
        for (suite, cases) in untold.suites {
            for case in cases {
                let kind = EventKind::CaseFinished {
                    suite: suite.clone(),
                    case,
                    outcome: never_told(shard),
                    attempts: 0,
                    duration_ns: 0,
                };
                self.tell(Some(shard.number), Phase::Baseline, kind);
            }
            let end = End {
                at_ns: self.at_ns,
                verdict: Verdict::Errored,
                duration_ns: 0,
                metrics: &[],
                proposal: None,
            };
            self.suite_ended(&suite, |merged| merged.ended(end))?;
        }
        Ok(())
    }

    /// Tells what is missing, how the run compares with former ones, and its end.
    pub(super) fn finish(mut self, compare: impl FnOnce() -> Option<RegressionCheck>) -> Merged {
        let lost = std::mem::take(&mut self.lost);
        // What is not whole was not measured as a whole.
        let is_whole = lost.is_empty() && !self.cut_off;
        for (shard, message) in lost {
            let kind = EventKind::ShardLost { shard, message };
            self.tell(Some(shard.number), Phase::Baseline, kind);
        }
        if let Some(check) = is_whole.then(compare).flatten() {
            self.tell(None, Phase::Baseline, EventKind::Compared(check));
        }
        let (verdict, exit) = self.concluded();
        let stats = self.conclusion.stats();
        let kind = EventKind::RunFinished {
            verdict,
            stats,
            duration_ns: self.at_ns,
            exit_code: exit.code(),
        };
        self.tell(None, Phase::Baseline, kind);
        Merged {
            events: self.next,
            exit,
        }
    }

    /// Never better than a shard was by itself.
    fn concluded(&self) -> (Verdict, Exit) {
        let concluded = self.conclusion.conclude(Circumstances {
            ready: self.ready,
            cut_off: self.cut_off,
            planned: true,
        });
        match (concluded, self.bad) {
            ((verdict, Exit::Success | Exit::NothingTested), Some(bad)) => {
                (verdict.max(Verdict::Errored), bad)
            }
            (concluded, _) => concluded,
        }
    }

    fn tell(&mut self, of_shard: Option<u32>, phase: Phase, kind: EventKind) {
        self.conclusion.hear(&kind);
        let event = Event {
            sequence: self.next,
            at_ns: self.at_ns,
            phase,
            of_shard,
            kind,
        };
        self.next += 1;
        (self.tell)(&event);
    }
}

fn of_suite(suite: &str, unmerged: Unmerged) -> MergeError {
    MergeError::Figure {
        suite: suite.to_owned(),
        metric: unmerged.metric,
        why: unmerged.why,
    }
}

fn never_seen(shard: Shard) -> String {
    format!(
        "there is no log of shard {shard}, so nothing is known of its cases\nhint: name its `events.jsonl` too; if it has none, run it again with `--shard {shard}`"
    )
}

fn cut(shard: Shard) -> String {
    format!(
        "the log of shard {shard} ends before its run did, so not all is known of its cases\nhint: take its whole `events.jsonl`; if its host was stopped, run it again with `--shard {shard}`"
    )
}

/// How a case ended whose log does not say it.
fn never_told(shard: Shard) -> Outcome {
    Outcome {
        verdict: Verdict::Errored,
        reason: Some(Reason {
            kind: ReasonKind::Environment,
            message: format!(
                "the log of shard {shard} ends before this case did\nhint: take its whole `events.jsonl`, or run it again with `--shard {shard}`"
            ),
            expected: None,
            actual: None,
            location: None,
            backtrace: Vec::new(),
        }),
    }
}
