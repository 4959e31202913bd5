//! A world that does what it is told, and runs in it.

mod telling;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assay_report::{
    event::{
        Check, EncodedHistogram, Event, EventKind, Level, LogVersion, MetricSnapshot, Outcome,
        Proposal, Provenance, RegressionCheck, RunInfo, ServiceInfo, ServiceState, ServiceStatus,
        Source,
    },
    verdict::Verdict,
};
use async_trait::async_trait;

use crate::{
    capability::recorder::Recorder,
    environment::{Left, control::Written},
    ledger::{Happenings, Ledger},
    plan::PlannedSuite,
    plugin::{
        description::Case,
        ending::{Ending, Failure},
    },
    redact::Redactor,
    runner::{
        Ended, Orders,
        interrupt::{Force, Interrupt},
        world::{Fallen, Task, World, Wrote},
    },
};

pub(super) use telling::{case, tell, tell_plan, told};

/// What is told of a fault that cannot be healed.
pub(super) const UNHEALED: &str = "it does not come back\nhint: start it";

/// What an attempt does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Pass,
    Nothing,
    FailCheck,
    Error,
    Skip,
    Wait(u64),
    WaitForever,
    /// Makes a fault, heals it, passes.
    Fault,
}

/// A world in which every entry does what it is told, attempt by attempt; what is not told passes.
#[derive(Default)]
pub(super) struct Script {
    pub(super) acts: BTreeMap<&'static str, Vec<Act>>,
    pub(super) broken: Option<&'static str>,
    pub(super) slow_to_start: bool,
    pub(super) running: AtomicUsize,
    pub(super) most_running: AtomicUsize,
    pub(super) with_exclusive: AtomicUsize,
    pub(super) order: Mutex<Vec<String>>,
    pub(super) ups: AtomicUsize,
    pub(super) downs: AtomicUsize,
    /// The entries whose faults were healed, in this order.
    pub(super) settled: Mutex<Vec<String>>,
    /// The entry that leaves a fault which cannot be healed.
    pub(super) unhealed: Option<&'static str>,
    /// The services that die with the first entry.
    pub(super) dying: &'static [&'static str],
    /// Held while somebody asks after the dead: another one is answered that there are none, as by services that are being changed.
    pub(super) asking: tokio::sync::Mutex<()>,
    /// Whether whoever asks after the dead is never answered.
    pub(super) mute: bool,
    /// What is there still when it is down.
    pub(super) left: Vec<Left>,
    /// The lines of a service.
    pub(super) wrote: &'static [&'static str],
    /// Whether whoever asks what the services wrote is never answered.
    pub(super) dumb: bool,
    /// The services that are not well.
    pub(super) unwell: &'static [&'static str],
    /// How often somebody looked at the services.
    pub(super) looks: AtomicUsize,
    /// How the run compares with former ones.
    pub(super) compared: Option<RegressionCheck>,
    /// Asked to stop while the world goes down.
    pub(super) stopped_going_down: Option<Interrupt>,
}

