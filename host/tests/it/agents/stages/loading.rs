//! While agents make a load. That of an agent which is killed then ends, as `loads` shows.

use super::*;

const CASE: &str = "loader/makes-what-the-settings-say";
/// What virtual users ask for.
const TARGET: &str = "load";
const PER_SECOND: u64 = 90;

/// A load of so many seconds.
fn settings(stage: &Stage, seconds: u64) -> [String; 5] {
    let settings = [
        "scenario=fires-alone".to_owned(),
        "vus=12".to_owned(),
        format!("parameter=\"{}/{TARGET}\"", stage.desk.url()),
        format!("seconds={seconds}"),
        format!("per-second={PER_SECOND}.0"),
    ];
    settings.map(|setting| format!("--set=load.{setting}"))
}

fn arguments(settings: &[String]) -> Vec<&str> {
    let settings = settings.iter().map(String::as_str);
    ["--filter", CASE].into_iter().chain(settings).collect()
}

/// A run whose agents have told the first second of such a load.
fn loading(seconds: u64) -> Option<(Stage, Run)> {
    let stage = Stage::open(&[])?;
    let settings = settings(&stage, seconds);
    let run = stage.run(&["loader"], &arguments(&settings));
    run.tells("\"event\":\"load_went\"");
    Some((stage, run))
}

/// How much later than the others an agent may begin is less than what the others make of the load meanwhile.
#[test]
fn an_agent_that_hears_too_late_when_to_begin_ends_the_load_and_is_named() {
    // What is said to its share, the moment of the beginning among it.
    let Some((stage, gate)) = Stage::gated(".said.") else {
        return;
    };
    let settings = settings(&stage, 600);
    let mut run = stage.run(&["loader"], &arguments(&settings));
    gate.holds();
    // Half of the load is that of the other agent.
    let two_seconds = usize::try_from(PER_SECOND).unwrap();
    stage.desk.was_asked(TARGET, two_seconds);
    gate.open();
    run.ends_with(6);
    let report = run.report();
    let case = &report.suites[0].cases[0];
    assert_eq!(case.verdict, Some(Verdict::Errored));
    let end = case.attempts[0].loads[0].end.as_ref().unwrap();
    let lost = end.lost.as_ref().unwrap();
    assert_eq!(lost.machine, TWO);
    assert!(lost.reason.contains("it was told to begin"), "{lost:?}");
    assert!(run.said().contains("`two`"), "{}", run.said());
    stage.serves_the_next_run();
}

#[test]
fn agents_make_no_load_any_more_for_a_host_that_is_killed() {
    let Some((stage, mut run)) = loading(600) else {
        return;
    };
    run.kill();
    run.is_healed();
    for agent in stage.agents.values() {
        agent.says("left run");
    }
    let asked = stage.desk.count(TARGET);
    stage.serves_the_next_run();
    assert_eq!(stage.desk.count(TARGET), asked);
}

#[test]
fn a_load_goes_on_and_is_told_in_full_when_the_server_is_started_again() {
    let Some((mut stage, mut run)) = loading(8) else {
        return;
    };
    stage.restart_server();
    run.ends_with(0);
    run.passed(&[CASE], &[]);
    let report = run.report();
    let load = &report.suites[0].cases[0].attempts[0].loads[0];
    let outcome = load.end.as_ref().unwrap().outcome.as_ref().unwrap();
    let (made, dropped) = (outcome.iterations, outcome.dropped);
    assert_eq!(
        made + dropped,
        8 * PER_SECOND,
        "each is made or dropped by name"
    );
    assert_eq!(
        stage.desk.count(TARGET) as u64,
        made,
        "what arrived is what is told"
    );
    stage.serves_the_next_run();
}
