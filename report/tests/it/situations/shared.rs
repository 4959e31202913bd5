//! A run over agents, of which one is lost.

use assay_report::event::Agent;

use super::*;

/// The first attempt is given to an agent that is lost, and then to another one, at which it passes.
pub(crate) fn lost_agent() -> Vec<Event> {
    let case = "a-job-ends";
    let mut run = Recording::of(&[case]);
    let attempt = source(case, 1);
    let placed = |agent: &str| EventKind::AttemptPlaced {
        source: attempt.clone(),
        agent: agent.into(),
    };
    run.start(case, 1).attempt(&attempt);
    run.tell(placed("worker-2"));
    run.tell(EventKind::AgentLost {
        agent: "worker-2".into(),
        message: "nothing was heard of it for too long\nsee its output".into(),
    });
    run.tell(placed("worker-1"));
    run.check(&attempt, check("the job ends", true));
    run.end_attempt(&attempt, passed())
        .end_case(case, passed(), 1);
    let mut events = run.end(Exit::Success);
    if let EventKind::RunStarted(info) = &mut events[0].kind {
        info.agents = ["worker-1", "worker-2"].map(agent).into();
    }
    events
}

fn agent(name: &str) -> Agent {
    Agent {
        name: name.into(),
        version: "0.1.0".into(),
        slots: 2,
        processors: 4,
    }
}
