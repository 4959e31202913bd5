//! Runs the suites of a plan side by side: so many cases at once as the run allows, and exclusive ones alone.
//!
//! Suites and cases are futures side by side in one task, and each takes its turn; a fair semaphore keeps the order of the plan and gives an exclusive case all places.
//! What happens is sent to the dispatcher; nothing here counts or numbers.

use std::{ops::ControlFlow, time::Duration};

use assay_report::{
    event::{EventKind, Source},
    verdict::Verdict,
};
use futures::future::join_all;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use super::{
    dead::{Dead, Losses},
    interrupt::{Force, Interrupt},
    suite::SuiteRun,
    world::{Fallen, World, Wrote},
};
use crate::{
    ledger::{Happened, Happenings, Ledger},
    plan::Plan,
};

/// How long an attempt waits at most for what its services wrote.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long is waited at most for how the services are after a bad attempt.
const LOOK_PATIENCE: Duration = Duration::from_secs(5);

/// How cases are run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// How many cases at once that run here, at least 1.
    pub(super) jobs: u32,
    /// How many beside them that run at agents.
    pub(super) slots: u32,
    /// Further attempts of a case that did not pass.
    pub(super) retries: u32,
    /// Whether the first bad case ends the run.
    pub(super) fail_fast: bool,
    /// Time of an attempt whose case does not say.
    pub(super) timeout: Duration,
}

/// Runs cases against a world.
pub(super) struct Executor<'a> {
    pub(super) world: &'a dyn World,
    pub(super) rules: Rules,
    places: Semaphore,
    /// Those at agents.
    slots: Semaphore,
    pub(super) events: Happenings,
    pub(super) ledger: Ledger,
    pub(super) interrupt: Interrupt,
    /// The services that have died by themselves.
    pub(super) dead: Dead,
}

impl<'a> Executor<'a> {
    pub(super) fn new(
        world: &'a dyn World,
        rules: Rules,
        events: Happenings,
        ledger: Ledger,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            world,
            rules,
            places: Semaphore::new(rules.jobs as usize),
            slots: Semaphore::new(rules.slots as usize),
            events,
            ledger,
            interrupt,
            dead: Dead::default(),
        }
    }

    /// Runs a plan to its end.
    pub(super) async fn run(&self, plan: &Plan) {
        let runs: Vec<SuiteRun<'_>> = plan
            .suites
            .iter()
            .enumerate()
            .map(|(index, suite)| SuiteRun {
                executor: self,
                index,
                suite,
            })
            .collect();
        join_all(runs.iter().map(SuiteRun::run)).await;
        // No case need have suffered from it.
        self.losses(0).await;
    }

    /// The services that died by themselves, for an attempt that began when so many were known. Each is told when it is first seen.
    pub(super) async fn losses(&self, before: usize) -> Losses {
        let tell = |fallen: &Fallen| {
            self.tell(EventKind::ServiceDied {
                service: fallen.service.clone(),
                message: fallen.message.clone(),
            });
        };
        let asked = self.dead.ask(self.world, &self.interrupt, before, tell);
        asked.await
    }

    /// Tells what the services wrote since then, for an attempt that went bad. Nothing when they take too long to say, or when the run
    /// is cut off.
    pub(super) async fn services_wrote(&self, source: &Source, since: Instant) {
        let wrote = tokio::select! {
            biased;
            _ = self.interrupt.at_least(Force::Cancel) => return,
            wrote = timeout(PATIENCE, self.world.wrote(since.elapsed())) => wrote.unwrap_or_default(),
        };
        for Wrote { service, written } in wrote {
            self.tell(EventKind::ServiceWrote {
                source: source.clone(),
                service,
                lines: written.lines,
                dropped_lines: written.dropped,
            });
        }
    }

    /// Tells how the services are after a bad attempt. Nothing is told when that takes too long, or when the run is cut off.
    pub(super) async fn look_at_services(&self, source: &Source) {
        let services = tokio::select! {
            biased;
            _ = self.interrupt.at_least(Force::Cancel) => return,
            services = timeout(LOOK_PATIENCE, self.world.look(source)) => services,
        };
        if let Ok(services) = services
            && !services.is_empty()
        {
            self.tell(EventKind::ServicesProbed {
                source: source.clone(),
                services,
            });
        }
    }

    pub(super) fn tell(&self, kind: EventKind) {
        // Without a dispatcher nobody is left to tell, and the run is over.
        let _ = self.events.send(Happened {
            phase: self.ledger.phase(),
            at: Instant::now(),
            during: None,
            kind,
        });
    }

    /// To be called while the place is still taken, so that no other case gets it.
    pub(super) fn heed_fail_fast(&self, verdict: Verdict) {
        if self.rules.fail_fast && verdict.is_bad() {
            self.interrupt.stop(Force::Finish, "--fail-fast");
        }
    }

    /// Waits for what an attempt needs to run in, or for the wish to stop.
    pub(super) async fn place(&self, needed: Needed) -> ControlFlow<String, Place<'_>> {
        let (places, slots) = match needed {
            Needed::Here => (1, 0),
            Needed::Slot => (0, 1),
            Needed::All => (self.rules.jobs, self.rules.slots),
        };
        // Always in this order, so nobody who holds the one waits for somebody who holds the other.
        let acquired = async {
            let places = self.places.acquire_many(places).await;
            (places, self.slots.acquire_many(slots).await)
        };
        tokio::select! {
            biased;
            reason = self.interrupt.at_least(Force::Finish) => ControlFlow::Break(reason),
            acquired = acquired => match acquired {
                (Ok(places), Ok(slots)) => ControlFlow::Continue(Place { _held: (places, slots) }),
                _ => unreachable!("the semaphores are never closed"),
            },
        }
    }
}

/// What an attempt needs until it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needed {
    /// A place on this host.
    Here,
    /// A slot of an agent.
    Slot,
    /// All there is: it runs alone.
    All,
}

/// A place that is taken until this is dropped.
pub(super) struct Place<'a> {
    _held: (SemaphorePermit<'a>, SemaphorePermit<'a>),
}
