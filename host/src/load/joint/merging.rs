//! What the shares of a load measured, as one load: its seconds, its baselines, the steps of its search, and what came of it.

use std::sync::Arc;
use std::time::Duration;

use assay_load::{
    delta::{Delta, Standing},
    merge::Merged,
    plan::Plan,
    share::Division,
};

use crate::{
    capability::{metrics, recorder::Recorder},
    load::{Refusal, ended::Measured, judging::Judging},
};

/// One load of all shares.
pub(super) struct Merging {
    number: u32,
    merged: Merged,
    judging: Judging,
    recorder: Recorder,
    /// Until when the step of a search that is under way is held.
    step_end: Option<Duration>,
    /// Deltas of later steps, while a share has not told all of this one. A share that tells nothing for a minute is lost, so there are no
    /// more than a minute's.
    held: Vec<Delta>,
    /// Why the load ends early.
    aborted: Option<String>,
    division: Division,
}

impl Merging {
    /// Of a load that has not begun.
    pub(super) fn new(
        number: u32,
        plan: &Plan,
        division: &Division,
        metrics: Arc<metrics::Shared>,
        recorder: Recorder,
    ) -> Result<Self, Refusal> {
        let merged = Merged::new(plan.clone(), division)
            .map_err(|error| Refusal::Limit(error.to_string()))?;
        let judging = Judging::new(plan, merged.samples(), metrics, recorder.clone());
        Ok(Self {
            number,
            step_end: judging.first_step(),
            merged,
            judging,
            recorder,
            held: Vec::new(),
            aborted: None,
            division: division.clone(),
        })
    }

    /// Adds what a share measured. True if a search has found its limit by that, and the load is to end.
    pub(super) fn hear(&mut self, share: usize, delta: Delta) -> Result<bool, Refusal> {
        if delta.share() != share {
            return Err(Refusal::Broke(format!(
                "share {share} told what share {} measured; run all shares of a load with hosts of one version",
                delta.share()
            )));
        }
        self.add_or_hold(delta)?;
        let mut is_found = false;
        while let Some(end) = self.step_end
            && self.merged.reached().is_none_or(|reached| reached >= end)
        {
            let arrived = self.merged.arrived().unwrap_or_default();
            self.step_end = self.judging.step_ended(self.merged.measured(), arrived);
            is_found |= self.step_end.is_none();
            for held in std::mem::take(&mut self.held) {
                self.add_or_hold(held)?;
            }
        }
        Ok(is_found)
    }

    /// What was measured after the step under way is no sample of it.
    fn add_or_hold(&mut self, delta: Delta) -> Result<(), Refusal> {
        if self.step_end.is_some_and(|end| delta.from() >= end) {
            self.held.push(delta);
            return Ok(());
        }
        let added = self.merged.add(&delta);
        added.map_err(|error| Refusal::Broke(error.to_string()))?;
        Ok(())
    }

    /// Why the load is to end now, if a baseline that ends it is missed. Told once.
    pub(super) fn missed(&mut self) -> Option<String> {
        if self.aborted.is_some() {
            return None;
        }
        self.aborted = self.judging.missed(self.merged.measured());
        self.aborted.clone()
    }

    /// Whether the load was told to end before its time.
    pub(super) fn is_ended(&self) -> bool {
        self.aborted.is_some()
    }

    /// How the load is divided.
    pub(super) fn division(&self) -> &Division {
        &self.division
    }

    /// A share is lost: what still comes of it is left out.
    pub(super) fn give_up(&mut self, share: usize) {
        self.merged.give_up(share);
    }

    /// Until when a share has told what it measured, since the start of the load; none if it has told nothing.
    pub(super) fn told_by(&self, share: usize) -> Option<Duration> {
        self.merged.told_by(share)
    }

    /// How a share stood then.
    pub(super) fn standing(&self, share: usize) -> Standing {
        let standing = self.merged.standings().nth(share).flatten();
        standing.copied().unwrap_or_default()
    }

    /// One more share, which makes up for a lost one.
    pub(super) fn make_up_for(&mut self, share: usize) {
        self.merged.make_up_for(share);
    }

    /// One that makes up for another has begun.
    pub(super) fn begin(&mut self, share: usize, at: Duration) {
        self.merged.begin(share, at);
    }

    /// Tells the seconds that are complete.
    pub(super) fn tell_seconds(&mut self) {
        for point in self.merged.points() {
            self.recorder.load_went(self.number, point);
        }
    }

    /// Tells the seconds that are not complete either: nothing comes any more.
    pub(super) fn tell_rest(&mut self) {
        let shares = self.merged.standings().count();
        for share in 0..shares {
            self.merged.give_up(share);
        }
        self.tell_seconds();
    }

    /// Which shares were made by machines that were themselves the limit.
    pub(super) fn saturated(&self) -> impl Iterator<Item = usize> {
        self.merged.saturated().into_iter()
    }

    /// What came of it, once all shares are over. Judges what is to be judged.
    pub(super) fn close(&mut self) -> Result<Measured, Refusal> {
        if !self.merged.is_over() {
            return Err(Refusal::Broke(
                "some of what the shares of the load measured did not come; run it again, and report it if it stays so"
                    .to_owned(),
            ));
        }
        self.tell_seconds();
        let outcome = self
            .merged
            .outcome(self.judging.limit(), self.aborted.take());
        self.judging.close(outcome.elapsed_ns);
        Ok(Measured {
            outcome,
            distributions: self.merged.samples().encoded(),
        })
    }
}
