//! What the engine's API sends and takes, as far as it is used here: <https://docs.docker.com/reference/api/engine/>.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Labels of a container or a network.
pub(super) type Labels = HashMap<String, String>;

/// A container in a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    pub(super) id: String,
    #[serde(default)]
    pub(super) labels: Labels,
    #[serde(default)]
    pub(super) state: String,
}

/// A network in a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Network {
    pub(super) name: String,
    #[serde(default)]
    pub(super) labels: Labels,
}

/// The list of volumes; an engine without any sends null.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Volumes {
    pub(super) volumes: Option<Vec<Value>>,
}

/// A container as `inspect` shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Inspected {
    pub(super) state: InspectedState,
    pub(super) host_config: HostConfig,
    pub(super) network_settings: NetworkSettings,
}

/// Whether a container runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct InspectedState {
    pub(super) running: bool,
    pub(super) paused: bool,
    pub(super) exit_code: i32,
}

/// The limits of a container. 0 is none.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HostConfig {
    pub(super) memory: i64,
    pub(super) memory_swap: i64,
    pub(super) nano_cpus: i64,
    pub(super) cpu_quota: i64,
    pub(super) cpu_period: i64,
}

/// The networks of a container, and the ports that are published, such as `80/tcp`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct NetworkSettings {
    pub(super) ports: HashMap<String, Option<Vec<Binding>>>,
    pub(super) networks: BTreeMap<String, Endpoint>,
}

/// Where a port is published.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Binding {
    pub(super) host_ip: String,
    pub(super) host_port: String,
}

/// What a container is on a network: what was asked for when it was made. The engine chooses the rest, such as most addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Endpoint {
    pub(super) aliases: Option<Vec<String>>,
    /// The address, if it was chosen by hand.
    #[serde(rename = "IPAMConfig")]
    pub(super) ipam_config: Option<Value>,
    pub(super) links: Option<Vec<String>>,
    pub(super) driver_opts: Option<HashMap<String, String>>,
}

/// A change of limits; what is none stays.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_swap: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nano_cpus: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_quota: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_period: Option<i64>,
}

/// One sample of what a container uses.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    #[serde(rename = "memory_stats")]
    pub(super) memory: MemoryStats,
    #[serde(rename = "cpu_stats")]
    pub(super) cpu: CpuStats,
    #[serde(rename = "pids_stats")]
    pub(super) pids: PidsStats,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MemoryStats {
    pub(super) stats: HashMap<String, u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CpuStats {
    pub(super) cpu_usage: CpuUsage,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CpuUsage {
    /// Nanoseconds.
    pub(super) total_usage: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PidsStats {
    /// Tasks: threads of all processes.
    pub(super) current: Option<u32>,
}
