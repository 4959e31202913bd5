//! What virtual users leave behind, kept up to limits for all of a load together: thousands of them say the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use assay_report::event::{Attachment, Check, Level};

use crate::capability::recorder::{MAX_CHECK_NAME_BYTES, MAX_CHECK_VALUE_BYTES, Recorder, cut};

/// Lines of the log of all virtual users that are kept.
const MAX_LOG_LINES: u64 = 1_000;
/// Attachments of all virtual users that are kept.
const MAX_ATTACHMENTS: u64 = 8;
/// Failed checks of one name that are kept in full.
const MAX_FAILED_OF_A_NAME: u64 = 3;
/// Failed checks that are kept in full.
const MAX_FAILED: usize = 30;

/// Where the virtual users of a load leave what is not counted by the load itself.
#[derive(Debug)]
pub(super) struct Findings {
    recorder: Recorder,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    log_lines: u64,
    attachments: u64,
    failed: Vec<Check>,
    of_a_name: BTreeMap<String, u64>,
}

impl Findings {
    /// They go to the attempt that makes the load.
    pub(super) fn new(recorder: Recorder) -> Self {
        Self {
            recorder,
            kept: Mutex::default(),
        }
    }

    /// The attempt that makes the load.
    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// A line of the log.
    pub(super) fn log(&self, level: Level, message: &str) {
        let keep = {
            let mut kept = self.lock();
            kept.log_lines += 1;
            kept.log_lines <= MAX_LOG_LINES
        };
        if keep {
            self.recorder.log(level, message);
        }
    }

    /// An attachment; made only if it is kept.
    pub(super) fn attach(&self, make: impl FnOnce() -> Attachment) {
        let keep = {
            let mut kept = self.lock();
            kept.attachments += 1;
            kept.attachments <= MAX_ATTACHMENTS
        };
        if keep {
            self.recorder.attached(make());
        }
    }

    /// A check that failed. It is counted elsewhere.
    pub(super) fn failed(&self, check: Check) {
        let mut kept = self.lock();
        if kept.failed.len() >= MAX_FAILED {
            return;
        }
        let name = cut(&check.name, MAX_CHECK_NAME_BYTES).to_owned();
        let of_this = kept.of_a_name.entry(name.clone()).or_default();
        *of_this += 1;
        if *of_this > MAX_FAILED_OF_A_NAME {
            return;
        }
        let value =
            |text: Option<String>| text.map(|text| cut(&text, MAX_CHECK_VALUE_BYTES).to_owned());
        kept.failed.push(Check {
            name,
            passed: false,
            expected: value(check.expected),
            actual: value(check.actual),
            location: value(check.location),
        });
    }

    /// The first failed checks, and how many log lines and attachments were left out.
    pub(super) fn told(&self) -> (Vec<Check>, u64, u64) {
        let kept = self.lock();
        (
            kept.failed.clone(),
            kept.log_lines.saturating_sub(MAX_LOG_LINES),
            kept.attachments.saturating_sub(MAX_ATTACHMENTS),
        )
    }

    /// Plain data: a panic of another holder cannot leave it half-written in a way that matters.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
