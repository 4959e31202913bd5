//! While a run ends: its last attempt is over, its reports are written, and its agents have not been told yet.

use super::*;

/// The host says to all agents at once that the run is over.
const FAREWELL: &str = ".pulse ";

/// A run whose host is about to say so.
fn ending() -> Option<(Stage, Gate, Run)> {
    let stage = Stage::open(&[])?;
    let gate = Gate::before(&stage.nats, Direction::ToServer, FAREWELL);
    let run = stage.run_by(&gate.url(), &["asks", "conducts"], &[]);
    gate.holds();
    // Whatever happens from now on, this is how it went.
    run.passed(&ALL, &[]);
    Some((stage, gate, run))
}

#[test]
fn an_agent_that_is_killed_when_a_run_ends_costs_nothing() {
    let Some((mut stage, gate, mut run)) = ending() else {
        return;
    };
    stage.kill_agent(ONE);
    gate.open();
    run.ends_with(0);
    run.passed(&ALL, &[]);
    stage.serves_the_next_run();
}

#[test]
fn agents_leave_a_host_that_is_killed_before_it_lets_them_go() {
    let Some((stage, gate, mut run)) = ending() else {
        return;
    };
    run.kill();
    gate.cut();
    run.is_healed();
    run.passed(&ALL, &[]);
    stage.serves_the_next_run();
}

#[test]
fn a_server_that_is_killed_when_a_run_ends_costs_nothing() {
    let Some((mut stage, gate, mut run)) = ending() else {
        return;
    };
    stage.restart_server();
    gate.open();
    run.ends_with(0);
    run.passed(&ALL, &[]);
    stage.serves_the_next_run();
}
