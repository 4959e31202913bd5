//! The events of a generation's stream, typed.

use std::time::Duration;

use assay_sdk::sse::Event;
use assay_sdk::{Problem, Result, ResultExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An event of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// As it was sent.
    pub id: Option<String>,
    /// `progress`, `preview`, `completed`, `failed`; the original says `error` for the last one.
    pub name: String,
    /// Since the stream was asked for.
    pub at: Duration,
    /// The job it is about.
    pub job_id: String,
    /// Its number as the data has it; none in the original's shape.
    pub sequence: Option<u64>,
    /// The state of the job.
    pub status: String,
    /// How much longer it will take.
    pub eta_ms: Option<f64>,
    /// What it says.
    pub content: Content,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// How far it is.
    Progress(Progress),
    /// The text so far.
    Preview(Preview),
    /// The whole text, stored.
    Completed(Completed),
    /// Why there is none.
    Failed(Failed),
}

/// How far a generation is.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// In percent.
    #[serde(alias = "progress_percentage")]
    pub progress_percentage: f64,
    /// For people.
    #[serde(alias = "current_step")]
    pub current_step: String,
    /// Steps that are done.
    #[serde(alias = "steps_completed")]
    pub steps_completed: u64,
    /// Steps in all.
    #[serde(alias = "total_steps")]
    pub total_steps: u64,
}

/// The text so far.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// A prefix of the final text.
    pub markdown: String,
    /// Always true.
    #[serde(alias = "is_partial")]
    pub is_partial: bool,
    /// Its words.
    #[serde(alias = "word_count")]
    pub word_count: u64,
}

/// The whole text.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Completed {
    /// The text.
    pub markdown: String,
    /// Its size for a model.
    #[serde(alias = "total_tokens")]
    pub total_tokens: u64,
    /// Its words.
    #[serde(alias = "word_count")]
    pub word_count: u64,
    /// How long it took, in milliseconds.
    #[serde(alias = "generation_time_ms")]
    pub generation_time_ms: f64,
    /// The stored episode; none in the original's shape.
    #[serde(default, alias = "episode_id")]
    pub episode_id: Option<String>,
    /// Its number.
    #[serde(default, alias = "episode_number")]
    pub episode_number: Option<u64>,
}

/// Why a generation has no text.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// `EPISODE_SAVE_FAILED`, `JOB_CANCELED`, ...
    #[serde(alias = "error_code")]
    pub error_code: String,
    /// For people.
    #[serde(alias = "error_message")]
    pub error_message: String,
    /// Whether trying again may help.
    pub retryable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(alias = "id", alias = "job_id", alias = "generation_id")]
    job_id: String,
    #[serde(default)]
    sequence: Option<u64>,
    status: String,
    content: Value,
    #[serde(default, alias = "eta_ms")]
    eta_ms: Option<f64>,
}

impl Published {
    /// Reads an event. A name that is none of the contract's is a failure.
    pub fn of(event: &Event) -> Result<Self> {
        let data: Data = event.json()?;
        let content = match event.name.as_str() {
            "progress" => Content::Progress(typed(event, data.content)?),
            "preview" => Content::Preview(typed(event, data.content)?),
            "completed" => Content::Completed(typed(event, data.content)?),
            "failed" | "error" => Content::Failed(typed(event, data.content)?),
            other => {
                return Err(Problem::failed(format!(
                    "the stream has an event of the unknown name `{other}`"
                )));
            }
        };
        Ok(Self {
            id: event.id.clone(),
            name: event.name.clone(),
            at: event.at,
            job_id: data.job_id,
            sequence: data.sequence,
            status: data.status,
            eta_ms: data.eta_ms,
            content,
        })
    }

    /// Whether nothing comes after it.
    pub fn is_final(&self) -> bool {
        matches!(self.content, Content::Completed(_) | Content::Failed(_))
    }

    /// The number at the end of its id: `<job>:<n>`, and `<job>_<n>` in the original's shape.
    pub fn number(&self) -> Option<Sequence> {
        let id = self.id.as_deref()?;
        let rest = id.strip_prefix(self.job_id.as_str())?;
        rest.strip_prefix([':', '_'])?.parse().ok()
    }
}

/// The number of an event in its job's log, from 1.
pub type Sequence = u64;

fn typed<T: DeserializeOwned>(event: &Event, content: Value) -> Result<T> {
    serde_json::from_value(content).with_context(|| {
        format!(
            "content of the event `{}` ({})",
            event.name,
            event.id.as_deref().unwrap_or("no id")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(id: &str, name: &str, data: &str) -> Published {
        Published::of(&Event::for_tests(Some(id), name, data)).unwrap()
    }

    #[test]
    fn an_event_is_read_in_both_shapes() {
        let camel = published(
            "job_1:3",
            "progress",
            r#"{"jobId":"job_1","sequence":3,"status":"streaming","content":{"progressPercentage":25,"currentStep":"plot",
            "stepsCompleted":2,"totalSteps":7},"etaMs":200}"#,
        );
        let snake = published(
            "job_1_4",
            "progress",
            r#"{"id":"job_1","status":"progress","content":{"progress_percentage":25,"current_step":"plot",
            "steps_completed":2,"total_steps":10},"eta_ms":null}"#,
        );
        assert_eq!((camel.number(), camel.sequence), (Some(3), Some(3)));
        assert_eq!((snake.number(), snake.sequence), (Some(4), None));
        let percent = |event: &Published| match &event.content {
            Content::Progress(progress) => progress.progress_percentage,
            other => panic!("{other:?}"),
        };
        assert!((percent(&camel) - percent(&snake)).abs() < f64::EPSILON);
    }

    #[test]
    fn both_names_of_the_final_failure_are_one() {
        for (name, content) in [
            (
                "failed",
                r#"{"errorCode":"JOB_CANCELED","errorMessage":"m","retryable":false}"#,
            ),
            (
                "error",
                r#"{"error_code":"JOB_CANCELED","error_message":"m","retryable":false,"retry_after_ms":null}"#,
            ),
        ] {
            let event = published(
                "j:1",
                name,
                &format!(r#"{{"jobId":"j","status":"failed","content":{content}}}"#),
            );
            assert!(event.is_final());
            assert!(
                matches!(event.content, Content::Failed(Failed { error_code, .. }) if error_code == "JOB_CANCELED")
            );
        }
    }

    #[test]
    fn an_id_of_another_job_has_no_number() {
        let event = published(
            "job_2:3",
            "preview",
            r#"{"jobId":"job_1","status":"streaming","content":{"markdown":"","isPartial":true,"wordCount":0}}"#,
        );
        assert_eq!(event.number(), None);
    }

    #[test]
    fn an_unknown_name_and_a_wrong_content_are_failures() {
        let data = r#"{"jobId":"j","status":"streaming","content":{}}"#;
        for name in ["message", "progress"] {
            let event = Event::for_tests(Some("j:1"), name, data);
            assert!(Published::of(&event).is_err(), "{name}");
        }
    }
}
