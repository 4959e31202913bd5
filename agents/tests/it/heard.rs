//! A sink that remembers what it was told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use assay_agents::{
    coordinator::Handle,
    identity::AgentId,
    shard::{Loss, Shard, ShardNumber},
    sink::{Sink, Told},
};
use tokio::sync::watch;

/// All that was told, for a test that looks while the run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Told>>>);

impl Heard {
    pub(crate) fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }

    /// The numbers of the events of each shard, in the order in which they were told.
    pub(crate) fn events(&self) -> BTreeMap<u32, Vec<u64>> {
        let mut events: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for told in self.all() {
            if let Told::Event { shard, event, .. } = told {
                events.entry(shard.0).or_default().push(event.sequence);
            }
        }
        events
    }

    /// To whom shards were given, in order.
    pub(crate) fn given(&self) -> Vec<(u32, u32, AgentId)> {
        let given = |told| match told {
            Told::Given {
                shard,
                attempt,
                agent,
            } => Some((shard.0, attempt, agent)),
            _ => None,
        };
        self.all().into_iter().filter_map(given).collect()
    }

    pub(crate) fn losses(&self) -> Vec<(ShardNumber, Loss)> {
        let losses = |told| match told {
            Told::Lost { shard, loss } => Some((shard, loss)),
            _ => None,
        };
        self.all().into_iter().filter_map(losses).collect()
    }

    pub(crate) fn has(&self, wanted: impl Fn(&Told) -> bool) -> bool {
        self.0.lock().unwrap().iter().any(wanted)
    }
}

/// Writes into [`Heard`], and may be slow, add shards, or have a problem.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) heard: Heard,
    /// Nothing is taken as long as it shows false.
    pub(crate) open: Option<watch::Receiver<bool>>,
    /// What replaces a shard that was lost.
    pub(crate) replacement: Option<(Handle, Shard)>,
    /// Says so once an event was told.
    pub(crate) problem: Option<&'static str>,
}

impl Sink for Recorder {
    async fn take(&mut self, told: Told) -> Result<(), String> {
        if let Some(open) = &mut self.open {
            open.wait_for(|open| *open).await.unwrap();
        }
        if matches!(told, Told::Lost { .. })
            && let Some((handle, shard)) = self.replacement.take()
        {
            handle.add(shard).unwrap();
        }
        if let (Told::Event { .. }, Some(problem)) = (&told, self.problem) {
            return Err(problem.to_owned());
        }
        self.heard.0.lock().unwrap().push(told);
        Ok(())
    }
}
