//! What an event of a shard becomes in the run that is made of all of them. Names and numbers that are of one run must not meet.

use crate::event::{EventKind, Shard};

/// Puts the shard into what would meet its like of another one: setups and teardowns, which each shard has, are told from each other by the
/// number of their attempt, and faults by their own. What is about the whole of a shard says so.
pub(super) fn of_shard(kind: &mut EventKind, shard: Shard) {
    if let Some(source) = kind.owner().attempt()
        && source.is_hook()
    {
        source.attempt = shard.number;
    }
    match kind {
        EventKind::FaultInjected { fault, .. } | EventKind::FaultFailed { fault, .. } => {
            fault.id = fault_id(fault.id, shard);
        }
        EventKind::FaultHealed { healed, .. } => healed.id = fault_id(healed.id, shard),
        EventKind::EnvironmentFailed { message }
        | EventKind::EnvironmentLeft { message }
        | EventKind::EnvironmentAbandoned { message }
        | EventKind::ServiceDied { message, .. }
        | EventKind::AgentLost { message, .. } => {
            message.insert_str(0, &format!("shard {shard}: "));
        }
        EventKind::Interrupted { reason } => {
            *reason = format!("{reason} in shard {shard}");
        }
        _ => {}
    }
}

/// Each shard counts its faults from 1.
fn fault_id(id: u64, shard: Shard) -> u64 {
    id.saturating_sub(1)
        .saturating_mul(shard.of.into())
        .saturating_add(shard.number.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::event::Source;

    #[test]
    fn faults_of_different_shards_never_have_one_number() {
        let mut ids = BTreeSet::new();
        for number in 1..=3 {
            for id in 1..=10 {
                assert!(ids.insert(fault_id(id, Shard { number, of: 3 })));
            }
        }
        assert_eq!(fault_id(7, Shard::WHOLE), 7);
    }

    #[test]
    fn setups_are_told_from_each_other_and_attempts_of_cases_stay() {
        let numbered = |entry: &str| {
            let mut kind = EventKind::AttemptStarted(Source {
                suite: "jobs".to_owned(),
                entry: entry.to_owned(),
                attempt: 1,
            });
            of_shard(&mut kind, Shard { number: 3, of: 4 });
            kind.owner().attempt().map(|source| source.attempt)
        };
        assert_eq!(numbered("setup"), Some(3));
        assert_eq!(numbered("teardown"), Some(3));
        assert_eq!(numbered("a-case"), Some(1));
    }
}
