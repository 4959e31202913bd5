//! The page of a run that goes on: at each moment all its parts, and nothing in them of an end that has not come.

use assay_report::{
    event::{Event, EventKind, Fault, LoadEnd, LoadInfo, Phase, ReasonKind},
    html::live::{Live, Moment, Part},
    verdict::Verdict,
};

use super::{
    html::elements,
    recording::{Recording, STEP_NS, check, outcome, passed, reason, source},
    situations,
};

fn live(events: &[Event]) -> Live {
    let mut live = Live::default();
    for event in events {
        live.event(event);
    }
    live
}

fn part(live: &Live, moment: Moment, part: Part) -> String {
    let fragments = live.fragments(moment).unwrap();
    let found = fragments.into_iter().find(|fragment| fragment.part == part);
    found.unwrap().html
}

/// After these events and so many steps without any.
fn later(events: &[Event], steps: u64) -> Moment {
    let last = events.last().map_or(0, |event| event.at_ns);
    Moment::Running(last + steps * STEP_NS)
}

#[test]
fn every_moment_of_every_situation_has_all_parts_and_no_end_that_has_not_come() {
    for (name, events) in situations::all() {
        let mut live = Live::default();
        for event in &events {
            live.event(event);
            let is_over = matches!(event.kind, EventKind::RunFinished { .. });
            let fragments = live
                .fragments(later(std::slice::from_ref(event), 1))
                .unwrap();
            let parts: Vec<_> = fragments.iter().map(|fragment| fragment.part).collect();
            assert_eq!(parts, Part::ALL, "{name}");
            for fragment in fragments {
                let html = &fragment.html;
                elements(html);
                let heading = format!("id=\"{}\"", fragment.part.name());
                assert!(html.contains(&heading), "{name}: {html}");
                for early in ["no end", "the host was stopped", "events end before"] {
                    assert!(is_over || !html.contains(early), "{name}: {early}: {html}");
                }
            }
        }
    }
}

#[test]
fn a_run_that_is_over_has_the_verdict_of_its_report() {
    for (events, verdict, meaning) in [
        (situations::passed_run(), "passed", "Exit code 0"),
        (situations::failing_checks(), "failed", "Exit code 1"),
        (situations::stopped(), "no end", "The host was stopped"),
    ] {
        let html = part(&live(&events), Moment::Over, Part::Verdict);
        assert!(
            html.contains(&format!("<strong>{verdict}</strong>")),
            "{html}"
        );
        assert!(
            html.contains("The run is over.") && html.contains(meaning),
            "{html}"
        );
    }
}

#[test]
fn what_runs_is_named_with_its_time_by_the_second() {
    let mut run = Recording::of(&["a", "b"]);
    run.pass("a");
    let source = source("b", 1);
    run.start("b", 1).attempt(&source);
    let events = run.cut();
    let live = live(&events);
    for (steps, time) in [(9, "0 s"), (10, "1 s"), (659, "1 min 5 s")] {
        let now = part(&live, later(&events, steps), Part::Now);
        assert!(now.contains("1 case runs; no fault is active."), "{now}");
        assert!(now.contains("jobs/b") && !now.contains("jobs/a"), "{now}");
        assert!(
            now.contains(&format!("<td class=\"number\">{time}</td>")),
            "{now}"
        );
    }
    let head = part(&live, later(&events, 0), Part::Verdict);
    assert!(
        head.contains("1 of 2 cases have their verdict; the gravest so far is passed."),
        "{head}"
    );
    let timeline = part(&live, later(&events, 659), Part::Timeline);
    assert!(timeline.contains("running, 65.9 s from"), "{timeline}");
}

