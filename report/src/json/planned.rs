//! A suite of the document before anything of it ran, and where what ran is put.

use super::document::{Attempt, Case, JudgedBaseline, Plugin, Suite};
use crate::{event::PluginInfo, verdict::Verdict};

impl Suite {
    /// As the first event names it.
    pub(super) fn planned(info: &PluginInfo) -> Self {
        Self {
            name: info.suite.clone(),
            version: info.version.clone(),
            summary: info.summary.clone(),
            plugin: Plugin {
                file: info.file.clone(),
                digest: info.digest.clone(),
                size: info.size,
            },
            verdict: None,
            duration_ns: None,
            setup: None,
            cases: info
                .cases
                .iter()
                .map(|case| Case {
                    name: case.name.clone(),
                    summary: case.summary.clone(),
                    tags: case.tags.clone(),
                    location: case.location.clone(),
                    verdict: None,
                    reason: None,
                    duration_ns: 0,
                    attempts: Vec::new(),
                })
                .collect(),
            teardown: None,
            baselines: info
                .baselines
                .iter()
                .map(|baseline| JudgedBaseline {
                    baseline: baseline.clone(),
                    judgements: Vec::new(),
                })
                .collect(),
            requests: Vec::new(),
            streams: Vec::new(),
            notable_streams: Vec::new(),
            metrics: Vec::new(),
            proposal: None,
        }
    }

    pub(super) fn case(&mut self, name: &str) -> Option<&mut Case> {
        self.cases.iter_mut().find(|case| case.name == name)
    }

    /// Puts an attempt where it belongs. No case can be named `setup` or `teardown`. A merged run has one of each for each shard: the worst is
    /// kept.
    pub(super) fn add(&mut self, entry: &str, attempt: Attempt) {
        match entry {
            "setup" => keep_worse(&mut self.setup, attempt),
            "teardown" => keep_worse(&mut self.teardown, attempt),
            name => {
                if let Some(case) = self.case(name) {
                    case.attempts.push(attempt);
                }
            }
        }
    }
}

fn keep_worse(known: &mut Option<Attempt>, other: Attempt) {
    // One without an ending was cut off with all the rest.
    let gravity = |attempt: &Attempt| {
        let outcome = attempt.outcome.as_ref();
        outcome.map_or(Verdict::Errored, |outcome| outcome.verdict)
    };
    let is_worse = known
        .as_ref()
        .is_none_or(|known| gravity(&other) > gravity(known));
    if is_worse {
        *known = Some(other);
    }
}
