//! What a cause rests on: nothing is guessed, and whatever is named can be found in the log.

use assay_load::outcome as load;
use assay_report::{
    analysis::{CauseKind, EvidenceKind, MAX_CONTACTS, MAX_WINDOWS},
    event::{EventKind, Exchange, Grade, LoadEnd, LoadInfo, Phase, ReasonKind, Source, Stage},
    verdict::Verdict,
};

use super::{
    analysed, analysis, answered, bought, broken, failed, failed_with, heal, inject, only, run,
    texts,
};
use crate::recording::{Recording, check, outcome, reason, source};

#[test]
fn without_evidence_the_cause_is_unknown_and_what_was_looked_at_is_said() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is so"));
    let analysis = bought(&ending, |run, source| {
        run.check(source, check("it is so", false));
    });
    let (kind, subject, failure) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Unknown, None));
    assert_eq!(
        texts(failure),
        [
            "failed check: it is so",
            "looked at: 1 failed check, 0 requests, 0 loads, 0 faults, the services were not looked at"
        ]
    );
}

#[test]
fn numbers_that_look_like_a_status_or_a_path_are_not_taken_for_one_without_an_answer() {
    for ending in [
        failed_with("it is refused", "404", "500"),
        failed("it is not within 5s (3 tries)"),
        failed("GET http://127.0.0.1:1/item: no connection: refused"),
    ] {
        let analysis = bought(&ending, |_, _| {});
        assert_eq!(only(&analysis).0, CauseKind::Unknown, "{ending:?}");
    }
}

/// Only the first place in the message was looked at.
#[test]
fn a_name_is_found_behind_a_longer_one_that_begins_like_it() {
    let ending = failed("GET /item/new has what GET /item has not");
    let analysis = bought(&ending, |run, source| {
        let other = Exchange {
            name: "GET /other".into(),
            ..answered(2, 200)
        };
        run.exchange(source, answered(1, 200))
            .exchange(source, other);
    });
    assert_eq!(only(&analysis).1, Some("shop"));
}

#[test]
fn all_evidence_names_its_event() {
    let ending = failed("GET http://127.0.0.1:1/item: no connection: refused");
    let mut run = run(&["buy"]);
    run.case("buy", &ending, |run, source| {
        run.tell(inject(source, 1, "cache"))
            .exchange(source, broken(1, "connect", "refused", Stage::Connect))
            .tell(heal(source, 1, 1));
    });
    let events = run.end(assay_report::exit::Exit::Failed);
    let analysis = analysis(&events);
    let (_, _, failure) = only(&analysis);
    assert!(failure.evidence.len() >= 2, "{failure:#?}");
    for line in &failure.evidence {
        let place = usize::try_from(line.sequence.unwrap()).unwrap();
        let is_of = match &events[place].kind {
            EventKind::Exchanged { .. } => EvidenceKind::Request,
            EventKind::FaultInjected { .. } => EvidenceKind::Fault,
            EventKind::AttemptFinished { .. } => EvidenceKind::Outcome,
            other => panic!("{other:?}"),
        };
        assert_eq!(line.kind, is_of);
    }
}

#[test]
fn a_missed_baseline_is_told_with_the_share_of_time_of_each_phase_and_part() {
    let ending = outcome(
        Verdict::Failed,
        reason(ReasonKind::Baseline, "event-latency is 300 ms"),
    );
    let mut run = run(&["buy"]);
    run.case("buy", &ending, |run, source| {
        for (phase, duration_ns) in [(Phase::Baseline, 1_000), (Phase::Fault, 3_000)] {
            let exchange = Exchange {
                connect_ns: Some(duration_ns / 10),
                first_byte_ns: Some(duration_ns / 2),
                duration_ns,
                ..answered(1, 200)
            };
            run.tell_in(
                phase,
                EventKind::Exchanged {
                    source: source.clone(),
                    exchange,
                },
            );
        }
        run.judge(source, 300.0, 2, Grade::Missed);
    });
    let analysis = analysed(run);
    let (kind, subject, failure) = only(&analysis);
    assert_eq!(
        (kind, subject),
        (CauseKind::Baseline, Some("jobs/event-latency"))
    );
    let time = failure.time.unwrap();
    assert_eq!((time.requests, time.total_ns), (2, 4_000));
    let parts = (time.baseline, time.fault, time.recovery);
    assert_eq!(parts, (0.25, 0.75, 0.0));
    assert_eq!(
        (time.connect, time.first_byte, time.receive),
        (Some(0.1), Some(0.4), Some(0.5))
    );
    assert_eq!(
        texts(failure)[..2],
        [
            "`jobs/event-latency`: 300 ms from 2 samples, critical is at most 200 ms",
            "0.000 s of 2 requests: by phase baseline 25 %, fault 75 %; connecting 10 %, waiting for the first byte 40 %, receiving 50 %"
        ]
    );
}

