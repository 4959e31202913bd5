//! A load that agents make together: the counts of one machine, percentiles of all samples; and when one of them is lost no load at all, or
//! one with a hole that is told, as whoever runs it wishes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use assay_report::{
    event::{EncodedHistogram, EventKind},
    json::document::Report,
    log,
    verdict::Verdict,
};
use assay_test_server::nats::Nats;
use rustix::process::Signal;

use super::agent::{HostAgent, eventually};
use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation, Running},
};

const CASE: &str = "loader/makes-what-the-settings-say";
const NAMES: [&str; 3] = ["one", "two", "three"];

/// Three agents, and a server that has `JetStream` and an HTTP page of its own state to make load on.
fn stage() -> Option<(Nats, Nats, Vec<HostAgent>)> {
    let nats = Nats::start()?;
    let target = Nats::start_with("http: \"127.0.0.1:-1\"\n")?;
    let start = |name: &&str| HostAgent::start(&nats.url(), name, &["--slots", "1"]);
    let agents = NAMES.iter().map(start).collect();
    Some((nats, target, agents))
}

fn load(nats: &Nats, target: &Nats, seconds: u32) -> Running {
    load_with(nats, target, seconds, &[])
}

fn load_with(nats: &Nats, target: &Nats, seconds: u32, arguments: &[&str]) -> Running {
    Invocation::run(&[fixture("loader")])
        .with(&["--environment", "none", "--filter", CASE])
        .with(&["--set", "load.scenario=fires-alone", "--set", "load.vus=12"])
        .with(&[
            "--set",
            &format!("load.parameter=\"{}/varz\"", target.http()),
        ])
        .with(&["--set", &format!("load.seconds={seconds}")])
        .with(&["--set", "load.per-second=90.0"])
        .with(&["--nats", &nats.url(), "--agents", "3"])
        .with(arguments)
        .start()
}

/// All at once, on agents of one slot each: a share waits for no other load's.
#[test]
fn all_ways_a_load_can_end_are_the_same_over_agents_and_none_waits_for_another() {
    let Some((nats, _, _agents)) = stage() else {
        return;
    };
    let run = |arguments: &[&str]| {
        Invocation::run(&[fixture("loader")])
            .with(&["--environment", "none", "--filter", "!loader/goes-on"])
            .with(&["--jobs", "16", "--timeout", "40s"])
            .with(arguments)
            .answer()
    };
    let (alone, shared) = (run(&[]), run(&["--nats", &nats.url(), "--agents", "3"]));
    assert!(alone.verdicts().len() > 8, "{}", alone.seen());
    assert_eq!(shared.verdicts(), alone.verdicts(), "{}", shared.seen());
}

fn verdict(answer: &Answer) -> Verdict {
    answer.verdicts()[CASE]
}

/// The whole distributions that the log has of the load.
fn distributions(answer: &Answer) -> Vec<EncodedHistogram> {
    let mut found = Vec::new();
    let file = answer.folder().join("events.jsonl");
    for event in log::read(&file).unwrap() {
        if let EventKind::Measured {
            source: Some(_),
            distributions,
            ..
        } = event.unwrap().kind
        {
            found.extend(distributions);
        }
    }
    found
}

fn outcome(report: &Report) -> &assay_load::outcome::Outcome {
    let load = &report.suites[0].cases[0].attempts[0].loads[0];
    load.end.as_ref().unwrap().outcome.as_ref().unwrap()
}

#[test]
fn three_agents_make_one_load_whose_percentiles_are_those_of_all_samples() {
    let Some((nats, target, _agents)) = stage() else {
        return;
    };
    let answer = load(&nats, &target, 4).answer();
    assert_eq!(verdict(&answer), Verdict::Passed, "{}", answer.seen());
    let report = answer.report();
    let load = &report.suites[0].cases[0].attempts[0].loads[0];
    let machines: Vec<_> = load.plan.machines.iter().collect();
    assert_eq!(machines.len(), 3);
    assert_eq!(machines.iter().map(|machine| machine.vus).sum::<u32>(), 12);
    for machine in machines {
        let clock = machine.clock.expect("another process has another clock");
        assert!(Duration::from_nanos(clock.uncertainty_ns) < Duration::from_millis(100));
    }
    let outcome = outcome(&report);
    assert_eq!((outcome.iterations, outcome.dropped), (360, 0));
    let told = &outcome.requests[0].latency.succeeded;
    let all = distributions(&answer);
    let all = all.iter().find(|one| one.metric.starts_with("request "));
    let all = all.unwrap().decode().unwrap();
    assert_eq!((all.len(), told.count), (360, 360));
    let most = told.max;
    for (quantile, told) in [
        (0.5, told.p50),
        (0.9, told.p90),
        (0.95, told.p95),
        (0.99, told.p99),
        (0.999, told.p999),
    ] {
        // The top of a bucket may lie above all that is in it; the greatest value is known exactly.
        let recomputed = all.value_at_quantile(quantile).min(most);
        assert_eq!(recomputed, told, "{quantile}");
    }
}

