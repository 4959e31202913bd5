//! A load that several machines make, here in one process: it is the load of one machine, or it is none.

mod lost;
mod refilled;
mod searched;

use std::sync::Mutex;

use assay_host::load::{
    machines::{Lost, Machine, Machines, Remote},
    share::{RunningShare, ShareCommand, ShareWord, ShareWork},
};
use assay_report::event::{LoadMachine, Phase};
use async_trait::async_trait;

use super::*;

/// What a machine does with a word before it goes on its way.
type Way = fn(usize, ShareWord) -> Result<ShareWord, Lost>;

/// Machines that are threads of this process.
#[derive(Debug)]
struct Here {
    order: Order,
    weights: Vec<u32>,
    way: Way,
    refill: Option<u32>,
    running: Mutex<Vec<RunningShare>>,
}

#[async_trait]
impl Machines for Here {
    fn list(&self) -> Vec<Machine> {
        let weights = self.weights.iter().enumerate();
        let machines = weights.map(|(number, weight)| Machine {
            id: number.to_string(),
            name: format!("machine-{number}"),
            weight: *weight,
            clock: None,
        });
        machines.collect()
    }

    async fn start(&self, shares: Vec<ShareWork>) -> Result<Vec<Remote>, Refusal> {
        let starts = shares.iter().map(|share| self.start_one(share));
        starts.collect()
    }

    fn margin(&self) -> Duration {
        Duration::from_millis(20)
    }

    fn refill(&self) -> Option<u32> {
        self.refill
    }
}

impl Here {
    /// All of it goes through JSON, as it does between machines.
    fn start_one(&self, share: &ShareWork) -> Result<Remote, Refusal> {
        let number: usize = share.machine.parse().unwrap();
        let copy = serde_json::from_str(&serde_json::to_string(share).unwrap()).unwrap();
        let (say, mut said) = mpsc::channel(8);
        let (tell, words) = mpsc::channel(8);
        let (commands, heard) = mpsc::unbounded_channel();
        let order = Order {
            threads: Threads::default(),
            ..self.order.clone()
        };
        self.running
            .lock()
            .unwrap()
            .push(order.start_share(copy, say, heard)?);
        let way = self.way;
        tokio::spawn(async move {
            while let Some(said) = said.recv().await {
                let line = serde_json::to_string(&said).unwrap();
                let heard = way(number, serde_json::from_str(&line).unwrap());
                let is_lost = heard.is_err();
                if tell.send(heard).await.is_err() || is_lost {
                    return;
                }
            }
        });
        Ok(Remote { words, commands })
    }

    /// Waits until no thread of any share is left.
    async fn gone(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap());
        for share in &running {
            timeout(PATIENCE, share.ended()).await.unwrap();
        }
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of several ways, and the others lose machines"
)]
fn unchanged(_: usize, word: ShareWord) -> Result<ShareWord, Lost> {
    Ok(word)
}

/// An order whose loads machines of these weights make.
async fn order_on(weights: &[u32], way: Way) -> (Order, Events, Arc<Here>) {
    order_of(weights, way, None).await
}

/// The same with a wish that others make up for a machine that is lost, or without it.
async fn order_of(weights: &[u32], way: Way, refill: Option<u32>) -> (Order, Events, Arc<Here>) {
    let (order, events) = order().await;
    let here = Arc::new(Here {
        order: order.clone(),
        weights: weights.to_vec(),
        way,
        refill,
        running: Mutex::default(),
    });
    let order = Order {
        machines: Some(Arc::clone(&here) as Arc<dyn Machines>),
        ..order
    };
    (order, events, here)
}

/// What came of a plan that machines of these weights make, and what was told of it. No thread is left of it.
async fn told_on(weights: &[u32], plan: Plan) -> (Result<Made, Refusal>, Vec<EventKind>) {
    told_by(weights, unchanged, plan).await
}

async fn told_by(weights: &[u32], way: Way, plan: Plan) -> (Result<Made, Refusal>, Vec<EventKind>) {
    let (order, mut events, here) = order_on(weights, way).await;
    let threads = order.threads.clone();
    let made = match order.start(1, plan) {
        Ok((running, _)) => timeout(PATIENCE, running.made()).await.unwrap(),
        Err(refusal) => Err(refusal),
    };
    assert_eq!(threads.running(), 0, "a thread is left");
    here.gone().await;
    let told = std::iter::from_fn(|| events.try_recv().ok());
    (made, told.map(|happened| happened.kind).collect())
}

async fn made_on(weights: &[u32], plan: Plan) -> Made {
    told_on(weights, plan).await.0.unwrap()
}

#[tokio::test]
async fn the_iterations_of_each_executor_are_made_once_by_all_together() {
    let open = |executor| Plan {
        max_vus: 8,
        late_ms: 10_000,
        ..plan("nothing", executor)
    };
    for (plan, iterations) in [
        (plan("nothing", shared(5, 1_003)), 1_003),
        (plan("nothing-alone", shared(4, 400)), 400),
        (plan("counts", each(5, 20)), 100),
        (open(rate(200.0, 500)), 100),
    ] {
        let outcome = made_on(&[2, 1], plan).await.outcome;
        let counts = (outcome.iterations, outcome.failed, outcome.dropped);
        assert_eq!(counts, (iterations, 0, 0));
        assert_eq!(outcome.latency.succeeded.count, iterations);
    }
}