#[test]
fn a_baseline_that_nothing_was_measured_for_says_so() {
    let ending = outcome(
        Verdict::Degraded,
        reason(ReasonKind::Baseline, "event-latency has no samples"),
    );
    let analysis = bought(&ending, |run, source| {
        run.judge(source, f64::NAN, 0, Grade::Missed);
    });
    let (kind, _, failure) = only(&analysis);
    assert_eq!(
        (kind, failure.verdict),
        (CauseKind::Baseline, Verdict::Degraded)
    );
    assert!(
        failure.summary.contains("nothing was measured"),
        "{failure:#?}"
    );
    assert_eq!(failure.time, None);
}

#[test]
fn of_many_requests_the_last_ones_are_remembered() {
    let ending = failed_with("http://127.0.0.1:1/item is answered", "200", "500");
    for (later, expected) in [
        (MAX_CONTACTS - 1, CauseKind::Status),
        (MAX_CONTACTS, CauseKind::Answer),
    ] {
        let analysis = bought(&ending, |run, source| {
            run.exchange(source, answered(1, 500));
            for _ in 0..later {
                run.exchange(source, answered(2, 200));
            }
        });
        assert_eq!(only(&analysis).0, expected, "{later} later");
    }
}

/// A ninth load was forgotten whatever became of it, and the cause was unknown.
#[test]
fn of_many_loads_those_that_were_good_make_room() {
    let ending = failed("the load was not good");
    let ended = |run: &mut Recording, source: &Source, load, failed| {
        let outcome = load::Outcome {
            iterations: 10,
            failed,
            ..load::Outcome::default()
        };
        let end = LoadEnd {
            load,
            outcome: Some(Box::new(outcome)),
            message: None,
            replaced: 0,
            failed_checks: Vec::new(),
            dropped_logs: 0,
            dropped_attachments: 0,
            saturated: Vec::new(),
            lost: None,
            refilled: Vec::new(),
        };
        run.tell(EventKind::LoadEnded {
            source: source.clone(),
            end,
        });
    };
    let began = |run: &mut Recording, source: &Source, load| {
        let load = LoadInfo {
            load,
            scenario: format!("scenario {load}"),
            executor: "10 iterations".into(),
            vus: 1,
            isolated: false,
            threads: 1,
            planned_ns: None,
            machines: Vec::new(),
        };
        run.tell(EventKind::LoadStarted {
            source: source.clone(),
            load,
        });
    };
    let analysis = bought(&ending, |run, source| {
        for load in 1..=9 {
            began(run, source, load);
            ended(run, source, load, u64::from(load == 9));
        }
    });
    let (kind, subject, _) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Load, Some("scenario 9")));
    let analysis = bought(&ending, |run, source| {
        for load in 1..=9 {
            began(run, source, load);
            ended(run, source, load, 1);
        }
    });
    assert_eq!(
        only(&analysis).1,
        Some("scenario 1"),
        "the first that failed"
    );
}

#[test]
fn of_many_faults_the_last_ones_are_remembered() {
    let ending = failed("no connection: refused");
    for (later, expected) in [
        (MAX_WINDOWS as u64 - 1, CauseKind::Fault),
        (MAX_WINDOWS as u64, CauseKind::Connection),
    ] {
        let analysis = bought(&ending, |run, source| {
            run.tell(inject(source, 1, "shop"));
            for id in 0..later {
                run.tell(inject(source, id + 2, "cache"));
            }
            run.exchange(source, broken(1, "connect", "refused", Stage::Connect));
        });
        assert_eq!(only(&analysis).0, expected, "{later} later");
    }
}

#[test]
fn the_same_events_in_another_attempt_are_no_evidence() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is so"));
    let analysis = bought(&ending, |run, buy| {
        let other = source("other", 1);
        run.exchange(&other, answered(1, 500))
            .check(buy, check("it is so", false));
    });
    assert_eq!(only(&analysis).0, CauseKind::Unknown);
}
