//! The retry queue of the generation service: how the saving of a script stands, attempt by attempt.

use assay_sdk::{Result, located};
use serde::Deserialize;

use crate::answer;
use crate::api::{Service, User};

/// How the saving of a generation stands.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct SaveReport {
    /// The generation.
    pub job_id: String,
    /// How it stands.
    pub state: SaveState,
    /// How many attempts ended.
    pub attempts: u32,
    /// How many there are before it is a dead letter.
    pub max_attempts: u32,
    /// When the next one starts at the earliest (RFC 3339); none if none is waited for.
    pub next_attempt_at: Option<String>,
    /// Why the newest one failed.
    pub last_error: Option<String>,
    /// Those that ended, oldest first.
    pub save_attempts: Vec<SaveAttempt>,
}

/// How a save stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SaveState {
    /// There is nothing to save yet, or never.
    None,
    /// An attempt is under way.
    Processing,
    /// The next one is waited for.
    Pending,
    /// The episode is stored.
    Saved,
    /// The project service will never store it.
    Refused,
    /// All attempts failed.
    DeadLetter,
}

/// An attempt to save that ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct SaveAttempt {
    /// 1, 2, 3, ...
    pub attempt: u32,
    /// When it began (RFC 3339).
    pub started_at: String,
    /// When its outcome was known (RFC 3339).
    pub ended_at: String,
    /// Why it failed; none in the one that stored the episode.
    pub error: Option<String>,
    /// When the next one starts at the earliest (RFC 3339); none in the last one.
    pub next_attempt_at: Option<String>,
}

/// The retry queue in numbers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct QueueStats {
    /// Those that wait for their next attempt.
    pub pending: u64,
    /// Those of which an attempt is under way.
    pub processing: u64,
    /// Those of which all attempts failed.
    pub dead_letter: u64,
    /// All of these.
    pub total: u64,
}

impl User {
    /// How the saving of a generation stands.
    #[track_caller]
    pub fn save_report(&self, job: &str) -> impl Future<Output = Result<SaveReport>> {
        located(async move {
            let path = format!("/retry/jobs/{job}");
            let request = self.request("GET", Service::Generation, &path);
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// The retry queue in numbers.
    #[track_caller]
    pub fn queue_stats(&self) -> impl Future<Output = Result<QueueStats>> {
        located(async move {
            let request = self.request("GET", Service::Generation, "/retry/queue/stats");
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// Asks for a dead letter to be saved after all; answers whether it was one (202), and how it stands now.
    #[track_caller]
    pub fn save_again(&self, job: &str) -> impl Future<Output = Result<(bool, SaveReport)>> {
        located(async move {
            let path = format!("/retry/generations/{job}/save");
            let request = self.request("POST", Service::Generation, &path);
            let response = self.call(request, &[200, 202]).await?;
            Ok((response.status() == 202, answer::data(&response)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use assay_sdk::http::Response;

    use super::*;

    #[test]
    fn a_report_names_its_attempts() {
        let body = r#"{"success":true,"data":{"jobId":"j","state":"dead_letter","attempts":1,"maxAttempts":1,"nextAttemptAt":null,
            "lastError":"down","saveAttempts":[{"attempt":1,"startedAt":"a","endedAt":"b","error":"down","nextAttemptAt":null}]}}"#;
        let report: SaveReport = answer::data(&Response::for_tests(200, &[], body)).unwrap();
        assert_eq!(report.state, SaveState::DeadLetter);
        assert_eq!(report.save_attempts[0].error.as_deref(), Some("down"));
    }
}
