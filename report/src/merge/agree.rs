//! Whether logs are the shards of one run, by what their first events say. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{Head, MergeError};
use crate::event::{RunInfo, Shard};

/// The shards that there should be and are not.
pub(super) fn missing(heads: &[Head]) -> Vec<Shard> {
    let of = heads.first().map_or(0, |head| head.shard.of);
    let is_there = |number: &u32| heads.iter().any(|head| head.shard.number == *number);
    (1..=of)
        .filter(|number| !is_there(number))
        .map(|number| Shard { number, of })
        .collect()
}

/// Which shard a run is, of so many logs. A whole run is the only shard of its plan.
pub(super) fn shard_of(path: &Path, info: &RunInfo, logs: usize) -> Result<Shard, MergeError> {
    let no_shard = || MergeError::NoShard {
        path: path.to_owned(),
    };
    match &info.shard {
        Some(info) => {
            let Shard { number, of } = info.shard;
            Shard::new(number, of).map_err(|_| no_shard())
        }
        None if logs == 1 && info.merged.is_empty() => Ok(Shard::WHOLE),
        None => Err(no_shard()),
    }
}

/// Refuses logs, in the order of their shards, that are not of one run.
pub(super) fn agree(heads: &[Head]) -> Result<(), MergeError> {
    let Some((first, others)) = heads.split_first() else {
        return Ok(());
    };
    others.iter().try_for_each(|head| same_run(first, head))?;
    same_plugins(heads)?;
    others.iter().try_for_each(|head| same_plan(first, head))?;
    let mut pairs = heads.iter().zip(others);
    if let Some((one, other)) = pairs.find(|(one, other)| one.shard == other.shard) {
        return Err(MergeError::Twice {
            shard: one.shard,
            path: one.path.clone(),
            other: other.path.clone(),
        });
    }
    all_of_the_plan(heads)
}

fn same_run(first: &Head, head: &Head) -> Result<(), MergeError> {
    if head.shard.of != first.shard.of {
        return Err(MergeError::OtherSplit {
            path: head.path.clone(),
            found: head.shard,
            other: first.path.clone(),
            expected: first.shard,
        });
    }
    let facts = facts(&head.info).into_iter().zip(facts(&first.info));
    for ((what, found), (_, expected)) in facts {
        if found != expected {
            let shown = |fact: Option<&str>| {
                fact.map_or_else(|| "not known".to_owned(), |fact| format!("`{fact}`"))
            };
            return Err(MergeError::Other {
                what,
                path: head.path.clone(),
                found: shown(found),
                other: first.path.clone(),
                expected: shown(expected),
            });
        }
    }
    Ok(())
}

/// What is the same in all shards of a run. Their seeds are not, unless somebody gives one.
fn facts(info: &RunInfo) -> [(&'static str, Option<&str>); 6] {
    let provenance = &info.provenance;
    [
        ("the version of the host", Some(&info.host_version)),
        ("the contract", Some(&info.contract)),
        ("the environment", Some(&info.environment)),
        ("the profile", Some(&info.profile)),
        ("the commit", provenance.commit.as_deref()),
        (
            "the digest of the settings",
            provenance.settings_digest.as_deref(),
        ),
    ]
}

/// A suite is of one plugin in all shards that have a case of it.
fn same_plugins(heads: &[Head]) -> Result<(), MergeError> {
    let mut known: BTreeMap<&str, (&str, &Path)> = BTreeMap::new();
    for head in heads {
        for plugin in &head.info.plugins {
            let (digest, other) = *known
                .entry(&plugin.suite)
                .or_insert((&plugin.digest, &head.path));
            if digest != plugin.digest {
                return Err(MergeError::OtherPlugin {
                    suite: plugin.suite.clone(),
                    path: head.path.clone(),
                    other: other.to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn same_plan(first: &Head, head: &Head) -> Result<(), MergeError> {
    let plan = |head: &Head| {
        let info = head.info.shard.as_ref();
        info.map(|info| (info.plan_cases, info.plan_digest.clone()))
    };
    if plan(first) == plan(head) {
        return Ok(());
    }
    Err(MergeError::OtherPlan {
        path: head.path.clone(),
        other: first.path.clone(),
    })
}

/// No case is in two shards, and where all shards are there, so is each case.
fn all_of_the_plan(heads: &[Head]) -> Result<(), MergeError> {
    let Some(info) = heads.first().and_then(|head| head.info.shard.as_ref()) else {
        return Ok(());
    };
    let mut cases = 0;
    let mut ids = BTreeSet::new();
    for plugin in heads.iter().flat_map(|head| &head.info.plugins) {
        for case in &plugin.cases {
            cases += 1;
            ids.insert((plugin.suite.as_str(), case.name.as_str()));
        }
    }
    let found = ids.len() as u64;
    let too_few = found < info.plan_cases && missing(heads).is_empty();
    if found == cases && found <= info.plan_cases && !too_few {
        return Ok(());
    }
    Err(MergeError::NotThePlan {
        found,
        planned: info.plan_cases,
    })
}
