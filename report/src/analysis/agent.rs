//! Attempts of which nothing is known because of an agent: it was lost, or broke, and no service is to blame.

use super::judge::{Attempt, Finding, headline_of};
use crate::{
    event::Reason,
    words::{NOBODY_LEFT, clean, headline},
};

/// Agents that are named, the first ones: who wants to know why looks at one of them.
const MAX_NAMED: usize = 5;

/// The cause if an attempt was not good for the agent that it, or a share of its load, was at.
pub(super) fn judge(attempt: &Attempt<'_>, reason: &Reason) -> Option<Finding> {
    let names = suspects(attempt, &reason.message);
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

/// Who made it so: whose share of a load is lost, who had the attempt if that was lost or is named as the reason, or, where nobody was left to have it,
/// who was lost before. It may be none of them, but what is between them and the run.
fn suspects(attempt: &Attempt<'_>, message: &str) -> Vec<String> {
    let (system, reason) = (attempt.system, headline(message));
    let mut loads = attempt.trail.loads.iter();
    let of_load = loads.find_map(|load| load.end.as_ref()?.end.lost.as_ref());
    let of_load = of_load.map(|loss| &loss.machine);
    let had_it = attempt.trail.agent.as_ref();
    let had_it = had_it.filter(|name| {
        let is_named = reason.contains(&format!("`{name}`"));
        is_named || system.lost_agents.contains(&clean(name))
    });
    match of_load.or(had_it) {
        Some(name) => vec![clean(name)],
        None if reason.contains(NOBODY_LEFT) => {
            let lost = system.lost_agents.iter().take(MAX_NAMED);
            lost.cloned().collect()
        }
        None => Vec::new(),
    }
}
