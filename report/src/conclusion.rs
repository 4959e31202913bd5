//! How a run ended: what its events say of cases, suites and the environment becomes one verdict and one exit code. The same of a run that
//! goes on and of one that is merged from shards.

use crate::{
    event::{EventKind, Outcome, ReasonKind, RunStats},
    exit::Exit,
    verdict::Verdict,
};

/// What was seen so far.
#[derive(Clone, Copy, Debug)]
pub struct Conclusion {
    stats: RunStats,
    /// The gravest of all suites; and of the run as a whole, if it is slower than former ones.
    gravest: Verdict,
    /// Something failed, hooks included: the system under test is broken.
    failed: bool,
    /// Something errored, hooks included: a plugin is broken.
    errored: bool,
    breakage: Option<Breakage>,
}

/// What broke beside the cases, the least grave first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Breakage {
    /// Something is left at its end.
    Left,
    /// A case or a hook broke off with what it ran in, such as an agent.
    Broke,
    /// A service died.
    Died,
    /// Not all is known of a shard.
    Lost,
}

/// What the events do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether the environment was there.
    pub ready: bool,
    /// Whether the run was cut off.
    pub cut_off: bool,
    /// Whether there was anything to run.
    pub planned: bool,
}

impl Default for Conclusion {
    fn default() -> Self {
        Self {
            stats: RunStats::default(),
            gravest: Verdict::Skipped,
            failed: false,
            errored: false,
            breakage: None,
        }
    }
}

impl Conclusion {
    /// Takes in what happened.
    pub fn hear(&mut self, kind: &EventKind) {
        match kind {
            EventKind::CaseFinished { outcome, .. } => {
                self.stats.count(outcome.verdict);
                self.blame(outcome.verdict);
                self.ended(outcome);
            }
            // A case may be tried again; a hook is not, and has no other end.
            EventKind::AttemptFinished {
                source, outcome, ..
            } if source.is_hook() => self.ended(outcome),
            EventKind::SuiteFinished { verdict, .. } => self.whole(*verdict),
            EventKind::Compared(check) if check.beyond > 0 => self.whole(Verdict::Failed),
            EventKind::ShardLost { .. } => self.breaks(Breakage::Lost),
            EventKind::ServiceDied { .. } => self.breaks(Breakage::Died),
            EventKind::EnvironmentLeft { .. } => self.breaks(Breakage::Left),
            _ => {}
        }
    }

    fn whole(&mut self, verdict: Verdict) {
        self.gravest = Verdict::of_all([self.gravest, verdict]);
        self.blame(verdict);
    }

    fn blame(&mut self, verdict: Verdict) {
        self.failed |= verdict == Verdict::Failed;
        self.errored |= verdict == Verdict::Errored;
    }

    fn ended(&mut self, outcome: &Outcome) {
        let reason = outcome.reason.as_ref().map(|reason| reason.kind);
        if outcome.verdict == Verdict::Errored && reason == Some(ReasonKind::Environment) {
            self.breaks(Breakage::Broke);
        }
    }

    fn breaks(&mut self, breakage: Breakage) {
        self.breakage = self.breakage.max(Some(breakage));
    }

    /// How many cases ended how.
    pub fn stats(&self) -> RunStats {
        self.stats
    }

    /// Who is to blame decides the exit code: a stop, the system under test, an environment that never came, a shard that is lost, a service
    /// that died or an environment that broke (an agent is a part of it) although no case failed, the plugin, in this order. What is left of the environment at the end has disturbed no case, and so comes last.
    pub fn conclude(&self, circumstances: Circumstances) -> (Verdict, Exit) {
        let Circumstances {
            ready,
            cut_off,
            planned,
        } = circumstances;
        let broken = self.breakage.map(|_| Verdict::Errored);
        let verdict = Verdict::of_all([self.gravest].into_iter().chain(broken));
        // What was not run is not known to be good: a run that was cut off never counts as passed.
        let verdict = if cut_off && !verdict.is_bad() {
            Verdict::Skipped
        } else {
            verdict
        };
        let exit = match verdict {
            _ if cut_off => Exit::Interrupted,
            _ if self.failed => Exit::Failed,
            _ if !ready => Exit::Environment,
            _ if self.breakage > Some(Breakage::Left) => Exit::Environment,
            _ if self.errored => Exit::Errored,
            _ if self.breakage.is_some() => Exit::Environment,
            // Its cases are in other shards: nothing of it was left out.
            Verdict::Skipped if !planned => Exit::Success,
            Verdict::Skipped => Exit::NothingTested,
            _ => Exit::Success,
        };
        (verdict, exit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{AttemptCounts, Reason, Source};

    fn outcome(verdict: Verdict, kind: ReasonKind) -> Outcome {
        Outcome {
            verdict,
            reason: Some(Reason {
                kind,
                message: "so it is".to_owned(),
                expected: None,
                actual: None,
                location: None,
                backtrace: Vec::new(),
            }),
        }
    }

    fn case(verdict: Verdict, kind: ReasonKind) -> EventKind {
        EventKind::CaseFinished {
            suite: "shop".to_owned(),
            case: "buys".to_owned(),
            outcome: outcome(verdict, kind),
            attempts: 1,
            duration_ns: 0,
        }
    }

    fn attempt(entry: &str, kind: ReasonKind) -> EventKind {
        EventKind::AttemptFinished {
            source: Source {
                suite: "shop".to_owned(),
                entry: entry.to_owned(),
                attempt: 1,
            },
            outcome: outcome(Verdict::Errored, kind),
            duration_ns: 0,
            counts: AttemptCounts::default(),
        }
    }

    fn exit(events: &[EventKind]) -> Exit {
        let mut conclusion = Conclusion::default();
        for event in events {
            conclusion.hear(event);
        }
        let circumstances = Circumstances {
            ready: true,
            cut_off: false,
            planned: true,
        };
        conclusion.conclude(circumstances).1
    }

    #[test]
    fn what_breaks_off_with_its_agent_is_no_broken_plugin() {
        let lost = || case(Verdict::Errored, ReasonKind::Environment);
        let trapped = || case(Verdict::Errored, ReasonKind::Trap);
        let failed = || case(Verdict::Failed, ReasonKind::Check);
        let setup = |kind| {
            let case = case(Verdict::Errored, ReasonKind::Setup);
            vec![attempt("setup", kind), case]
        };
        for (events, expected) in [
            (vec![lost()], Exit::Environment),
            (vec![lost(), trapped()], Exit::Environment),
            (vec![lost(), failed()], Exit::Failed),
            (vec![trapped()], Exit::Errored),
            (setup(ReasonKind::Environment), Exit::Environment),
            (setup(ReasonKind::Panic), Exit::Errored),
        ] {
            assert_eq!(exit(&events), expected, "{events:?}");
        }
    }

    #[test]
    fn an_attempt_whose_agent_was_lost_is_forgotten_once_another_one_passed() {
        let passed = EventKind::CaseFinished {
            suite: "shop".to_owned(),
            case: "buys".to_owned(),
            outcome: Outcome {
                verdict: Verdict::Passed,
                reason: None,
            },
            attempts: 2,
            duration_ns: 0,
        };
        let suite = EventKind::SuiteFinished {
            suite: "shop".to_owned(),
            verdict: Verdict::Flaky,
            duration_ns: 0,
            metrics: Vec::new(),
            proposal: None,
        };
        let lost = attempt("buys", ReasonKind::Environment);
        assert_eq!(exit(&[lost, passed, suite]), Exit::Success);
    }
}
