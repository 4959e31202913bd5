//! The progress line on a terminal: how far the run is and what runs now. It is drawn on standard error, so that it is never part of
//! a report.

use std::{collections::BTreeSet, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{event::RunStats, verdict::Verdict, words::clip};

/// Running cases that are named.
const MAX_NAMED: usize = 3;
/// How often the clock of the line moves.
const TICK: Duration = Duration::from_millis(100);

/// What the line says, and where it is drawn.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    width: usize,
    total: usize,
    stats: RunStats,
    running: BTreeSet<String>,
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
            width,
            total: 0,
            stats: RunStats::default(),
            running: BTreeSet::new(),
        }
    }

    pub(super) fn begin(&mut self, total: usize) {
        self.total = total;
        if self.bar.is_hidden() {
            return;
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise}  {msg}") {
            self.bar.set_style(style);
        }
        self.bar.enable_steady_tick(TICK);
        self.show();
    }

    pub(super) fn started(&mut self, id: String) {
        self.running.insert(id);
        self.show();
    }

    pub(super) fn finished(&mut self, id: &str, verdict: Verdict) {
        self.running.remove(id);
        self.stats.count(verdict);
        self.show();
    }

    /// Takes the line away for good.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Does something while the line is out of the way.
    pub(super) fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    fn show(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.message());
        }
    }

    fn message(&self) -> String {
        let bad = [
            (self.stats.failed, Verdict::Failed),
            (self.stats.errored, Verdict::Errored),
            (self.stats.flaky, Verdict::Flaky),
        ];
        let mut parts = vec![format!("{} of {}", self.stats.total(), self.total)];
        for (number, verdict) in bad.into_iter().filter(|(number, _)| *number > 0) {
            parts.push(format!("{number} {}", verdict.word()));
        }
        if !self.running.is_empty() {
            let named: Vec<_> = self.running.iter().take(MAX_NAMED).cloned().collect();
            let further = self.running.len() - named.len();
            let running = format!("running {}", named.join(", "));
            parts.push(match further {
                0 => running,
                further => format!("{running} and {further} more"),
            });
        }
        // The spinner and the clock stand before it.
        clip(&parts.join(", "), self.width.saturating_sub(13))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_the_run_is_and_what_runs_now() {
        let mut progress = Progress::new(false, 100);
        progress.begin(30);
        for name in ["a", "b", "c", "d", "e"] {
            progress.started(format!("jobs/{name}"));
        }
        progress.finished("jobs/a", Verdict::Failed);
        assert_eq!(
            progress.message(),
            "1 of 30, 1 failed, running jobs/b, jobs/c, jobs/d and 1 more"
        );
    }

    #[test]
    fn the_line_never_wraps() {
        let mut progress = Progress::new(false, 40);
        progress.begin(3);
        progress.started("s/".repeat(100));
        assert_eq!(progress.message().chars().count() + 13, 40);
    }
}
