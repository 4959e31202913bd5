//! How the saving of a generation stands: as it is stored with the generation, and as it is answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::StoredJob;
use crate::clock::rfc3339;
use crate::words::words;

words! {
    /// How the saving of a generation stands.
    pub(super) enum SaveState {
        /// There is nothing to save yet, or never.
        Nothing = "none",
        /// An attempt is under way.
        Processing = "processing",
        /// The next attempt is waited for.
        Pending = "pending",
        /// The episode is stored.
        Saved = "saved",
        /// The project service will never store it.
        Refused = "refused",
        /// All attempts failed.
        DeadLetter = "dead_letter",
    }
}

/// The saving of a generation, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Save {
    pub(super) state: SaveState,
    /// The attempts that ended, oldest first. A new round begins without any.
    pub(super) ended: Vec<EndedAttempt>,
}

impl Default for Save {
    fn default() -> Self {
        Self::in_state(SaveState::Nothing)
    }
}

impl Save {
    /// Without any attempt.
    pub(super) const fn in_state(state: SaveState) -> Self {
        Self {
            state,
            ended: Vec::new(),
        }
    }

    /// When the next attempt starts, if that is known.
    pub(super) fn next_attempt_at_ms(&self) -> Option<u64> {
        self.ended.last()?.next_attempt_at_ms
    }

    /// The attempts that ended, as they are answered.
    pub(super) fn attempts(&self) -> Vec<SaveAttempt> {
        (1..)
            .zip(&self.ended)
            .map(|(attempt, ended)| SaveAttempt {
                attempt,
                started_at: rfc3339(ended.started_at_ms),
                ended_at: rfc3339(ended.ended_at_ms),
                error: ended.error.clone(),
                next_attempt_at: ended.next_attempt_at_ms.map(rfc3339),
            })
            .collect()
    }
}

/// An attempt to save that ended, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct EndedAttempt {
    pub(super) started_at_ms: u64,
    pub(super) ended_at_ms: u64,
    /// None if it stored the episode.
    pub(super) error: Option<String>,
    pub(super) next_attempt_at_ms: Option<u64>,
}

/// An attempt to save that ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SaveAttempt {
    /// 1, 2, 3, ...
    #[schema(minimum = 1)]
    attempt: u32,
    /// When it was begun.
    #[schema(format = DateTime)]
    started_at: String,
    /// When its outcome was known.
    #[schema(format = DateTime)]
    ended_at: String,
    /// Why it failed; null if it stored the episode.
    #[schema(required)]
    error: Option<String>,
    /// When the next one starts at the earliest; null if there is none.
    #[schema(required, format = DateTime)]
    next_attempt_at: Option<String>,
}

/// The saving of a generation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SaveReport {
    /// The generation.
    #[schema(pattern = "^job_[0-9a-f]{16}$")]
    job_id: String,
    /// How it stands.
    state: SaveState,
    /// How many attempts ended.
    attempts: usize,
    /// How many there are before it is a dead letter.
    #[schema(minimum = 1, maximum = 20)]
    max_attempts: u32,
    /// When the next attempt starts at the earliest; null if none is waited for.
    #[schema(required, format = DateTime)]
    next_attempt_at: Option<String>,
    /// Why the newest attempt failed; null if none did, or the newest did not.
    #[schema(required)]
    last_error: Option<String>,
    /// The attempts that ended, oldest first.
    save_attempts: Vec<SaveAttempt>,
}

impl SaveReport {
    /// How the saving of this generation stands.
    pub(super) fn of(job: StoredJob, max_attempts: u32) -> Self {
        let save = &job.save;
        let next_attempt = match save.state {
            SaveState::Pending => save.next_attempt_at_ms(),
            _ => None,
        };
        Self {
            state: save.state,
            attempts: save.ended.len(),
            max_attempts,
            next_attempt_at: next_attempt.map(rfc3339),
            last_error: save.ended.last().and_then(|ended| ended.error.clone()),
            save_attempts: save.attempts(),
            job_id: job.id,
        }
    }
}

/// The retry queue in numbers.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct QueueStats {
    /// Those that wait for their next attempt.
    #[schema(minimum = 0)]
    pub(super) pending: u64,
    /// Those of which an attempt is under way.
    #[schema(minimum = 0)]
    pub(super) processing: u64,
    /// Those of which all attempts failed.
    #[schema(minimum = 0)]
    pub(super) dead_letter: u64,
    /// All of these.
    #[schema(minimum = 0)]
    pub(super) total: u64,
}

impl QueueStats {
    /// Counts one more, if it is in the queue.
    pub(super) const fn count(&mut self, state: SaveState) {
        match state {
            SaveState::Pending => self.pending += 1,
            SaveState::Processing => self.processing += 1,
            SaveState::DeadLetter => self.dead_letter += 1,
            SaveState::Nothing | SaveState::Saved | SaveState::Refused => return,
        }
        self.total += 1;
    }
}
