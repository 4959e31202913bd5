//! The run so far and its parts as they were last looked at. A look costs time, so there is at most one in a while, and after a dear one a
//! longer while.

use std::{fmt, sync::Arc, time::Duration};

use assay_report::{
    event::Event,
    html::live::{Live, Moment, Part},
};
use tokio::time::Instant;

use crate::Limits;

/// What is known and what is shown of it.
#[derive(Debug)]
pub(crate) struct Board {
    live: Live,
    /// When the last event happened in the run, and when it was heard.
    last: Option<(u64, Instant)>,
    is_over: bool,
    left_out: u64,
    shown: Vec<Shown>,
    version: u64,
    /// Before this moment there is no further look.
    due: Instant,
    interval: Duration,
    rest: u32,
}

/// A part as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) part: Part,
    pub(crate) html: Arc<str>,
    /// The first look that had it so.
    pub(crate) since: u64,
}

impl Board {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            live: Live::default(),
            last: None,
            is_over: false,
            left_out: 0,
            shown: Vec::new(),
            version: 0,
            due: Instant::now(),
            interval: limits.interval,
            rest: limits.rest,
        }
    }

    /// Takes in an event.
    pub(crate) fn event(&mut self, event: &Event) {
        self.last = Some((event.at_ns, Instant::now()));
        self.live.event(event);
    }

    /// So many events were left out before they came here.
    pub(crate) fn left_out(&mut self, events: u64) {
        self.left_out = events;
    }

    /// Nothing more comes.
    pub(crate) fn over(&mut self) {
        self.is_over = true;
        self.due = Instant::now();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// When the next look may be.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Of the last look, from 1 on; 0 before the first.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The look that a viewer has seen who says so. One that there was not is of no use, and the last one is told again with the end.
    pub(crate) fn seen(&self, version: u64) -> u64 {
        if version > self.version || self.is_over {
            0
        } else {
            version
        }
    }

    /// Looks at the run, unless it is too early for it or all is shown that ever will be.
    pub(crate) fn look(&mut self) -> Result<(), fmt::Error> {
        let begun = Instant::now();
        if begun < self.due {
            return Ok(());
        }
        let fragments = self.live.fragments(self.moment(begun))?;
        self.version += 1;
        let before = std::mem::take(&mut self.shown);
        self.shown = fragments
            .into_iter()
            .enumerate()
            .map(|(place, fragment)| match before.get(place) {
                Some(shown) if *shown.html == *fragment.html => shown.clone(),
                _ => Shown {
                    part: fragment.part,
                    html: fragment.html.into(),
                    since: self.version,
                },
            })
            .collect();
        let cost = begun.elapsed();
        self.due = Instant::now() + self.interval.max(cost.saturating_mul(self.rest));
        Ok(())
    }

    /// What has changed since a look.
    pub(crate) fn since(&self, version: u64) -> impl Iterator<Item = &Shown> {
        self.shown.iter().filter(move |shown| shown.since > version)
    }

    /// In words, if anything was left out.
    pub(crate) fn note(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            format!(
                "{} details came faster than this page takes them in: the reports have them all.",
                self.left_out
            )
        })
    }

    fn moment(&self, now: Instant) -> Moment {
        match self.last {
            _ if self.is_over => Moment::Over,
            None => Moment::Running(0),
            Some((at_ns, heard)) => {
                let since = u64::try_from((now - heard).as_nanos()).unwrap_or(u64::MAX);
                Moment::Running(at_ns.saturating_add(since))
            }
        }
    }
}
