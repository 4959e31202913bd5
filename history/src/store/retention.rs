//! What is kept for how long: runs beyond a number, or older than an age, go.

use std::time::{Duration, SystemTime};

use super::{Store, read::before};
use crate::error::HistoryError;

/// The most runs that may be kept.
pub const MAX_RUNS: u32 = 100_000;
/// The greatest age that runs may be kept to: ten years.
pub const MAX_AGE: Duration = Duration::from_hours(24 * 3_650);

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many, from 1.
    pub runs: u32,
    /// Those that began at most so long ago.
    pub age: Duration,
}

impl Default for Keep {
    /// A thousand runs, and a year.
    fn default() -> Self {
        Self {
            runs: 1_000,
            age: Duration::from_hours(24 * 365),
        }
    }
}

impl Store {
    /// Removes what is not to be kept, and answers how many runs went. The newest run always stays.
    pub fn retain(&mut self, keep: Keep, now: SystemTime) -> Result<u64, HistoryError> {
        self.change(|transaction| {
            let removed = transaction.execute(
                "DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY started_s DESC, id DESC LIMIT ?1)
                 OR (started_s < ?2 AND id <> (SELECT id FROM run ORDER BY started_s DESC, id DESC LIMIT 1))",
                (keep.runs.max(1), before(now, keep.age)),
            )?;
            if removed > 0 {
                transaction.execute_batch(
                    "DELETE FROM test_case WHERE NOT EXISTS (SELECT 1 FROM case_result WHERE case_result.test_case = test_case.id);
                     DELETE FROM metric WHERE NOT EXISTS (SELECT 1 FROM distribution WHERE distribution.metric = metric.id);",
                )?;
            }
            Ok(removed as u64)
        })
    }

    /// Gives back to the system what removed runs took.
    pub fn shrink(&mut self) -> Result<(), HistoryError> {
        self.ask(|connection| connection.execute_batch("VACUUM"))
    }
}
