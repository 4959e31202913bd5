//! Virtual users that take turns, in paused time: how they are run here.

mod bounds;
mod closed;
mod open;
mod refilled;
mod shares;

use std::future::Future;
use std::sync::Mutex as StdMutex;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;
use crate::phase::Phase;
use crate::plan::{Draft, Stage, Steps};
use crate::threshold::{Figure, Measure, Threshold};

const PASSED: Ended<'static> = Ended {
    ending: Ending::Passed,
    phase: Phase::Baseline,
};
const FAILED: Ended<'static> = Ended {
    ending: Ending::Failed("wrong"),
    phase: Phase::Baseline,
};

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn stage(duration: u64, target: f64) -> Stage {
    Stage {
        duration: milliseconds(duration),
        target,
    }
}

fn turns(draft: Draft) -> Turns {
    let plan = Plan::new(draft).unwrap();
    let samples = Samples::new([]).unwrap();
    Turns::new(plan, samples)
}

fn draft(executor: Executor) -> Draft {
    Draft::new("browse", executor)
}

fn rate(per_second: f64, duration: u64, vus: u32) -> Draft {
    let duration = milliseconds(duration);
    Draft {
        max_vus: vus,
        ..draft(Executor::ConstantArrivalRate {
            per_second,
            duration,
        })
    }
}

/// Which virtual user began when, and when it was to begin, in milliseconds since the start.
#[derive(Clone, Copy, Debug)]
struct Start {
    vu: u32,
    at: u64,
    intended: u64,
}

type Starts = Vec<Start>;

/// Runs a load of virtual users whose iterations take what `takes` says of virtual user and iteration, until it is finished.
async fn run(
    turns: &Turns,
    takes: impl Fn(u32, u64) -> Duration + Copy + 'static,
) -> (Starts, Outcome) {
    run_with(turns, takes, async {}).await
}

/// The same, beside something that happens meanwhile.
async fn run_with(
    turns: &Turns,
    takes: impl Fn(u32, u64) -> Duration + Copy + 'static,
    meanwhile: impl Future<Output = ()>,
) -> (Starts, Outcome) {
    run_begun_by(turns, takes, Turns::begin, meanwhile).await
}

/// The same of a load that is begun so.
async fn run_begun_by(
    turns: &Turns,
    takes: impl Fn(u32, u64) -> Duration + Copy + 'static,
    begin: impl FnOnce(&Turns),
    meanwhile: impl Future<Output = ()>,
) -> (Starts, Outcome) {
    let starts = Arc::new(StdMutex::new(Vec::new()));
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut users = JoinSet::new();
            let worker = turns.worker();
            for vu in turns.part().numbers() {
                let (mut seat, starts, turns) =
                    (worker.seat(vu), Arc::clone(&starts), turns.clone());
                users.spawn_local(async move {
                    let mut before = None;
                    while let Some(turn) = seat.next(before).await {
                        let [at, intended] = [turns.elapsed(), turn.intended]
                            .map(|time| u64::try_from(time.as_millis()).unwrap());
                        starts.lock().unwrap().push(Start { vu, at, intended });
                        sleep(takes(vu, turn.iteration)).await;
                        before = Some(PASSED);
                    }
                });
            }
            begin(turns);
            tokio::join!(turns.finished(), meanwhile);
            users.shutdown().await;
        })
        .await;
    let starts = starts.lock().unwrap().clone();
    (starts, turns.outcome(Generator::default(), None))
}

fn times(starts: &Starts) -> Vec<u64> {
    starts.iter().map(|start| start.at).collect()
}

fn of(vu: u32, starts: &Starts) -> Vec<u64> {
    let its = starts.iter().filter(|start| start.vu == vu);
    its.map(|start| start.at).collect()
}

/// How far the last of them was behind its intended start.
fn most_behind(starts: &Starts) -> u64 {
    let behind = starts.iter().map(|start| start.at - start.intended);
    behind.max().unwrap_or_default()
}