impl Script {
    pub(super) fn of(acts: &[(&'static str, &[Act])]) -> Self {
        Self {
            acts: acts
                .iter()
                .map(|(entry, acts)| (*entry, acts.to_vec()))
                .collect(),
            ..Self::default()
        }
    }

    async fn act(&self, entry: &str, recorder: &Recorder) -> Ending {
        let acts = self.acts.get(entry).map_or(&[Act::Pass][..], Vec::as_slice);
        let attempt = recorder.source().attempt as usize;
        match acts[(attempt - 1).min(acts.len() - 1)] {
            Act::Pass => recorder.check(check(true)),
            Act::FailCheck => recorder.check(check(false)),
            Act::Nothing => {}
            Act::Error => return Ending::Errored(Failure::default()),
            Act::Skip => return Ending::Skipped("nothing to see".into()),
            Act::Wait(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                recorder.check(check(true));
            }
            Act::Fault => {
                let fault = recorder.attempt().fault();
                recorder.log(Level::Info, "in the fault");
                drop(fault);
                recorder.check(check(true));
            }
            Act::WaitForever => std::future::pending().await,
        }
        Ending::Returned(format!("data of {entry}"))
    }
}

fn check(passed: bool) -> Check {
    Check {
        name: "it is so".into(),
        passed,
        expected: None,
        actual: None,
        location: None,
    }
}

#[async_trait]
impl World for Script {
    async fn up(&mut self) -> Result<Vec<ServiceInfo>, String> {
        self.ups.fetch_add(1, Ordering::SeqCst);
        if self.slow_to_start {
            std::future::pending::<()>().await;
        }
        self.broken
            .map_or(Ok(Vec::new()), |why| Err(why.to_owned()))
    }

    fn tell(&self, _: &Happenings, _: &Ledger) {}

    fn runs_elsewhere(&self, _: usize, _: &str) -> bool {
        false
    }

    fn has_service(&self, name: &str) -> bool {
        name == "there"
    }

    fn near_service(&self, name: &str) -> Option<String> {
        assay_report::hint::nearest(name, ["there"]).map(str::to_owned)
    }

    async fn run(&self, _: usize, task: Task<'_>, recorder: Recorder, _: Duration) -> Ending {
        let (entry, data) = match task {
            Task::Setup => ("setup", ""),
            Task::Case { name, data } => (name, data),
            Task::Teardown { data } => ("teardown", data),
        };
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(running, Ordering::SeqCst);
        if entry == "exclusive" {
            self.with_exclusive.fetch_max(running, Ordering::SeqCst);
        }
        if let Ok(mut order) = self.order.lock() {
            order.push(if data.is_empty() {
                entry.to_owned()
            } else {
                format!("{entry} with {data}")
            });
        }
        // One turn for the others, so that whatever may run at once does.
        tokio::task::yield_now().await;
        let ending = self.act(entry, &recorder).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        ending
    }

    async fn settle(&self, source: &Source) -> Vec<String> {
        self.settled.lock().unwrap().push(source.entry.clone());
        let unhealed = self.unhealed.filter(|entry| *entry == source.entry);
        unhealed.map(|_| UNHEALED.to_owned()).into_iter().collect()
    }

    async fn fallen(&self) -> Vec<Fallen> {
        let Ok(_asking) = self.asking.try_lock() else {
            return Vec::new();
        };
        if self.mute {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        if self.order.lock().unwrap().is_empty() {
            return Vec::new();
        }
        let dead = self.dying.iter().map(|service| Fallen {
            service: (*service).to_owned(),
            message: format!("service `{service}` died\nhint: look at it\nits last words"),
        });
        dead.collect()
    }

    async fn wrote(&self, _: Duration) -> Vec<Wrote> {
        if self.dumb {
            std::future::pending::<()>().await;
        }
        if self.wrote.is_empty() {
            return Vec::new();
        }
        let lines = self.wrote.iter().map(|line| (*line).to_owned()).collect();
        let written = Written { lines, dropped: 3 };
        let service = "there".to_owned();
        vec![Wrote { service, written }]
    }

    async fn look(&self, _: &Source) -> Vec<ServiceState> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        if self.mute {
            std::future::pending::<()>().await;
        }
        let states = self.unwell.iter().map(|service| ServiceState {
            service: (*service).to_owned(),
            status: ServiceStatus::Unreachable,
            problem: Some("no answer".to_owned()),
            disturbed: false,
        });
        states.collect()
    }

    fn metrics(&self, _: usize) -> Vec<MetricSnapshot> {
        Vec::new()
    }

    fn proposal(&self, _: usize) -> Option<Proposal> {
        None
    }

    async fn compare(&mut self) -> Option<RegressionCheck> {
        self.compared.take()
    }

    fn distributions(&self, _: usize) -> Vec<EncodedHistogram> {
        Vec::new()
    }

    async fn down(&mut self) -> Vec<Left> {
        self.downs.fetch_add(1, Ordering::SeqCst);
        if let Some(interrupt) = &self.stopped_going_down {
            interrupt.stop(Force::Cancel, "Ctrl-C");
        }
        self.left.clone()
    }
}

pub(super) fn suite(cases: &[&str]) -> PlannedSuite {
    PlannedSuite {
        plugin: 0,
        file: "suite.wasm".into(),
        digest: String::new(),
        size: 0,
        name: "suite".into(),
        version: String::new(),
        summary: String::new(),
        has_setup: false,
        has_teardown: false,
        cases: cases
            .iter()
            .map(|name| Case {
                name: (*name).into(),
                summary: String::new(),
                tags: Vec::new(),
                exclusive: *name == "exclusive",
                timeout: None,
                needs: match *name {
                    "needy" => vec!["missing".into()],
                    "misspelt" => vec!["tehre".into()],
                    "content" => vec!["there".into()],
                    _ => Vec::new(),
                },
                location: None,
            })
            .collect(),
        baselines: Vec::new(),
    }
}

pub(super) fn with_hooks(cases: &[&str]) -> PlannedSuite {
    PlannedSuite {
        has_setup: true,
        has_teardown: true,
        ..suite(cases)
    }
}

pub(super) fn orders() -> Orders {
    Orders {
        info: RunInfo {
            schema: LogVersion::default(),
            run_id: "run".into(),
            started_at: String::new(),
            host_version: String::new(),
            contract: String::new(),
            environment: "embedded".into(),
            profile: "default".into(),
            seed: 0,
            jobs: 2,
            provenance: Provenance::default(),
            shard: None,
            merged: Vec::new(),
            agents: Vec::new(),
            plugins: Vec::new(),
        },
        retries: 0,
        fail_fast: false,
        timeout: Duration::from_secs(30),
        redactor: Redactor::default(),
    }
}

pub(super) struct Told {
    pub(super) ended: Ended,
    pub(super) events: Vec<Event>,
    pub(super) world: Script,
}

impl Told {
    pub(super) fn outcomes(&self) -> Vec<(String, Outcome, u32)> {
        self.events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::CaseFinished {
                    case,
                    outcome,
                    attempts,
                    ..
                } => Some((case.clone(), outcome.clone(), *attempts)),
                _ => None,
            })
            .collect()
    }

    /// Why the run was asked to stop, as often as that was told.
    pub(super) fn stops(&self) -> Vec<&str> {
        let kinds = self.events.iter().map(|event| &event.kind);
        kinds
            .filter_map(|kind| match kind {
                EventKind::Interrupted { reason } => Some(reason.as_str()),
                _ => None,
            })
            .collect()
    }

    pub(super) fn verdicts(&self) -> Vec<(String, Verdict, u32)> {
        self.outcomes()
            .into_iter()
            .map(|(case, outcome, attempts)| (case, outcome.verdict, attempts))
            .collect()
    }

    pub(super) fn order(&self) -> Vec<String> {
        self.world.order.lock().expect("no panic").clone()
    }
}
