//! What the things of a run are called on the server. Everything has the run in its name, so runs share a server without meeting, and what a
//! dead coordinator left is known by its name.

use crate::identity::{AgentId, RunId};

/// Where agents listen to all coordinators.
pub(crate) const CALL: &str = "assay.call";
/// How each stream of a run begins. That of its plugins has the object store's own prefix before it.
const STREAM: &str = "assay-";
const OBJECT_STORE: &str = "OBJ_";
const SHARDS: &str = "-shards";
const EVENTS: &str = "-events";
const PLUGINS: &str = "-plugins";
/// The consumer of shards that any agent may take.
pub(crate) const ANYBODY: &str = "anybody";

/// Names of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    run: RunId,
}

impl Names {
    pub(crate) fn new(run: RunId) -> Self {
        Self { run }
    }

    /// The stream of shards that wait for an agent.
    pub(crate) fn shards(&self) -> String {
        format!("{STREAM}{}{SHARDS}", self.run)
    }

    /// The stream of what agents tell.
    pub(crate) fn events(&self) -> String {
        format!("{STREAM}{}{EVENTS}", self.run)
    }

    /// The bucket of plugins.
    pub(crate) fn plugins(&self) -> String {
        format!("{STREAM}{}{PLUGINS}", self.run)
    }

    /// All subjects of the stream of shards.
    pub(crate) fn shard_subjects(&self) -> String {
        self.subject("shards.>")
    }

    /// Where a shard waits that any agent may take.
    pub(crate) fn shard_for_anybody(&self) -> String {
        self.subject("shards.any")
    }

    /// Where a shard waits that one agent is to take.
    pub(crate) fn shard_for(&self, agent: &AgentId) -> String {
        self.subject(&format!("shards.to.{agent}"))
    }

    /// Where agents tell what happens, and the only subject of the stream of events.
    pub(crate) fn told(&self) -> String {
        self.subject("events")
    }

    /// Where agents ask whether they may run a shard.
    pub(crate) fn claim(&self) -> String {
        self.subject("claim")
    }

    /// Where one agent hears what is said to its shards.
    pub(crate) fn said(&self, agent: &AgentId) -> String {
        self.subject(&format!("said.{agent}"))
    }

    /// Where agents say that they are alive, and are told how the run is.
    pub(crate) fn beat(&self) -> String {
        self.subject("beat")
    }

    /// Where the coordinator says to all agents at once how the run is.
    pub(crate) fn pulse(&self) -> String {
        self.subject("pulse")
    }

    /// Where a living coordinator answers.
    pub(crate) fn alive(&self) -> String {
        self.subject("alive")
    }

    fn subject(&self, rest: &str) -> String {
        format!("assay.run.{}.{rest}", self.run)
    }
}

/// Where one agent listens to offers of runs.
pub(crate) fn offer(agent: &AgentId) -> String {
    format!("assay.agent.{agent}.offer")
}

/// Where one agent says what its clock shows.
pub(crate) fn clock(agent: &AgentId) -> String {
    format!("assay.agent.{agent}.clock")
}

/// The run whose stream this is; none of a stream that is no run's.
pub(crate) fn run_of(stream: &str) -> Option<RunId> {
    let name = stream.strip_prefix(OBJECT_STORE).unwrap_or(stream);
    let rest = name.strip_prefix(STREAM)?;
    [SHARDS, EVENTS, PLUGINS]
        .into_iter()
        .find_map(|kind| rest.strip_suffix(kind)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{Names, run_of};
    use crate::identity::RunId;

    #[test]
    fn a_run_is_found_again_by_each_of_its_streams_and_by_nobody_else_s() {
        let run: RunId = "run-1".parse().unwrap();
        let names = Names::new(run.clone());
        let bucket = format!("OBJ_{}", names.plugins());
        for stream in [names.shards(), names.events(), bucket] {
            assert_eq!(run_of(&stream), Some(run.clone()), "{stream}");
        }
        for stream in [
            "orders",
            "assay-",
            "assay--events",
            "assay-X-events",
            "OBJ_x",
            "assay-run-1",
        ] {
            assert_eq!(run_of(stream), None, "{stream}");
        }
    }
}
