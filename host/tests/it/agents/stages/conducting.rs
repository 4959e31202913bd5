//! While an entry runs at the conducting host, and agents wait: a setup, an exclusive case that has made a fault, and a teardown.

use super::*;

const SETUP: &str = "conducts-setup";
const ALONE: &str = "conducts-alone";
const TEARDOWN: &str = "conducts-teardown";

/// A run whose host is at this entry.
fn conducting(entry: &str) -> Option<(Stage, Run)> {
    let stage = Stage::open(&[entry])?;
    let run = stage.run(&["asks", "conducts"], &[]);
    stage.desk.was_asked(entry, 1);
    Some((stage, run))
}

fn an_agent_is_killed(entry: &str) {
    let Some((mut stage, mut run)) = conducting(entry) else {
        return;
    };
    stage.kill_agent(ONE);
    run.names_the_loss_of(ONE);
    stage.desk.release();
    run.ends_with(0);
    run.passed(&ALL, &[ONE]);
    stage.serves_the_next_run();
}

fn the_host_is_killed(entry: &str) {
    let Some((stage, mut run)) = conducting(entry) else {
        return;
    };
    run.kill();
    run.is_healed();
    stage.serves_the_next_run();
}

fn the_server_is_killed(entry: &str) {
    let Some((mut stage, mut run)) = conducting(entry) else {
        return;
    };
    stage.restart_server();
    stage.desk.release();
    run.ends_with(0);
    run.passed(&ALL, &[]);
    assert_eq!(stage.desk.count(entry), 1, "it is not run again");
    stage.serves_the_next_run();
}

#[test]
fn an_agent_that_is_killed_during_a_setup_of_the_host_is_named() {
    an_agent_is_killed(SETUP);
}

#[test]
fn an_agent_that_is_killed_during_an_exclusive_case_of_the_host_is_named() {
    an_agent_is_killed(ALONE);
}

#[test]
fn an_agent_that_is_killed_during_a_teardown_of_the_host_is_named() {
    an_agent_is_killed(TEARDOWN);
}

#[test]
fn a_host_that_is_killed_during_its_setup_leaves_nothing_and_its_agents_go() {
    the_host_is_killed(SETUP);
}

#[test]
fn a_host_that_is_killed_with_a_fault_leaves_none_after_a_heal_and_its_agents_go() {
    the_host_is_killed(ALONE);
}

#[test]
fn a_host_that_is_killed_during_its_teardown_leaves_nothing_and_its_agents_go() {
    the_host_is_killed(TEARDOWN);
}

#[test]
fn a_server_that_is_killed_during_a_setup_of_the_host_changes_nothing() {
    the_server_is_killed(SETUP);
}

#[test]
fn a_server_that_is_killed_during_a_fault_of_the_host_changes_nothing() {
    the_server_is_killed(ALONE);
}

#[test]
fn a_server_that_is_killed_during_a_teardown_of_the_host_changes_nothing() {
    the_server_is_killed(TEARDOWN);
}
