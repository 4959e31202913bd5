//! One shard on its way: its log, read event by event, and what it has promised and not told yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{Head, MergeError};
use crate::{
    event::{Event, EventKind, Shard},
    log::Events,
};

/// A shard of which not all is told.
#[derive(Debug)]
pub(super) struct Follow {
    pub(super) shard: Shard,
    path: PathBuf,
    events: Events,
    /// How much later than the first shard it began.
    offset_ns: u64,
    /// The cases that have no verdict yet, by suite. A suite goes with its end.
    untold: BTreeMap<String, BTreeSet<String>>,
    /// The code of its end; none if it has told none.
    exit_code: Option<u8>,
}

/// What a log that ended did not tell.
#[derive(Debug)]
pub(super) struct Untold {
    /// The suites that told no end, and their cases that have no verdict.
    pub(super) suites: BTreeMap<String, BTreeSet<String>>,
    /// None if the run told no end.
    pub(super) exit_code: Option<u8>,
}

impl Follow {
    pub(super) fn new(head: Head, events: Events, offset_ns: u64) -> Self {
        let plugins = head.info.plugins.into_iter();
        let untold = plugins.map(|plugin| {
            let cases = plugin.cases.into_iter().map(|case| case.name);
            (plugin.suite, cases.collect())
        });
        Self {
            shard: head.shard,
            path: head.path,
            events,
            offset_ns,
            untold: untold.collect(),
            exit_code: None,
        }
    }

    /// The next event, with its time in the whole run; none at the end of the log.
    pub(super) fn next(&mut self) -> Result<Option<Event>, MergeError> {
        let Some(event) = self.events.next() else {
            return Ok(None);
        };
        let mut event = event?;
        self.check(&event)?;
        event.at_ns = event.at_ns.saturating_add(self.offset_ns);
        Ok(Some(event))
    }

    /// What is left of its promises.
    pub(super) fn untold(&mut self) -> Untold {
        Untold {
            suites: std::mem::take(&mut self.untold),
            exit_code: self.exit_code,
        }
    }

    /// A host tells each planned case and suite its end once, and nothing after the end of the run.
    fn check(&mut self, event: &Event) -> Result<(), MergeError> {
        let is_as_promised = match &event.kind {
            _ if self.exit_code.is_some() => Err("something after the end of the run"),
            EventKind::RunStarted(_) => Err("another start of a run"),
            EventKind::ShardLost { .. } => Err("a shard of a shard"),
            EventKind::CaseFinished { suite, case, .. } => {
                let cases = self.untold.get_mut(suite);
                let is_new = cases.is_some_and(|cases| cases.remove(case));
                is_new
                    .then_some(())
                    .ok_or("the end of a case that was not planned or has ended")
            }
            EventKind::Measured {
                suite,
                source: None,
                ..
            } => self
                .untold
                .contains_key(suite)
                .then_some(())
                .ok_or("figures of a suite that was not planned or has ended"),
            EventKind::SuiteFinished { suite, .. } => match self.untold.remove(suite) {
                Some(cases) if cases.is_empty() => Ok(()),
                Some(_) => Err("the end of a suite before that of its cases"),
                None => Err("the end of a suite that was not planned or has ended"),
            },
            EventKind::RunFinished { exit_code, .. } => {
                self.exit_code = Some(*exit_code);
                Ok(())
            }
            _ => Ok(()),
        };
        is_as_promised.map_err(|what| MergeError::CannotBe {
            path: self.path.clone(),
            sequence: event.sequence,
            what,
        })
    }
}
