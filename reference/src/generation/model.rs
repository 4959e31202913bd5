//! Generations: as they are stored and as they are answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::save::{Save, SaveAttempt};
use super::writer;
use crate::clock::rfc3339;
use crate::project::model::{ProjectType, Script};
use crate::words::words;

/// The steps of a generation: how far it is after each, in percent, and what the step does.
pub(super) const STEPS: [(u64, &str); 7] = [
    (10, "reading the request"),
    (25, "outlining the story"),
    (40, "casting the characters"),
    (60, "writing the scenes"),
    (75, "writing the dialogue"),
    (90, "polishing the text"),
    (100, "checking the script"),
];

words! {
    /// How far a generation is.
    pub(super) enum JobStatus {
        /// It waits for its turn.
        Queued = "queued",
        /// It is being made.
        Streaming = "streaming",
        /// The script is made, and not yet stored as an episode.
        Saving = "saving",
        /// The script is made and stored as an episode.
        Completed = "completed",
        /// It went wrong.
        Failed = "failed",
        /// Somebody wanted no more of it.
        Canceled = "canceled",
    }
}

impl JobStatus {
    /// Whether nothing will change any more.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

words! {
    /// Why a generation has no episode.
    pub(super) enum JobErrorCode {
        /// The project service did not store the episode.
        EpisodeSaveFailed = "EPISODE_SAVE_FAILED",
        /// Somebody wanted no more of it.
        JobCanceled = "JOB_CANCELED",
    }
}

/// A generation as it is stored. The script is not: it follows from the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredJob {
    pub(super) id: String,
    /// Orders generations by their creation.
    pub(super) sequence: u64,
    pub(super) project_id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) script_type: ProjectType,
    pub(super) length_target: u64,
    pub(super) status: JobStatus,
    /// How many of [`STEPS`] are done.
    pub(super) steps_done: usize,
    /// How its saving stands.
    pub(super) save: Save,
    /// The number of its newest event.
    pub(super) last_event: u64,
    pub(super) created_at_ms: u64,
    pub(super) started_at_ms: Option<u64>,
    pub(super) completed_at_ms: Option<u64>,
    pub(super) episode_id: Option<String>,
    pub(super) episode_number: Option<u64>,
    pub(super) error_code: Option<JobErrorCode>,
    pub(super) error_message: Option<String>,
}

impl StoredJob {
    /// The whole text, which is the same every time.
    pub(super) fn script(&self) -> Script {
        let markdown = writer::script(
            &self.title,
            &self.description,
            self.script_type,
            self.length_target,
        );
        Script {
            tokens: writer::tokens(&markdown),
            markdown,
        }
    }

    /// Percent.
    pub(super) fn progress(&self) -> u64 {
        self.steps_done
            .checked_sub(1)
            .and_then(|last| STEPS.get(last))
            .map_or(0, |(percent, _)| *percent)
    }

    fn current_step(&self) -> &'static str {
        match self.status {
            JobStatus::Queued => "waiting",
            JobStatus::Streaming => STEPS
                .get(self.steps_done)
                .map_or("script made", |(_, step)| step),
            JobStatus::Saving => "storing the episode",
            JobStatus::Completed => "done",
            JobStatus::Failed => "failed",
            JobStatus::Canceled => "canceled",
        }
    }

    /// As it is answered.
    pub(super) fn answer(self) -> Job {
        let script = self.script();
        let so_far = writer::prefix(&script.markdown, self.progress());
        let (word_count, tokens) = (writer::words(so_far), writer::tokens(so_far));
        Job {
            progress: self.progress(),
            current_step: self.current_step().to_owned(),
            script: (self.status == JobStatus::Completed).then_some(script),
            word_count,
            tokens,
            saved_to_episode: self.episode_id.is_some(),
            save_attempts: self.save.attempts(),
            job_id: self.id,
            status: self.status,
            project_id: self.project_id,
            episode_id: self.episode_id,
            episode_number: self.episode_number,
            title: self.title,
            created_at: rfc3339(self.created_at_ms),
            started_at: self.started_at_ms.map(rfc3339),
            completed_at: self.completed_at_ms.map(rfc3339),
            error_code: self.error_code,
            error_message: self.error_message,
        }
    }
}

/// A generation.
#[expect(
    clippy::struct_field_names,
    reason = "the field is `jobId` on the wire"
)]
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Job {
    /// `job_<16 hexadecimal digits>`.
    #[schema(pattern = "^job_[0-9a-f]{16}$")]
    job_id: String,
    /// How far it is.
    status: JobStatus,
    /// Percent.
    #[schema(maximum = 100)]
    progress: u64,
    /// What is being done, in words.
    current_step: String,
    /// Its project.
    project_id: String,
    /// The episode; null until it is stored.
    #[schema(required)]
    episode_id: Option<String>,
    /// The number of the episode; null until it is stored.
    #[schema(required, minimum = 1)]
    episode_number: Option<u64>,
    /// The title of the episode.
    title: String,
    /// The words of the text so far.
    word_count: u64,
    /// The tokens of the text so far.
    tokens: u64,
    /// When it was asked for.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was begun; null until then.
    #[schema(required, format = DateTime)]
    started_at: Option<String>,
    /// When it ended, in whatever way; null until then.
    #[schema(required, format = DateTime)]
    completed_at: Option<String>,
    /// Why there is no episode; null unless it failed or was canceled.
    #[schema(required)]
    error_code: Option<JobErrorCode>,
    /// The same for people.
    #[schema(required)]
    error_message: Option<String>,
    /// Whether the episode is stored.
    saved_to_episode: bool,
    /// The attempts to store the episode that ended, oldest first.
    save_attempts: Vec<SaveAttempt>,
    /// The text; null until it is completed.
    #[schema(required)]
    script: Option<Script>,
}

/// A generation that was accepted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AcceptedJob {
    /// `job_<16 hexadecimal digits>`.
    #[schema(pattern = "^job_[0-9a-f]{16}$")]
    pub(super) job_id: String,
    /// `queued`.
    pub(super) status: JobStatus,
    /// The path of its stream.
    pub(super) sse_url: String,
    /// The path to cancel it at, with DELETE.
    pub(super) cancel_url: String,
    /// Its project.
    pub(super) project_id: String,
    /// The title that the episode will have.
    pub(super) title: String,
    /// Milliseconds, if it need not wait.
    pub(super) estimated_duration_ms: u64,
}

/// What a cancellation led to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CanceledJob {
    /// The generation.
    pub(super) job_id: String,
    /// How it is now; one that was finished stays as it was.
    pub(super) status: JobStatus,
}

/// All generations in numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct JobStats {
    /// How many there are.
    #[schema(minimum = 0)]
    pub(super) total: u64,
    /// Those that wait.
    pub(super) queued: u64,
    /// Those being made.
    pub(super) streaming: u64,
    /// Those of which the script is not yet stored.
    pub(super) saving: u64,
    /// Those completed.
    pub(super) completed: u64,
    /// Those that went wrong.
    pub(super) failed: u64,
    /// Those canceled.
    pub(super) canceled: u64,
    /// Milliseconds from asking to completion, of those completed; 0 without any.
    #[schema(minimum = 0)]
    pub(super) average_duration_ms: f64,
}
