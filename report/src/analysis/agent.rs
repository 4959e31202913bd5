//! Attempts of which nothing is known because of an agent: it was lost, or broke, and no service is to blame.

use super::judge::{Attempt, Finding, headline_of};
use crate::{event::Reason, words::clean};

/// The cause if an attempt was not good for the agent that it, or a share of its load, was at.
pub(super) fn judge(attempt: &Attempt<'_>, reason: &Reason) -> Option<Finding> {
    let names = suspects(attempt);
    let [_, others @ ..] = &*names else {
        return None;
    };
    let (agents, whose) = if others.is_empty() {
        ("the agent", "its machine and its network are")
    } else {
        ("the agents", "their machines and their networks are")
    };
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let agents = format!("{agents} {}", quoted.join(", "));
    Some(Finding {
        subject: Some(clean(&attempt.system.environment)),
        advice: Some(format!(
            "see the output of {agents}, and how {whose}, and run it again"
        )),
        common: headline_of(&reason.message),
        detail: agents,
        ..attempt.at_its_end()
    })
}

/// Who made it so: whose share of a load is lost, who had the attempt, or, where nobody was left to have it, who was lost before.
fn suspects(attempt: &Attempt<'_>) -> Vec<String> {
    let mut loads = attempt.trail.loads.iter();
    let of_load = loads.find_map(|load| load.end.as_ref()?.end.lost.as_ref());
    let of_load = of_load.map(|loss| &loss.machine);
    match of_load.or(attempt.trail.agent.as_ref()) {
        Some(name) => vec![clean(name)],
        None => attempt.system.lost_agents.clone(),
    }
}