#[tokio::test]
async fn virtual_users_are_dealt_out_by_weight_and_are_all_there() {
    let plan = Plan {
        parameter: "5".to_owned(),
        ..plan("waits", constant(9, 1_300))
    };
    let (made, told) = told_on(&[4, 2, 3], plan).await;
    let outcome = made.unwrap().outcome;
    assert_eq!((outcome.most_vus, outcome.failed), (9, 0));
    let EventKind::LoadStarted { load, .. } = &told[0] else {
        panic!("{told:?}");
    };
    let machines: Vec<(&str, u32, u32)> = load
        .machines
        .iter()
        .map(
            |LoadMachine {
                 name, weight, vus, ..
             }| (&**name, *weight, *vus),
        )
        .collect();
    let expected = [
        ("machine-0", 4, 4),
        ("machine-1", 2, 2),
        ("machine-2", 3, 3),
    ];
    assert_eq!(machines, expected);
    // The seconds are those of all, and together they are the whole.
    let points = told.iter().filter_map(|kind| match kind {
        EventKind::LoadWent { point, .. } => Some(point),
        _ => None,
    });
    let points: Vec<_> = points.collect();
    let iterations: u64 = points.iter().map(|point| point.iterations).sum();
    assert_eq!(iterations, outcome.iterations);
    assert_eq!((points[0].at_ms, points[0].vus), (0, 9));
    assert_eq!(end(&told).outcome.as_deref(), Some(&outcome));
}

#[tokio::test]
async fn a_machine_without_a_virtual_user_is_ready_and_over_at_once() {
    let outcome = made_on(&[1, 1, 1], plan("nothing", each(1, 7)))
        .await
        .outcome;
    assert_eq!((outcome.iterations, outcome.most_vus), (7, 1));
}

#[tokio::test]
async fn baselines_are_judged_by_what_all_measured() {
    let judged = Plan {
        thresholds: vec![
            threshold("iteration-p95", Measure::Iterations(Figure::P95)),
            threshold("impossible", slowest()),
        ],
        ..plan("nothing", each(4, 25))
    };
    let (made, told) = told_on(&[1, 1], judged).await;
    assert_eq!(made.unwrap().outcome.iterations, 100);
    let judged: Vec<_> = told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::Judged { judgement, .. } => {
                Some((&*judgement.baseline.name, judgement.samples))
            }
            _ => None,
        })
        .collect();
    assert_eq!(judged, [("iteration-p95", 100), ("impossible", 100)]);
}

#[tokio::test]
async fn a_baseline_that_ends_the_load_ends_it_on_all_machines() {
    let plan = Plan {
        thresholds: vec![Threshold {
            abort: true,
            ..threshold("impossible", slowest())
        }],
        parameter: "5".to_owned(),
        ..plan("waits", constant(4, 600_000))
    };
    let outcome = made_on(&[1, 1], plan).await.outcome;
    let why = outcome.aborted.unwrap();
    assert!(why.contains("`impossible` is missed"), "{why}");
    assert_eq!(outcome.interrupted, 0);
}

#[tokio::test]
async fn what_virtual_users_find_anywhere_is_kept_up_to_the_limits_of_one_load() {
    let checks = Plan {
        failures_are_judged: true,
        ..plan("checks", each(2, 10))
    };
    let (made, told) = told_on(&[1, 1], checks).await;
    let outcome = made.unwrap().outcome;
    let checks: Vec<_> = outcome
        .checks
        .iter()
        .map(|check| (&*check.name, check.passed, check.failed))
        .collect();
    let expected = [("sums are right", 20, 0), ("sums are wrong", 0, 20)];
    assert_eq!(checks, expected);
    assert_eq!(end(&told).failed_checks.len(), 3);
}

#[tokio::test]
async fn instances_that_are_replaced_are_counted_over_all() {
    let plan = Plan {
        isolated: true,
        ..plan("panics", each(2, 9))
    };
    let made = made_on(&[1, 1], plan).await;
    assert_eq!((made.outcome.iterations, made.outcome.failed), (18, 6));
    assert_eq!(made.replaced, 6);
}

#[tokio::test]
async fn virtual_users_anywhere_have_what_the_setup_returned() {
    let plan = plan("takes-what-setup-returned", each(20, 3));
    let outcome = made_on(&[1, 1], plan).await.outcome;
    assert_eq!((outcome.iterations, outcome.failed), (60, 0), "{outcome:?}");
}

#[tokio::test]
async fn a_load_that_no_machine_is_there_for_is_refused() {
    let (made, told) = told_on(&[], plan("nothing", each(1, 1))).await;
    let refused = made.unwrap_err();
    assert!(matches!(refused, Refusal::Limit(_)), "{refused:?}");
    assert!(refused.to_string().contains("start an agent"), "{refused}");
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn what_is_measured_anywhere_belongs_to_the_faults_of_the_run() {
    let (order, _events, here) = order_on(&[1, 1], unchanged).await;
    let fault = order.recorder.attempt().fault();
    let (running, _granted) = order.start(1, plan("nothing", each(4, 5))).unwrap();
    let made = timeout(PATIENCE, running.made()).await.unwrap().unwrap();
    drop(fault);
    let phases = made.outcome.by_phase.iter();
    let phases: Vec<_> = phases
        .map(|(phase, split)| (*phase, split.succeeded.count))
        .collect();
    assert_eq!(phases, [(Phase::Fault, 20)]);
    here.gone().await;
}
