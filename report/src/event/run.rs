//! What takes part in a run, as its first events tell it, and how many cases ended how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Agent, Baseline, MergedShard, ShardInfo};
use crate::verdict::Verdict;

/// The versions of the event log. Within a version kinds of events and fields are only added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogVersion {
    /// The first one.
    #[default]
    #[serde(rename = "assay/events/1")]
    V1,
}

impl LogVersion {
    /// The word for it in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::V1 => "assay/events/1",
        }
    }
}

/// What is known when a run starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// Which version the log has. Logs of older hosts do not say it.
    #[serde(default)]
    pub schema: LogVersion,
    /// Unique: time and random letters.
    pub run_id: String,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// Version of the host.
    pub host_version: String,
    /// `assay:suite@0.1.0`.
    pub contract: String,
    /// The environment's name.
    pub environment: String,
    /// The profile's name.
    pub profile: String,
    /// For random choices.
    pub seed: u64,
    /// How many cases run at once.
    pub jobs: u32,
    /// What of the project was run, so that runs of the same can be told from others. Logs of older hosts do not have it.
    #[serde(default)]
    pub provenance: Provenance,
    /// Which part of a plan it is; none if it is the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardInfo>,
    /// The shards that it was merged from, in the order of their numbers; empty if nobody merged it. Then the seed is that of the first of
    /// them, and as many cases ran at once as in all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedShard>,
    /// The agents that run attempts and make loads beside the host that conducts it, by name; empty if it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<Agent>,
    /// In the order of the command line.
    pub plugins: Vec<PluginInfo>,
}

/// Which state of a project was run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// SHA-256 of the settings and of the levels of baselines, hexadecimal: runs with the same one were told the same.
    pub settings_digest: Option<String>,
    /// The commit of the project's folder, and `-dirty` behind it if files differ from it; none if it is not known.
    pub commit: Option<String>,
}

/// A plugin as it takes part in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PluginInfo {
    /// The file as it was named.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The suite's name.
    pub suite: String,
    /// The suite's version.
    pub version: String,
    /// The suite in one line.
    pub summary: String,
    /// The planned cases, in order.
    pub cases: Vec<CaseInfo>,
    /// The baselines with the levels that hold in this run.
    pub baselines: Vec<Baseline>,
}

/// A planned case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseInfo {
    /// Kebab-case.
    pub name: String,
    /// What it proves.
    pub summary: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
}

/// A service of the environment, ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceInfo {
    /// Its name in the environment.
    pub name: String,
    /// Its base URL.
    pub url: String,
    /// Whether this run started it.
    pub managed: bool,
    /// From its start to its first good answer.
    pub ready_after_ns: u64,
    /// The links to it, on which faults can be made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkInfo>,
}

/// A link to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkInfo {
    /// The service that connects, or `client` for the suites.
    pub from: String,
    /// The base URL of the service over the link.
    pub url: String,
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the verdicts' own")]
pub struct RunStats {
    pub passed: u32,
    pub degraded: u32,
    pub failed: u32,
    pub flaky: u32,
    pub skipped: u32,
    pub errored: u32,
}

impl RunStats {
    /// Counts one more case.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Degraded => self.degraded += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Flaky => self.flaky += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::Errored => self.errored += 1,
        }
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        self.passed + self.degraded + self.failed + self.flaky + self.skipped + self.errored
    }
}
