//! The one place where events get their order, their number and their time, where secrets are taken out of them, and where cases are
//! counted.

use assay_report::{
    event::{Event, EventKind, Phase, RunStats},
    verdict::Verdict,
};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    ledger::{Happened, Ledger},
    redact::Redactor,
    runner::interrupt::{Force, Interrupt},
};

/// Numbers events and hands them on. `Listen` is what hears them: the reporters.
pub(super) struct Dispatcher<Listen> {
    started: Instant,
    next: u64,
    stats: RunStats,
    /// Of each suite; and of the run as a whole, if it is slower than former ones.
    suites: Vec<Verdict>,
    blame: Blame,
    interrupt: Interrupt,
    ledger: Ledger,
    redactor: Redactor,
    announced: Option<Force>,
    listen: Listen,
}

/// What was seen anywhere in the run, hooks included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Blame {
    /// Something failed: the system under test is broken.
    pub(super) failed: bool,
    /// Something errored: a plugin is broken.
    pub(super) errored: bool,
    /// The environment is broken.
    pub(super) environment: Option<Breakage>,
}

/// How an environment broke that was there; the first one that is seen counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breakage {
    /// A service died.
    Died,
    /// Something is left at its end.
    Left,
}

impl<Listen: FnMut(&Event)> Dispatcher<Listen> {
    pub(super) fn new(
        interrupt: Interrupt,
        ledger: Ledger,
        redactor: Redactor,
        listen: Listen,
    ) -> Self {
        Self {
            started: Instant::now(),
            next: 0,
            stats: RunStats::default(),
            suites: Vec::new(),
            blame: Blame::default(),
            interrupt,
            ledger,
            redactor,
            announced: None,
            listen,
        }
    }

    /// Hands on everything that comes until nobody is left who could send, and each wish to stop once.
    pub(super) async fn follow(&mut self, mut events: mpsc::UnboundedReceiver<Happened>) {
        let interrupt = self.interrupt.clone();
        loop {
            let awaited = match self.announced {
                None => Some(Force::Finish),
                Some(Force::Finish) => Some(Force::Cancel),
                Some(Force::Cancel) => None,
            };
            tokio::select! {
                biased;
                _ = interrupt.at_least(awaited.unwrap_or(Force::Cancel)), if awaited.is_some() => {
                    self.announce();
                }
                event = events.recv() => match event {
                    Some(Happened { phase, kind }) => self.number(phase, kind),
                    None => break,
                },
            }
        }
    }

    /// Tells of the wish to stop that stands, unless it has been told.
    pub(super) fn announce(&mut self) {
        let Some(stop) = self.interrupt.stopped() else {
            return;
        };
        if self.announced.is_none_or(|told| told < stop.force) {
            self.announced = Some(stop.force);
            self.tell(EventKind::Interrupted {
                reason: stop.reason,
            });
        }
    }

    /// Hands on what happens now.
    pub(super) fn tell(&mut self, kind: EventKind) {
        self.number(self.ledger.phase(), kind);
    }

    /// Makes an event, without secrets, and hands it on.
    fn number(&mut self, phase: Phase, mut kind: EventKind) {
        self.redactor.redact(&mut kind);
        self.count(&kind);
        let event = Event {
            sequence: self.next,
            at_ns: nanoseconds(self.started),
            phase,
            kind,
        };
        self.next += 1;
        (self.listen)(&event);
    }

    fn count(&mut self, kind: &EventKind) {
        match kind {
            EventKind::CaseFinished { outcome, .. } => {
                self.stats.count(outcome.verdict);
                self.blame(outcome.verdict);
            }
            EventKind::SuiteFinished { verdict, .. } => {
                self.suites.push(*verdict);
                self.blame(*verdict);
            }
            EventKind::Compared(check) if check.beyond > 0 => {
                self.suites.push(Verdict::Failed);
                self.blame(Verdict::Failed);
            }
            EventKind::ServiceDied { .. } => self.breaks(Breakage::Died),
            EventKind::EnvironmentLeft { .. } => self.breaks(Breakage::Left),
            _ => {}
        }
    }

    fn breaks(&mut self, breakage: Breakage) {
        self.blame.environment.get_or_insert(breakage);
    }

    fn blame(&mut self, verdict: Verdict) {
        self.blame.failed |= verdict == Verdict::Failed;
        self.blame.errored |= verdict == Verdict::Errored;
    }

    pub(super) fn stats(&self) -> RunStats {
        self.stats
    }

    pub(super) fn verdict(&self) -> Verdict {
        let broken = self.blame.environment.map(|_| Verdict::Errored);
        Verdict::of_all(self.suites.iter().copied().chain(broken))
    }

    pub(super) fn blamed(&self) -> Blame {
        self.blame
    }

    pub(super) fn elapsed_ns(&self) -> u64 {
        nanoseconds(self.started)
    }
}

/// Nanoseconds since then; 584 years fit.
pub(super) fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
