//! Agents in containers of their own: cut off, frozen and killed, as are the host that conducts a run and its NATS server.

use assay_report::{json::document::Report, verdict::Verdict};

use super::team::Team;
use crate::fixtures::fixture;

const NAMES: [&str; 3] = ["one", "two", "three"];
/// A case that waits until its time is over, wherever it runs: then it has failed.
const WAITS: [&str; 2] = ["--filter=faulty/waits-when-told", "--set=faulty.wait=true"];
const LOADS: &str = "--filter=loader/makes-what-the-settings-say";

/// Runs the case that waits, and says at which agent it is.
fn waiting(team: &mut Team, timeout: &str) -> String {
    let timeout = format!("--timeout={timeout}");
    let mut arguments = vec!["--agents=3", &timeout];
    arguments.extend(WAITS);
    team.run(&fixture("faulty"), &arguments);
    team.logs("\"entry\":\"waits-when-told\",\"attempt\":1},\"agent\"");
    let log = team.log();
    let placed = log.lines().rfind(|line| line.contains("\"agent\":"));
    let event: serde_json::Value =
        serde_json::from_str(placed.expect("it is placed")).expect("an event");
    event["agent"].as_str().expect("a name").to_owned()
}

fn loading(team: &mut Team, seconds: u32, per_second: u32) {
    let settings = Team::load(seconds, per_second);
    let mut arguments = vec!["--agents=3", LOADS];
    arguments.extend(settings.iter().map(String::as_str));
    team.run(&fixture("loader"), &arguments);
    team.logs("\"event\":\"load_went\"");
}

/// The case failed for its own reason, at another agent than the lost one, which is named.
fn assert_moved(report: &Report, lost: &str) {
    let case = &report.suites[0].cases[0];
    assert_eq!(case.verdict, Some(Verdict::Failed));
    assert_eq!(case.attempts.len(), 1, "it is the same attempt");
    let agents = &case.attempts[0].agents;
    assert_eq!(agents.len(), 2, "{agents:?}");
    assert!(agents[0] == lost && agents[1] != lost, "{agents:?}");
    let run = report.run.as_ref().expect("a run");
    let named: Vec<_> = run.lost_agents.iter().map(|lost| &lost.agent).collect();
    assert_eq!(named, [lost]);
}

#[test]
fn the_attempt_of_an_agent_that_is_cut_off_moves_and_the_agent_stops_it() {
    let Some(mut team) = Team::open(&NAMES) else {
        return;
    };
    let cut = waiting(&mut team, "3s");
    team.cut_off(&cut);
    let (_, _, report) = team.ended();
    assert_moved(&report, &cut);
    team.says(&cut, "left run");
}

#[test]
fn the_attempt_of_a_frozen_agent_moves_and_the_agent_does_nothing_when_it_wakes() {
    let Some(mut team) = Team::open(&NAMES) else {
        return;
    };
    let frozen = waiting(&mut team, "3s");
    team.does("pause", &frozen);
    let (_, _, report) = team.ended();
    assert_moved(&report, &frozen);
    team.does("unpause", &frozen);
    team.says(&frozen, "left run");
}

#[test]
fn a_load_over_three_containers_is_one_load() {
    let Some(mut team) = Team::open(&NAMES) else {
        return;
    };
    loading(&mut team, 3, 60);
    let (code, shown, report) = team.ended();
    assert_eq!(code, "0", "{shown}");
    let load = &report.suites[0].cases[0].attempts[0].loads[0];
    let names: Vec<_> = load
        .plan
        .machines
        .iter()
        .map(|machine| &*machine.name)
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let outcome = load.end.as_ref().and_then(|end| end.outcome.as_ref());
    assert_eq!(outcome.expect("an outcome").iterations, 180);
}

#[test]
fn a_load_that_loses_a_killed_agent_is_no_load_and_says_whose_part_is_missing() {
    let Some(mut team) = Team::open(&NAMES) else {
        return;
    };
    loading(&mut team, 120, 60);
    team.does("kill", "two");
    let (code, shown, report) = team.ended();
    assert_eq!(code, "6", "no plugin is to blame: {shown}");
    assert_eq!(report.suites[0].cases[0].verdict, Some(Verdict::Errored));
    assert!(shown.contains("`two`"), "{shown}");
}

#[test]
fn agents_of_a_killed_conductor_stop_their_shares() {
    let Some(mut team) = Team::open(&NAMES) else {
        return;
    };
    loading(&mut team, 120, 60);
    team.does("kill", "conductor");
    for agent in NAMES {
        team.says(agent, "left run");
    }
}

#[test]
fn a_killed_server_that_comes_back_loses_no_case() {
    let Some(mut team) = Team::open(&NAMES) else {
        return;
    };
    waiting(&mut team, "8s");
    team.does("kill", "nats");
    team.does("start", "nats");
    let (_, shown, report) = team.ended();
    let case = &report.suites[0].cases[0];
    assert_eq!(case.verdict, Some(Verdict::Failed), "{shown}");
    assert!(report.run.expect("a run").lost_agents.is_empty());
}
