//! While agents join a run: nothing has run yet, so a run of which an agent is lost ends at once and says which.

use super::*;

/// A server offers an agent to take part.
const OFFER: &str = ".offer ";
/// A part of a plugin is on its way to an agent.
const PLUGIN: &str = "$JS.ACK.OBJ_";

/// A run that waits for its second agent, while the first one takes part.
fn joining(words: &'static str) -> Option<(Stage, Gate, Run)> {
    let (stage, gate) = Stage::gated(words)?;
    let run = stage.run(&["asks", "conducts"], &[]);
    gate.holds();
    stage.agents[ONE].says("takes part in run");
    Some((stage, gate, run))
}

/// The run never began, and says who is gone and what to do.
fn is_told(run: &mut Run, agent: &str) {
    run.ends_with(6);
    let said = run.said();
    assert!(said.contains(&format!("agent `{agent}` is gone")), "{said}");
    assert!(said.contains("hint: see that agent's output"), "{said}");
    assert!(!said.contains("JetStream"), "{said}");
    assert_eq!(run.place.log(), "", "nothing is run");
}

fn an_agent_is_killed(words: &'static str) {
    let Some((mut stage, gate, mut run)) = joining(words) else {
        return;
    };
    stage.kill_agent(TWO);
    gate.open();
    is_told(&mut run, TWO);
    stage.serves_the_next_run();
}

fn the_host_is_killed(words: &'static str) {
    let Some((stage, gate, mut run)) = joining(words) else {
        return;
    };
    run.kill();
    gate.open();
    run.is_healed();
    stage.serves_the_next_run();
}

fn the_server_is_killed(words: &'static str) {
    let Some((mut stage, gate, mut run)) = joining(words) else {
        return;
    };
    stage.restart_server();
    gate.open();
    run.ends_with(0);
    run.passed(&ALL, &[]);
    stage.serves_the_next_run();
}

#[test]
fn an_agent_that_is_killed_while_it_joins_is_named_and_not_waited_for() {
    an_agent_is_killed(OFFER);
}

#[test]
fn an_agent_that_is_killed_while_it_fetches_plugins_is_named_and_not_waited_for() {
    an_agent_is_killed(PLUGIN);
}

#[test]
fn an_agent_that_is_killed_while_another_one_joins_is_named_and_no_server_is_blamed() {
    let Some((mut stage, gate, mut run)) = joining(OFFER) else {
        return;
    };
    stage.kill_agent(ONE);
    gate.open();
    is_told(&mut run, ONE);
    stage.serves_the_next_run();
}

#[test]
fn agents_leave_a_host_that_is_killed_while_they_join() {
    the_host_is_killed(OFFER);
}

#[test]
fn agents_leave_a_host_that_is_killed_while_they_fetch_plugins() {
    the_host_is_killed(PLUGIN);
}

#[test]
fn an_offer_that_goes_down_with_the_server_is_made_again() {
    the_server_is_killed(OFFER);
}

#[test]
fn a_plugin_that_goes_down_with_the_server_is_fetched_again() {
    the_server_is_killed(PLUGIN);
}
