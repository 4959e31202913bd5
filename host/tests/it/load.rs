//! Load with the scenarios of the fixture `loader`: counts are exact, whatever breaks is told, and nothing goes on that nobody waits for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod breaking;
mod cases;
mod executors;
mod joint;
mod openings;
mod regressions;
mod streams;
mod targets;

use std::sync::Arc;
use std::time::Duration;

use assay_host::{
    access::{Access, Rights},
    capability::{context, http, metrics, recorder::Recorder},
    ledger::Ledger,
    load::{Order, Refusal, Threads, order::Made},
    plugin::bindings::assay::suite::load::{
        ConstantRate, ConstantVus, Executor, Figure, Measure, PerVuIterations, Plan,
        SharedIterations, Threshold,
    },
};
use assay_report::event::{EventKind, LoadEnd, Source};
use tokio::{sync::mpsc, time::timeout};

use crate::fixtures::{Events, MEMORY, kept_engine, plugin};

/// Longer than any load of these tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a load needs, and what is told of it.
async fn order() -> (Order, Events) {
    let engine = kept_engine();
    let plugin = plugin(&engine, "loader").await;
    let (sender, events) = mpsc::unbounded_channel();
    let source = Source {
        suite: "loader".to_owned(),
        entry: "test".to_owned(),
        attempt: 1,
    };
    let recorder = Recorder::new(source, sender, Ledger::default().attempt().attempt());
    let order = Order {
        data: "[1,2,3]".to_owned(),
        context: Arc::new(context::Shared::default()),
        tls: Arc::clone(http::Shared::new().unwrap().tls()),
        metrics: Arc::new(metrics::Shared::new(plugin.description.baselines.clone())),
        access: Access::new(Rights::everything(), recorder.clone()),
        recorder,
        memory: MEMORY,
        threads: Threads::default(),
        machines: None,
        engine,
        plugin,
    };
    (order, events)
}

/// A plan of nothing but what is given.
fn plan(scenario: &str, executor: Executor) -> Plan {
    Plan {
        scenario: scenario.to_owned(),
        executor,
        max_vus: 0,
        isolated: scenario.ends_with("-alone"),
        warm_up_ms: 0,
        pace_ms: 0,
        grace_ms: 5_000,
        late_ms: 0,
        stall_ms: 0,
        parameter: String::new(),
        thresholds: Vec::new(),
        failures_are_judged: false,
    }
}

fn shared(vus: u32, iterations: u64) -> Executor {
    Executor::SharedIterations(SharedIterations { vus, iterations })
}

fn each(vus: u32, iterations: u64) -> Executor {
    Executor::PerVuIterations(PerVuIterations { vus, iterations })
}

fn constant(vus: u32, duration_ms: u64) -> Executor {
    Executor::ConstantVus(ConstantVus { vus, duration_ms })
}

fn rate(per_second: f64, duration_ms: u64) -> Executor {
    Executor::ConstantArrivalRate(ConstantRate {
        per_second,
        duration_ms,
    })
}

fn threshold(baseline: &str, measure: Measure) -> Threshold {
    Threshold {
        baseline: baseline.to_owned(),
        measure,
        abort: false,
    }
}

fn slowest() -> Measure {
    Measure::Iterations(Figure::Max)
}

/// What came of a plan.
async fn made(plan: Plan) -> Result<Made, Refusal> {
    told(plan).await.0
}

/// The same, and what was told of it.
async fn told(plan: Plan) -> (Result<Made, Refusal>, Vec<EventKind>) {
    let (order, mut events) = order().await;
    let threads = order.threads.clone();
    let made = match order.start(1, plan) {
        Ok((running, _)) => timeout(PATIENCE, running.made()).await.unwrap(),
        Err(refusal) => Err(refusal),
    };
    assert_eq!(threads.running(), 0, "a thread is left");
    let told = std::iter::from_fn(|| events.try_recv().ok());
    (made, told.map(|happened| happened.kind).collect())
}

fn end(told: &[EventKind]) -> &LoadEnd {
    let ends: Vec<&LoadEnd> = told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::LoadEnded { end, .. } => Some(end),
            _ => None,
        })
        .collect();
    assert_eq!(ends.len(), 1, "{told:?}");
    ends[0]
}
