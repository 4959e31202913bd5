//! The one place where events get their order and their number, where secrets are taken out of them, and where cases are counted.

use assay_report::{
    conclusion::Conclusion,
    event::{Event, EventKind, Phase},
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
    conclusion: Conclusion,
    interrupt: Interrupt,
    ledger: Ledger,
    redactor: Redactor,
    announced: Option<Force>,
    listen: Listen,
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
            conclusion: Conclusion::default(),
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
                    Some(Happened { phase, at, kind, .. }) => self.number(phase, at, kind),
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
        self.number(self.ledger.phase(), Instant::now(), kind);
    }

    /// Makes an event, without secrets, and hands it on.
    fn number(&mut self, phase: Phase, at: Instant, mut kind: EventKind) {
        self.redactor.redact_event(&mut kind);
        self.conclusion.hear(&kind);
        let event = Event {
            sequence: self.next,
            at_ns: between(self.started, at),
            phase,
            of_shard: None,
            kind,
        };
        self.next += 1;
        (self.listen)(&event);
    }

    /// What the events say of how the run ended.
    pub(super) fn conclusion(&self) -> &Conclusion {
        &self.conclusion
    }

    pub(super) fn elapsed_ns(&self) -> u64 {
        nanoseconds(self.started)
    }
}

/// Nanoseconds from the one to the other; none before it.
fn between(start: Instant, end: Instant) -> u64 {
    let passed = end.saturating_duration_since(start);
    u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds since then; 584 years fit.
pub(super) fn nanoseconds(since: Instant) -> u64 {
    between(since, Instant::now())
}
