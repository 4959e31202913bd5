//! Agents of one name, such as two on one machine, are told apart in all that is said of a run.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::{AgentInfo, MAX_IDENTITY_BYTES, SHORT_IDENTITY_BYTES};

/// Letters of an identity that stand behind a name that is not enough, until it is.
const LENGTHS: [usize; 3] = [
    SHORT_IDENTITY_BYTES,
    2 * SHORT_IDENTITY_BYTES,
    MAX_IDENTITY_BYTES,
];

/// Gives those whose name another one has, too, a name of their own: theirs with a part of their identity, which may be longer than what an agent may
/// call itself.
pub(super) fn tell(agents: &mut [AgentInfo]) {
    let mut counts = BTreeMap::<_, u32>::new();
    for agent in &*agents {
        *counts.entry(agent.name.clone()).or_default() += 1;
    }
    let mut taken: BTreeSet<_> = counts.keys().cloned().collect();
    for agent in agents {
        if counts.get(&agent.name) == Some(&1) {
            continue;
        }
        let names = LENGTHS.map(|length| agent.named_with(length));
        let free = names.into_iter().find(|name| !taken.contains(name));
        if let Some(name) = free {
            taken.insert(name.clone());
            agent.name = name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AgentInfo, tell};

    fn agent(id: &str, name: &str) -> AgentInfo {
        AgentInfo {
            id: id.parse().unwrap(),
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            contract: "0.1.0".to_owned(),
            words: 1,
            slots: 1,
            processors: 2,
        }
    }

    #[test]
    fn no_two_agents_of_a_run_have_one_name_whatever_they_are_called() {
        let mut agents = [
            agent("abcdef0000001", "worker"),
            agent("abcdef0000002", "worker"),
            agent("123456789", "worker"),
            agent("1", "worker-abcdef"),
            agent("2", "alone"),
        ];
        tell(&mut agents);
        let names = agents.map(|agent| agent.name);
        let expected = [
            "worker-abcdef000000",
            "worker-abcdef0000002",
            "worker-123456",
            "worker-abcdef",
            "alone",
        ];
        assert_eq!(names, expected);
    }
}
