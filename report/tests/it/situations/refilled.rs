//! A load that several machines make, of which one is lost and made up for.

use assay_load::outcome::{self, Distribution, Split};
use assay_report::event::{LoadEnd, LoadInfo, LoadLoss, LoadMachine, LoadRefill, LoadTaker};

use super::*;

const SECOND: u64 = 1_000_000_000;

/// Two machines go on with what the third one would have made; the case passes.
pub(crate) fn refilled_load() -> Vec<Event> {
    let case = "orders-under-load";
    let mut run = Recording::of(&[case]);
    run.case(case, &passed(), |run, source| {
        let machines = ["worker-1", "worker-2", "worker-3"].map(machine);
        run.tell(EventKind::LoadStarted {
            source: source.clone(),
            load: LoadInfo {
                load: 1,
                scenario: "browse".into(),
                executor: "30 starts a second for 60s".into(),
                vus: 9,
                isolated: false,
                threads: 0,
                planned_ns: Some(60 * SECOND),
                machines: machines.into(),
            },
        });
        run.tell(EventKind::LoadEnded {
            source: source.clone(),
            end: end(),
        });
        run.check(source, check("nothing fails in the load `browse`", true));
    });
    run.end(Exit::Success)
}

fn machine(name: &str) -> LoadMachine {
    LoadMachine {
        name: name.into(),
        weight: 1,
        vus: 3,
        clock: None,
    }
}

fn end() -> LoadEnd {
    let taker = |machine: &str, vus, begun_ns| LoadTaker {
        machine: machine.into(),
        vus,
        per_second: Some(5.0),
        begun_ns: Some(begun_ns),
    };
    let iterations = 1_554;
    let succeeded = Distribution {
        count: iterations,
        ..Distribution::default()
    };
    LoadEnd {
        load: 1,
        outcome: Some(Box::new(outcome::Outcome {
            elapsed_ns: 60 * SECOND,
            iterations,
            dropped: 245,
            intended_per_second: Some(30.0),
            per_second: 25.9,
            most_vus: 9,
            latency: Split {
                succeeded,
                ..Split::default()
            },
            ..outcome::Outcome::default()
        })),
        message: None,
        replaced: 0,
        failed_checks: Vec::new(),
        dropped_logs: 0,
        dropped_attachments: 0,
        saturated: Vec::new(),
        lost: None,
        refilled: vec![LoadRefill {
            lost: LoadLoss {
                machine: "worker-3".into(),
                at_ns: Some(33 * SECOND),
                vus: 3,
                per_second: Some(10.0),
                reason: "its agent `worker-3` was lost".into(),
            },
            from_ns: 12 * SECOND,
            under_way: 1,
            dropped: 245,
            missing_percent: 13.61,
            by: vec![
                taker("worker-1", 2, 36 * SECOND),
                taker("worker-2", 1, 37 * SECOND),
            ],
        }],
    }
}
