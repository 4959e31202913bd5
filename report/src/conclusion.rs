//! How a run ended: what its events say of cases, suites and the environment becomes one verdict and one exit code. The same of a run that
//! goes on and of one that is merged from shards.

use crate::{
    event::{EventKind, RunStats},
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
            }
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

    fn breaks(&mut self, breakage: Breakage) {
        self.breakage = self.breakage.max(Some(breakage));
    }

    /// How many cases ended how.
    pub fn stats(&self) -> RunStats {
        self.stats
    }

    /// Who is to blame decides the exit code: a stop, the system under test, an environment that never came, a shard that is lost or a service
    /// that died although no case failed, the plugin, in this order. What is left of the environment at the end has disturbed no case, and so comes last.
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