#[test]
fn a_case_that_failed_is_told_while_others_run_and_those_are_not() {
    let why = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is not so"));
    let mut run = Recording::of(&["a", "b", "c"]);
    run.case("a", &why, |run, source| {
        run.check(source, check("it is so", false));
    });
    run.start("b", 1).attempt(&source("b", 1));
    let events = run.cut();
    let html = part(&live(&events), later(&events, 1), Part::Why);
    assert!(
        html.contains("jobs/a") && html.contains("it is not so"),
        "{html}"
    );
    assert!(
        !html.contains("jobs/b") && !html.contains("jobs/c"),
        "{html}"
    );
    let head = part(&live(&events), later(&events, 1), Part::Verdict);
    assert!(head.contains("<div class=\"head failed\">"), "{head}");
}

fn in_fault() -> Recording {
    let source = source("a", 1);
    let mut run = Recording::of(&["a"]);
    run.start("a", 1).attempt(&source);
    let fault = Fault {
        id: 7,
        target: "project".into(),
        action: "stop".into(),
        value: Some("KILL".into()),
        options: None,
    };
    let kind = EventKind::FaultInjected {
        source,
        fault,
        confirmed_after_ns: 1,
    };
    run.tell_in(Phase::Fault, kind);
    run
}

#[test]
fn a_fault_is_active_until_the_phase_says_that_it_is_not() {
    let run = in_fault();
    let events = run.cut();
    let now = part(&live(&events), later(&events, 20), Part::Now);
    assert!(
        now.contains("1 fault is active.") && now.contains("F7: stop KILL on project"),
        "{now}"
    );
    assert!(now.contains("for 2 s, by jobs/a"), "{now}");
    let mut run = in_fault();
    let kind = EventKind::Checked {
        source: source("a", 1),
        check: check("it is back", true),
    };
    run.tell_in(Phase::Recovery, kind);
    let events = run.cut();
    let now = part(&live(&events), later(&events, 1), Part::Now);
    assert!(now.contains("recovering from 1 fault."), "{now}");
    let mut run = in_fault();
    run.end_attempt(&source("a", 1), passed());
    let events = run.cut();
    let now = part(&live(&events), later(&events, 1), Part::Now);
    assert!(now.contains("No case runs; no fault is active."), "{now}");
}

#[test]
fn the_loads_that_run_come_first_and_those_beyond_the_limit_are_counted() {
    let source = source("a", 1);
    let mut run = Recording::of(&["a"]);
    run.start("a", 1).attempt(&source);
    for load in 1..=8 {
        let info = LoadInfo {
            load,
            scenario: format!("scenario-{load}"),
            executor: "5 virtual users".into(),
            vus: 5,
            isolated: false,
            threads: 1,
            planned_ns: Some(60_000_000_000),
            machines: Vec::new(),
        };
        run.tell(EventKind::LoadStarted {
            source: source.clone(),
            load: info,
        });
        if load > 1 {
            let end = LoadEnd {
                load,
                outcome: None,
                message: Some("it broke".into()),
                replaced: 0,
                failed_checks: Vec::new(),
                dropped_logs: 0,
                dropped_attachments: 0,
                saturated: Vec::new(),
                lost: None,
                refilled: Vec::new(),
            };
            let source = source.clone();
            run.tell(EventKind::LoadEnded { source, end });
        }
    }
    let events = run.cut();
    let live = live(&events);
    let loads = part(&live, later(&events, 1), Part::Loads);
    let place = |name: &str| loads.find(name);
    assert!(place("scenario-1") < place("scenario-8"), "{loads}");
    assert_eq!(place("scenario-2"), None);
    assert!(loads.contains("2 more will be in the reports."), "{loads}");
    assert_eq!(
        loads.matches("</span> running</span>").count(),
        1,
        "{loads}"
    );
    assert_eq!(
        loads.matches("</span> no outcome</span>").count(),
        5,
        "{loads}"
    );
    let now = part(&live, later(&events, 1), Part::Now);
    assert!(
        now.contains("1 s of 1 min 0 s") && !now.contains("scenario-2"),
        "{now}"
    );
}
