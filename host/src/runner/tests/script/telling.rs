//! Runs a plan in a scripted world, and says what was told.

use assay_report::verdict::Verdict;

use super::{Script, Told};
use crate::{
    plan::{Plan, PlannedSuite},
    runner::{Orders, interrupt::Interrupt, run},
};

pub(in crate::runner::tests) async fn tell(
    suites: Vec<PlannedSuite>,
    orders: Orders,
    world: Script,
    interrupt: Interrupt,
) -> Told {
    let shard = None;
    tell_plan(Plan { suites, shard }, orders, world, interrupt).await
}

pub(in crate::runner::tests) async fn tell_plan(
    plan: Plan,
    orders: Orders,
    mut world: Script,
    interrupt: Interrupt,
) -> Told {
    let mut events = Vec::new();
    let ended = run(&plan, orders, &mut world, &interrupt, |event| {
        events.push(event.clone());
    })
    .await;
    Told {
        ended,
        events,
        world,
    }
}

pub(in crate::runner::tests) async fn told(
    suite: PlannedSuite,
    orders: Orders,
    world: Script,
) -> Told {
    tell(vec![suite], orders, world, Interrupt::default()).await
}

pub(in crate::runner::tests) fn case(
    name: &str,
    verdict: Verdict,
    attempts: u32,
) -> (String, Verdict, u32) {
    (name.to_owned(), verdict, attempts)
}
