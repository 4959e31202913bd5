//! The lines about the run as a whole: how it begins, and what becomes of its environment.

use super::{
    detail::render_message,
    text::{BAD, PLAIN, STRONG, WARNING, line},
};
use crate::{
    event::{RunInfo, ServiceInfo, Shard},
    words::{clean, count, duration},
};

/// Names of services that the head of the report holds.
const MAX_SERVICES: usize = 12;

pub(super) fn planned(info: &RunInfo) -> usize {
    info.plugins.iter().map(|plugin| plugin.cases.len()).sum()
}

pub(super) fn head(info: &RunInfo) -> String {
    let shard = info.shard.as_ref();
    let shard = shard.map_or_else(String::new, |shard| format!(", shard {}", shard.words()));
    let merged = match info.merged.len() {
        0 => String::new(),
        shards => format!(", merged from {}", count(shards, "shard")),
    };
    let agents = match info.agents.len() {
        0 => String::new(),
        agents => format!(" with {}", count(agents, "agent")),
    };
    let text = format!(
        "{}: {} of {}{shard}{merged}{agents}, environment {}, profile {}, seed {}, {} at once",
        clean(&info.run_id),
        count(planned(info), "case"),
        count(info.plugins.len(), "suite"),
        clean(&info.environment),
        clean(&info.profile),
        info.seed,
        info.jobs,
    );
    line("run", STRONG, &text)
}

pub(super) fn ready(services: &[ServiceInfo], duration_ns: u64, of_shard: Option<u32>) -> String {
    let mut names: Vec<_> = services
        .iter()
        .take(MAX_SERVICES)
        .map(|service| clean(&service.name))
        .collect();
    let further = services.len() - names.len();
    if further > 0 {
        names.push(format!("and {further} more"));
    }
    let shard = of_shard.map_or_else(String::new, |number| format!(", in shard {number}"));
    let text = format!(
        "{} after {}{shard}",
        names.join(", "),
        duration(duration_ns)
    );
    line("ready", PLAIN, &text)
}

pub(super) fn environment_failed(message: &str) -> String {
    let mut text = line("errored", BAD, "the environment could not be brought up");
    text.push_str(&render_message(message));
    text
}

pub(super) fn service_died(service: &str, message: &str) -> String {
    let mut text = line("died", BAD, &format!("{}, by itself", clean(service)));
    text.push_str(&render_message(message));
    text
}

pub(super) fn environment_left(message: &str) -> String {
    let mut text = line(
        "left",
        BAD,
        "not all of the environment could be taken down",
    );
    text.push_str(&render_message(message));
    text
}

pub(super) fn environment_abandoned(message: &str) -> String {
    let mut text = line(
        "abandoned",
        WARNING,
        "something of the environment that only the engine can free",
    );
    text.push_str(&render_message(message));
    text
}

/// It is no failure by itself: what it ran is run by another one, or is errored for its own reason.
pub(super) fn agent_lost(agent: &str, message: &str) -> String {
    let mut text = line("lost", WARNING, &format!("agent {}", clean(agent)));
    text.push_str(&render_message(message));
    text
}

pub(super) fn shard_lost(shard: Shard, message: &str) -> String {
    let mut text = line("lost", BAD, &format!("shard {shard}"));
    text.push_str(&render_message(message));
    text
}