#[test]
fn a_load_that_loses_an_agent_is_errored_and_names_it() {
    let Some((nats, target, mut agents)) = stage() else {
        return;
    };
    let run = load(&nats, &target, 120);
    killed_in_a_load(&run, &mut agents[1]);
    let answer = run.answer();
    assert_eq!(verdict(&answer), Verdict::Errored, "{}", answer.seen());
    let report = answer.report();
    let load = &report.suites[0].cases[0].attempts[0].loads[0];
    let lost = load.end.as_ref().unwrap().lost.as_ref().unwrap();
    assert_eq!(lost.machine, "two");
    assert!(answer.stdout.contains("`two`"), "{}", answer.stdout);
    assert_eq!(answer.exit, Some(6), "no plugin is to blame");
}

#[test]
fn an_agent_that_is_asked_to_end_in_the_middle_of_a_load_is_told_to_have_left() {
    let Some((nats, target, mut agents)) = stage() else {
        return;
    };
    let run = load(&nats, &target, 120);
    has_begun(&run);
    agents[1].signal(Signal::INT);
    assert_eq!(agents[1].exit(), Some(0), "{}", agents[1].output());
    let answer = run.answer();
    assert_eq!(verdict(&answer), Verdict::Errored, "{}", answer.seen());
    let report = answer.report();
    let load = &report.suites[0].cases[0].attempts[0].loads[0];
    let lost = load.end.as_ref().unwrap().lost.as_ref().unwrap();
    assert_eq!(lost.machine, "two");
    assert_eq!(lost.reason, "its agent `two` left: it was ended there");
    let [gone] = &*report.run.as_ref().unwrap().lost_agents else {
        panic!("{}", answer.seen());
    };
    let left = "it left: it was ended there";
    assert!(gone.message.starts_with(left), "{}", gone.message);
}

/// Ends an agent of a load that has begun.
fn killed_in_a_load(run: &Running, agent: &mut HostAgent) {
    has_begun(run);
    agent.kill();
}

fn has_begun(run: &Running) {
    eventually("the load has begun", || {
        let log = run.log();
        log.contains("\"event\":\"load_went\"")
            .then_some(())
            .ok_or(log)
    });
}

#[test]
fn a_load_that_loses_an_agent_is_refilled_by_the_others_if_that_is_wished_and_tells_the_hole() {
    let Some((nats, target, mut agents)) = stage() else {
        return;
    };
    let run = load_with(&nats, &target, 60, &["--refill=30"]);
    killed_in_a_load(&run, &mut agents[1]);
    let answer = run.answer();
    assert_eq!(verdict(&answer), Verdict::Passed, "{}", answer.seen());
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
    let report = answer.report();
    let end = report.suites[0].cases[0].attempts[0].loads[0].end.as_ref();
    let end = end.unwrap();
    let [refill] = &*end.refilled else {
        panic!("{:?}", end.refilled);
    };
    assert_eq!((&*refill.lost.machine, refill.lost.vus), ("two", 4));
    let mut by: Vec<_> = refill
        .by
        .iter()
        .map(|one| (&*one.machine, one.vus))
        .collect();
    by.sort_unstable();
    assert_eq!(by, [("one", 2), ("three", 2)]);
    let outcome = outcome(&report);
    // 30 starts a second were its own.
    let hole = refill.hole_ns().unwrap();
    // Of 12 virtual users each taker makes two, from when it began.
    let from = Duration::from_nanos(refill.from_ns);
    let begun = refill
        .by
        .iter()
        .map(|one| Duration::from_nanos(one.begun_ns.unwrap()).saturating_sub(from));
    let missing = begun.sum::<Duration>().as_secs_f64() * 2.0 / 12.0 / 60.0 * 100.0;
    assert!((refill.missing_percent - missing).abs() < 0.1, "{refill:?}");
    let missed = hole * 30 / 1_000_000_000;
    assert!(refill.dropped.abs_diff(missed) <= 2, "{refill:?}");
    assert_eq!(outcome.dropped, refill.dropped);
    let all = outcome.iterations + outcome.dropped + u64::from(refill.under_way);
    // What ends while a delta is taken is in the next one, which was never told.
    assert!(all.abs_diff(90 * 60) <= 4, "{all}: {outcome:?}");
    assert_eq!(
        outcome.requests[0].latency.succeeded.count,
        outcome.iterations
    );
    assert!(
        answer.stdout.contains("two was lost after"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_load_of_which_more_is_missing_than_was_wished_is_lost_and_says_how_much() {
    let Some((nats, target, mut agents)) = stage() else {
        return;
    };
    // A third of it, for the 21 s after which an agent that says nothing is lost.
    let run = load_with(&nats, &target, 60, &["--refill"]);
    killed_in_a_load(&run, &mut agents[1]);
    let answer = run.answer();
    assert_eq!(verdict(&answer), Verdict::Errored, "{}", answer.seen());
    assert_eq!(answer.exit, Some(6), "no plugin is to blame");
    let told = "% of the load was not made by then, and 5 % is the most that was wished";
    assert!(answer.stdout.contains(told), "{}", answer.stdout);
}

#[test]
fn a_load_that_counts_is_lost_with_its_agent_whatever_is_wished() {
    let Some((nats, target, mut agents)) = stage() else {
        return;
    };
    let counts = ["--refill", "--set", "load.each=100000"];
    let run = load_with(&nats, &target, 60, &counts);
    killed_in_a_load(&run, &mut agents[1]);
    let answer = run.answer();
    assert_eq!(verdict(&answer), Verdict::Errored, "{}", answer.seen());
    assert_eq!(answer.exit, Some(6), "no plugin is to blame");
    assert!(
        answer.stdout.contains("it counts iterations"),
        "{}",
        answer.stdout
    );
}
