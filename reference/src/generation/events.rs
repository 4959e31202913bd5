//! The events of a generation: what is written into its log, and how an entry is put on the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{JobErrorCode, JobStatus, STEPS, StoredJob};
use super::writer;
use crate::project::model::Script;

/// An entry of the log of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    /// 1, 2, 3, ...
    pub(super) number: u64,
    /// `progress`, `preview`, `completed` or `failed`.
    pub(super) name: String,
    /// One line of JSON.
    pub(super) data: String,
}

impl Event {
    /// As server-sent event (WHATWG HTML, section 9.2), with the number that its id is to have.
    pub(super) fn frame(&self, job_id: &str, number: u64) -> String {
        format!(
            "id: {job_id}:{number}\nevent: {}\ndata: {}\n\n",
            self.name, self.data
        )
    }

    fn new(
        job: &mut StoredJob,
        name: &str,
        status: JobStatus,
        content: &Value,
        eta_ms: u64,
    ) -> Self {
        job.last_event += 1;
        let data = json!({
            "jobId": job.id,
            "sequence": job.last_event,
            "status": status,
            "content": content,
            "etaMs": eta_ms,
        });
        Self {
            number: job.last_event,
            name: name.to_owned(),
            data: data.to_string(),
        }
    }

    /// The events that a done step leaves behind: progress, and below 100 % a preview. The job counts them.
    pub(super) fn of_step(job: &mut StoredJob, script: &Script, step_ms: u64) -> Vec<Self> {
        let (percent, step) = STEPS[job.steps_done - 1];
        let eta_ms = (STEPS.len() - job.steps_done) as u64 * step_ms;
        let content = json!({
            "progressPercentage": percent,
            "currentStep": step,
            "stepsCompleted": job.steps_done,
            "totalSteps": STEPS.len(),
        });
        let mut events = vec![Self::new(
            job,
            "progress",
            JobStatus::Streaming,
            &content,
            eta_ms,
        )];
        if percent < 100 {
            let markdown = writer::prefix(&script.markdown, percent);
            let content = json!({
                "markdown": markdown,
                "isPartial": true,
                "wordCount": writer::words(markdown),
            });
            events.push(Self::new(
                job,
                "preview",
                JobStatus::Streaming,
                &content,
                eta_ms,
            ));
        }
        events
    }

    /// The good end.
    pub(super) fn completed(job: &mut StoredJob, script: &Script, now_ms: u64) -> Self {
        let content = json!({
            "markdown": script.markdown,
            "totalTokens": script.tokens,
            "wordCount": writer::words(&script.markdown),
            "generationTimeMs": now_ms.saturating_sub(job.started_at_ms.unwrap_or(now_ms)),
            "episodeId": job.episode_id,
            "episodeNumber": job.episode_number,
        });
        Self::new(job, "completed", JobStatus::Completed, &content, 0)
    }

    /// The bad end.
    pub(super) fn failed(
        job: &mut StoredJob,
        status: JobStatus,
        code: JobErrorCode,
        message: &str,
        retryable: bool,
    ) -> Self {
        let content = json!({
            "errorCode": code,
            "errorMessage": message,
            "retryable": retryable,
        });
        Self::new(job, "failed", status, &content, 0)
    }
}

/// The number in a `Last-Event-ID` of this generation; none if it is not one.
pub(super) fn number_of(id: &str, job_id: &str) -> Option<u64> {
    let digits = id.strip_prefix(job_id)?.strip_prefix(':')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_the_same_generation_have_a_number() {
        for (id, number) in [
            ("job_a:7", Some(7)),
            ("job_a:", None),
            ("job_a:+7", None),
            ("job_b:7", None),
            ("job_a7", None),
            ("job_a:99999999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(number_of(id, "job_a"), number, "{id}");
        }
    }
}
