//! Generations: jobs that write a script and store it as an episode.

use assay_sdk::{Result, located, sse};
use serde::{Deserialize, Serialize};

use crate::answer;
use crate::api::{Service, User};
use crate::episode::Script;
use crate::transcript::Follower;

/// What a generation is made from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewGeneration {
    /// The project that gets the episode.
    pub project_id: String,
    /// At most 200 characters.
    pub title: String,
    /// 1 to 5000 characters.
    pub description: String,
    /// 100 to 10000 words.
    pub length_target: u32,
}

impl NewGeneration {
    /// A short script of that title.
    pub fn new(project: impl Into<String>, title: impl Into<String>) -> Self {
        let title = title.into();
        Self {
            project_id: project.into(),
            description: format!("What happens in {title}"),
            title,
            length_target: 120,
        }
    }
}

/// The answer to a generation that was started.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// `job_<16 hex>`.
    #[serde(alias = "job_id", alias = "generation_id")]
    pub job_id: String,
    /// `queued`.
    pub status: JobStatus,
    /// Where its stream is.
    #[serde(default, alias = "sse_url")]
    pub sse_url: Option<String>,
    /// Where it is cancelled.
    #[serde(default, alias = "cancel_url")]
    pub cancel_url: Option<String>,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    /// Not begun.
    Queued,
    /// Under way.
    Streaming,
    /// The text is made, the episode is not stored yet.
    Saving,
    /// The episode is stored.
    Completed,
    /// There is no episode.
    Failed,
    /// Ended by a user; the original spells it in two ways.
    #[serde(alias = "cancelled")]
    Canceled,
}

/// A job as the service answers it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// `job_<16 hex>`.
    #[serde(alias = "job_id", alias = "generation_id")]
    pub job_id: String,
    /// Its state.
    pub status: JobStatus,
    /// In percent.
    #[serde(default)]
    pub progress: f64,
    /// The project that gets the episode.
    #[serde(alias = "project_id")]
    pub project_id: String,
    /// As given.
    #[serde(default)]
    pub title: Option<String>,
    /// The stored episode.
    #[serde(default, alias = "episode_id")]
    pub episode_id: Option<String>,
    /// Its number.
    #[serde(default, alias = "episode_number")]
    pub episode_number: Option<u64>,
    /// Whether the episode is stored.
    #[serde(default, alias = "saved_to_episode")]
    pub saved_to_episode: bool,
    /// Words of the text.
    #[serde(default, alias = "word_count")]
    pub word_count: Option<u64>,
    /// Size of the text for a model.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// `EPISODE_SAVE_FAILED`, ...
    #[serde(default, alias = "error_code")]
    pub error_code: Option<String>,
    /// For people.
    #[serde(default, alias = "error_message")]
    pub error_message: Option<String>,
    /// The text of a finished job.
    #[serde(default)]
    script: Option<JobScript>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum JobScript {
    Text(String),
    Sized(Script),
}

impl Job {
    /// The text of a finished job.
    pub fn markdown(&self) -> Option<&str> {
        match self.script.as_ref()? {
            JobScript::Text(text) => Some(text),
            JobScript::Sized(script) => Some(&script.markdown),
        }
    }
}

impl User {
    /// Starts a generation.
    #[track_caller]
    pub fn start(&self, new: &NewGeneration) -> impl Future<Output = Result<Started>> {
        located(async move {
            let request = self
                .request("POST", Service::Generation, "/generations")
                .json(new);
            answer::data(&self.call(request, &[201]).await?)
        })
    }

    /// A job.
    #[track_caller]
    pub fn job(&self, id: &str) -> impl Future<Output = Result<Job>> {
        located(async move {
            let request = self.request("GET", Service::Generation, &format!("/generations/{id}"));
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// The newest 100 jobs of a project, newest first.
    #[track_caller]
    pub fn jobs(&self, project: &str) -> impl Future<Output = Result<Vec<Job>>> {
        located(async move {
            let request = self
                .request("GET", Service::Generation, "/generations")
                .query("projectId", project)
                .query("limit", 100);
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// Cancels a job.
    #[track_caller]
    pub fn cancel(&self, id: &str) -> impl Future<Output = Result<()>> {
        located(async move {
            let request =
                self.request("DELETE", Service::Generation, &format!("/generations/{id}"));
            self.call(request, &[200, 204]).await.map(drop)
        })
    }

    /// The stream of a job, not yet opened.
    pub fn stream(&self, id: &str) -> sse::Request {
        let path = format!("/generations/{id}/events");
        let request = self.request("GET", Service::Generation, &path);
        sse::request(request.header("cache-control", "no-cache"))
    }

    /// Opens the stream of a job from its start.
    #[track_caller]
    pub fn follow(&self, id: &str) -> impl Future<Output = Result<Follower>> {
        located(async move { Ok(Follower::new(self.stream(id).open().await?)) })
    }
}

#[cfg(test)]
mod tests {
    use assay_sdk::http::Response;

    use super::*;

    fn read<T: serde::de::DeserializeOwned>(body: &str) -> T {
        answer::data(&Response::for_tests(200, &[], body)).unwrap()
    }

    #[test]
    fn a_started_job_has_its_id_under_three_names() {
        for name in ["jobId", "job_id", "generation_id"] {
            let started: Started = read(&format!(r#"{{"{name}":"job_1","status":"queued"}}"#));
            assert_eq!(
                (started.job_id.as_str(), started.status),
                ("job_1", JobStatus::Queued),
                "{name}"
            );
        }
    }

    #[test]
    fn a_job_is_read_in_both_shapes() {
        let camel: Job = read(
            r#"{"success":true,"data":{"jobId":"j","status":"completed","progress":100,"projectId":"p","episodeId":"e",
            "episodeNumber":3,"savedToEpisode":true,"script":"text","wordCount":1,"tokens":4,"errorCode":null}}"#,
        );
        let snake: Job = read(
            r#"{"generation_id":"j","status":"completed","progress":100.0,"project_id":"p","episode_id":"e","episode_number":3,
            "saved_to_episode":true,"script":{"markdown":"text","tokens":4},"word_count":1,"tokens":4}"#,
        );
        assert_eq!(
            (camel.markdown(), camel.episode_number),
            (Some("text"), Some(3))
        );
        assert_eq!(
            (snake.markdown(), snake.episode_number),
            (Some("text"), Some(3))
        );
    }

    #[test]
    fn both_spellings_of_cancelled_are_one() {
        for word in ["canceled", "cancelled"] {
            let job: Job = read(&format!(
                r#"{{"jobId":"j","status":"{word}","projectId":"p"}}"#
            ));
            assert_eq!(job.status, JobStatus::Canceled);
        }
    }
}
