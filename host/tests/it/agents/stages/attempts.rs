//! While a setup, a case or a teardown runs at an agent that is killed. The host and the server, killed then, are those of `losses`.

use super::*;

const CASES: [&str; 2] = ["asks/first", "asks/second"];

fn its_agent_is_killed(entry: &str) {
    let held = format!("asks-{entry}");
    let Some(mut stage) = Stage::open(&[&held]) else {
        return;
    };
    let mut run = stage.run(&["asks"], &[]);
    stage.desk.was_asked(&held, 1);
    let lost = agent_of(&run, entry);
    stage.kill_agent(lost);
    stage.desk.release();
    run.ends_with(0);
    run.passed(&CASES, &[lost]);
    assert_eq!(stage.desk.count(&held), 2, "another agent runs it");
    stage.serves_the_next_run();
}

/// At which agent it runs, as the log tells it.
fn agent_of(run: &Run, entry: &str) -> &'static str {
    eventually("the log says where it runs", || {
        let log = run.place.log();
        let placed = log.lines().find_map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).ok()?;
            let is_entry = event["source"]["entry"] == entry;
            let agent = event["agent"].as_str().filter(|_| is_entry)?;
            [ONE, TWO].into_iter().find(|name| *name == agent)
        });
        placed.ok_or(log)
    })
}

#[test]
fn a_setup_whose_agent_is_killed_is_run_by_another_one() {
    its_agent_is_killed("setup");
}

#[test]
fn a_case_whose_agent_is_killed_is_run_by_another_one_beside_the_others() {
    its_agent_is_killed("first");
}

#[test]
fn a_teardown_whose_agent_is_killed_is_run_by_another_one() {
    its_agent_is_killed("teardown");
}
