//! What the whole run was told, from what its shards were.

use std::{collections::BTreeMap, time::SystemTime};

use super::{Head, MergeError};
use crate::event::{CaseInfo, LogVersion, MergedShard, PluginInfo, RunInfo};

/// The first event of the whole run, and how much later than it each shard began, in nanoseconds and in their order.
pub(super) fn whole(heads: &[Head]) -> Result<(RunInfo, Vec<u64>), MergeError> {
    let starts = heads.iter().map(began).collect::<Result<Vec<_>, _>>()?;
    let begin = starts.iter().min().copied();
    let offsets: Vec<u64> = starts
        .iter()
        .map(|start| since(begin.unwrap_or(*start), *start))
        .collect();
    // The earliest one; of several the first.
    let earliest = heads.iter().zip(&offsets).find(|(_, offset)| **offset == 0);
    let Some((earliest, first)) = earliest.map(|(head, _)| head).zip(heads.first()) else {
        return Err(MergeError::Nothing);
    };
    let shards = heads.iter().zip(&offsets);
    let info = RunInfo {
        schema: LogVersion::default(),
        run_id: format!("{}-merged", earliest.info.run_id),
        started_at: earliest.info.started_at.clone(),
        jobs: heads
            .iter()
            .fold(0_u32, |sum, head| sum.saturating_add(head.info.jobs)),
        shard: None,
        merged: shards.map(|(head, offset)| merged(head, *offset)).collect(),
        plugins: plugins(heads),
        ..first.info.clone()
    };
    Ok((info, offsets))
}

/// How many shards have cases of each suite.
pub(super) fn suites(heads: &[Head]) -> BTreeMap<String, usize> {
    let mut suites = BTreeMap::new();
    for plugin in heads.iter().flat_map(|head| &head.info.plugins) {
        *suites.entry(plugin.suite.clone()).or_default() += 1;
    }
    suites
}

fn began(head: &Head) -> Result<SystemTime, MergeError> {
    let text = &head.info.started_at;
    humantime::parse_rfc3339(text).map_err(|_| MergeError::NoTime {
        path: head.path.clone(),
        text: text.clone(),
    })
}

fn since(begin: SystemTime, start: SystemTime) -> u64 {
    let later = start.duration_since(begin).unwrap_or_default();
    u64::try_from(later.as_nanos()).unwrap_or(u64::MAX)
}

fn merged(head: &Head, started_after_ns: u64) -> MergedShard {
    let info = &head.info;
    MergedShard {
        shard: head.shard,
        run_id: info.run_id.clone(),
        started_after_ns,
        seed: info.seed,
        jobs: info.jobs,
    }
}

/// Each plugin once, with the cases of all shards by their names: no log has the order of the plan.
fn plugins(heads: &[Head]) -> Vec<PluginInfo> {
    let mut plugins: Vec<PluginInfo> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for plugin in heads.iter().flat_map(|head| &head.info.plugins) {
        let place = *places.entry(&plugin.suite).or_insert(plugins.len());
        match plugins.get_mut(place) {
            Some(known) => known.cases.extend(plugin.cases.iter().cloned()),
            None => plugins.push(plugin.clone()),
        }
    }
    // Of one shard they are in the order of the plan still.
    if heads.len() > 1 {
        for plugin in &mut plugins {
            plugin
                .cases
                .sort_by(|one: &CaseInfo, other| one.name.cmp(&other.name));
        }
    }
    plugins
}
