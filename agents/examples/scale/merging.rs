//! The coordinator's sink: it begins the load once all are ready, merges what they tell as the host does, and remembers how late that was.

use std::time::Duration;

use assay_agents::{
    coordinator::Handle,
    shard::ShardNumber,
    sink::{Sink, Told},
};
use assay_load::{
    generator::thread_time, merge::Merged, outcome::Generator, samples::Samples, share::Division,
    turns::Turns,
};

use super::{
    agents::{Begin, Word, now},
    proc,
    share::{SECONDS, fill, plan},
};

/// From when all are ready to the beginning: each has to be told.
const AHEAD: Duration = Duration::from_secs(3);

pub(crate) struct Merging {
    handle: Handle,
    agents: usize,
    ready: usize,
    merged: Merged,
    pub(crate) seconds: usize,
    /// When the load began, and what this process had used then.
    pub(crate) began: Duration,
    pub(crate) used_before: Duration,
    /// On a processor, for the merging alone.
    pub(crate) on_processor: Duration,
    /// From when a delta was taken to when it was merged.
    pub(crate) delays: Vec<Duration>,
}

impl Merging {
    pub(crate) fn new(handle: Handle, agents: usize) -> Self {
        let division = Division::even(agents).unwrap();
        Self {
            handle,
            agents,
            ready: 0,
            merged: Merged::new(plan(agents), &division).unwrap(),
            seconds: 0,
            began: Duration::ZERO,
            used_before: Duration::ZERO,
            on_processor: Duration::ZERO,
            delays: Vec::new(),
        }
    }

    fn begin(&mut self) {
        self.began = now() + AHEAD;
        self.used_before = proc::used();
        for shard in 0..u32::try_from(self.agents).unwrap() {
            let begin = Begin(self.began);
            self.handle.order(ShardNumber(shard), &begin).unwrap();
        }
    }

    pub(crate) fn agents(&self) -> usize {
        self.agents
    }

    /// Whether all of it is what one machine finds that has all samples: every histogram bucket by bucket, and so every percentile.
    pub(crate) fn check(&self) {
        assert!(self.merged.is_over(), "something has not come");
        let (merged, outcome) = (self.merged.samples(), self.merged.outcome(None, None));
        let whole = Turns::new(plan(self.agents), Samples::new([]).unwrap());
        let log = whole.samples().shard();
        for share in 0..self.agents {
            for second in 1..=SECONDS {
                fill(&log, share, second);
            }
        }
        let of_whole = || whole.outcome(Generator::default(), None).requests;
        assert_eq!(merged.encoded(), whole.samples().encoded());
        assert_eq!(outcome.requests, of_whole());
        // It can fail: a second more of one share is another load.
        fill(&log, 0, SECONDS + 1);
        assert_ne!(merged.encoded(), whole.samples().encoded());
        assert_ne!(outcome.requests, of_whole());
    }
}

impl Sink for Merging {
    type Word = Word;

    async fn take(&mut self, told: Told<Word>) -> Result<(), String> {
        match told {
            Told::Word { word, .. } => match *word {
                Word::Ready => {
                    self.ready += 1;
                    if self.ready == self.agents {
                        self.begin();
                    }
                }
                Word::Delta(delta) => {
                    let before = thread_time();
                    self.merged.add(&delta).map_err(|error| error.to_string())?;
                    self.seconds += self.merged.points().len();
                    self.on_processor += thread_time().saturating_sub(before);
                    let taken = self.began + delta.until();
                    self.delays.push(now().saturating_sub(taken));
                }
            },
            Told::Given { .. } | Told::Ended { .. } => {}
            Told::AgentLost { .. }
            | Told::Returned { .. }
            | Told::NotRun { .. }
            | Told::Lost { .. } => return Err(format!("this was not to happen: {told:?}")),
        }
        Ok(())
    }
}
