//! The progress on a terminal: how far the run is and what runs now, a few lines that are drawn anew in place. They are drawn on standard
//! error, so that they are never part of a report.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::now::Now;
use crate::event::{Event, EventKind};

/// How often the lines are drawn anew: their times go on while nothing is told.
const TICK: Duration = Duration::from_millis(100);

/// What is said, and where it is drawn.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    now: Arc<Mutex<Now>>,
}

impl Progress {
    /// On standard error if that is a terminal and it is wanted, else nowhere.
    pub(super) fn new(wanted: bool, width: usize) -> Self {
        let target = if wanted {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            now: Arc::new(Mutex::new(Now::new(width))),
        }
    }

    /// Takes in an event. The first one of a run has the lines drawn.
    pub(super) fn event(&self, event: &Event) {
        if self.bar.is_hidden() {
            return;
        }
        locked(&self.now).event(event, Instant::now());
        if let EventKind::RunStarted(_) = event.kind {
            self.begin();
        }
    }

    fn begin(&self) {
        let now = Arc::clone(&self.now);
        let write = move |_: &ProgressState, text: &mut dyn fmt::Write| {
            // What it writes to is a string, which takes everything.
            let _ = text.write_str(&locked(&now).text(Instant::now()));
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise}  {now}") {
            self.bar.set_style(style.with_key("now", write));
        }
        self.bar.enable_steady_tick(TICK);
    }

    /// Takes the lines away for good.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Does something while the lines are out of the way.
    pub(super) fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }
}

/// Whoever panicked with it left nothing half-done that a line could not say.
fn locked(now: &Mutex<Now>) -> MutexGuard<'_, Now> {
    now.lock().unwrap_or_else(PoisonError::into_inner)
}
