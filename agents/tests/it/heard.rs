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

use super::scripted::Word;

/// All that was told, for a test that looks while the run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Told<Word>>>>);

impl Heard {
    pub(crate) fn all(&self) -> Vec<Told<Word>> {
        self.0.lock().unwrap().clone()
    }

    /// The numbers of the words of each shard, in the order in which they were told.
    pub(crate) fn words(&self) -> BTreeMap<u32, Vec<u64>> {
        let mut words: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for told in self.all() {
            if let Told::Word { shard, word, .. } = told {
                words.entry(shard.0).or_default().push(word.sequence);
            }
        }
        words
    }

    /// What the words of a shard say, in the order in which they were told.
    pub(crate) fn texts(&self, of: u32) -> Vec<String> {
        let text = |told: Told<Word>| match told {
            Told::Word { shard, word, .. } if shard.0 == of => Some(word.text),
            _ => None,
        };
        self.all().into_iter().filter_map(text).collect()
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

    pub(crate) fn has(&self, wanted: impl Fn(&Told<Word>) -> bool) -> bool {
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
    /// Says so once a word was told.
    pub(crate) problem: Option<&'static str>,
}

impl Sink for Recorder {
    type Word = Word;

    async fn take(&mut self, told: Told<Word>) -> Result<(), String> {
        if let Some(open) = &mut self.open {
            open.wait_for(|open| *open).await.unwrap();
        }
        if matches!(told, Told::Lost { .. })
            && let Some((handle, shard)) = self.replacement.take()
        {
            handle.add(shard).unwrap();
        }
        if let (Told::Word { .. }, Some(problem)) = (&told, self.problem) {
            return Err(problem.to_owned());
        }
        self.heard.0.lock().unwrap().push(told);
        Ok(())
    }
}
