//! A stream as it was read, from its first item to its end.

use std::time::Duration;

use assay_sdk::http::ErrorKind;
use assay_sdk::sse::{Comment, EventStream, Item};
use assay_sdk::{Problem, Result, located};

use crate::stream::{Completed, Content, Failed, Published, Sequence};

/// How long the next item may take. Heartbeats do not reset it for events, as a generation takes far less.
const PATIENCE: Duration = Duration::from_secs(20);
/// More events than this are no generation.
const MOST_EVENTS: usize = 1_000;
/// More comments than this are not kept.
const MOST_COMMENTS: usize = 10_000;

/// All that came out of a stream so far.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// The events, in order.
    pub events: Vec<Published>,
    /// The comments, in order; heartbeats are among them.
    pub comments: Vec<Comment>,
    /// The last `retry` that came, alone or with an event.
    pub retry: Option<Duration>,
    /// Whether the server ended the stream in an orderly way.
    pub ended: bool,
}

impl Transcript {
    /// The numbers of the events; none where an id has none.
    pub fn numbers(&self) -> Vec<Option<Sequence>> {
        self.events.iter().map(Published::number).collect()
    }

    /// What `completed` said, if the last event is that.
    pub fn completed(&self) -> Option<&Completed> {
        match &self.events.last()?.content {
            Content::Completed(completed) => Some(completed),
            _ => None,
        }
    }

    /// What `failed` said, if the last event is that.
    pub fn failed(&self) -> Option<&Failed> {
        match &self.events.last()?.content {
            Content::Failed(failed) => Some(failed),
            _ => None,
        }
    }

    /// The names of the events, in order.
    pub fn event_names(&self) -> Vec<&str> {
        self.events
            .iter()
            .map(|event| event.name.as_str())
            .collect()
    }

    /// The percentages of the progress events, in order.
    pub fn percentages(&self) -> Vec<f64> {
        let percentages = self.events.iter().filter_map(|event| match &event.content {
            Content::Progress(progress) => Some(progress.progress_percentage),
            _ => None,
        });
        percentages.collect()
    }

    /// The texts of the previews, in order.
    pub fn previews(&self) -> Vec<&str> {
        let texts = self.events.iter().filter_map(|event| match &event.content {
            Content::Preview(preview) => Some(preview.markdown.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn keep(&mut self, item: Item) -> Result<Kept> {
        match item {
            Item::Event(event) => {
                self.retry = event.retry.or(self.retry);
                self.events.push(Published::of(&event)?);
                if self.events.len() > MOST_EVENTS {
                    return Err(Problem::failed(format!(
                        "a generation has at most {MOST_EVENTS} events"
                    )));
                }
                return Ok(Kept::Event);
            }
            Item::Comment(comment) if self.comments.len() < MOST_COMMENTS => {
                self.comments.push(comment);
            }
            Item::Retry(retry) => self.retry = Some(retry),
            Item::End => {
                self.ended = true;
                return Ok(Kept::End);
            }
            _ => {}
        }
        Ok(Kept::Other)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Event,
    Other,
    End,
}

/// Reads a stream step by step. Dropping it closes the stream.
#[derive(Debug)]
pub struct Follower {
    stream: EventStream,
    transcript: Transcript,
}

impl Follower {
    /// Follows an open stream.
    pub fn new(stream: EventStream) -> Self {
        Self {
            stream,
            transcript: Transcript::default(),
        }
    }

    /// The open stream.
    pub fn stream(&self) -> &EventStream {
        &self.stream
    }

    /// What came so far.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The next event; none at the orderly end. A stream that breaks, or brings no item for 20 s, is a failure.
    #[track_caller]
    pub fn next_event(&mut self) -> impl Future<Output = Result<Option<&Published>>> {
        located(async move {
            loop {
                let item = self.stream.next(PATIENCE).await?;
                match self.transcript.keep(item)? {
                    Kept::Event => return Ok(self.transcript.events.last()),
                    Kept::End => return Ok(None),
                    Kept::Other => {}
                }
            }
        })
    }

    /// Reads up to the final event and stops there, with the stream still open: what is promised at this moment can be looked at.
    #[track_caller]
    pub fn to_the_final_event(&mut self) -> impl Future<Output = Result<&Published>> {
        located(async move {
            while let Some(event) = self.next_event().await? {
                if event.is_final() {
                    break;
                }
            }
            match self.transcript.events.last() {
                Some(event) if event.is_final() => Ok(event),
                last => {
                    let last = last.map_or("none", |event| event.name.as_str());
                    let problem = Problem::failed("the stream has a final event before it ends");
                    Err(problem.with_values(
                        Some("completed or failed".to_owned()),
                        Some(last.to_owned()),
                    ))
                }
            }
        })
    }

    /// Reads as far as the stream goes: up to its orderly end, which the transcript then has, or up to where it breaks. That no
    /// item comes for 20 s is neither.
    #[track_caller]
    pub fn as_far_as_it_goes(mut self) -> impl Future<Output = Result<Transcript>> {
        located(async move {
            loop {
                let item = match self.stream.next(PATIENCE).await {
                    Ok(item) => item,
                    Err(error) if error.kind() == ErrorKind::Timeout => return Err(error.into()),
                    Err(_) => return Ok(self.transcript),
                };
                if self.transcript.keep(item)? == Kept::End {
                    return Ok(self.transcript);
                }
            }
        })
    }

    /// What came so far; the stream is closed.
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// Reads up to the orderly end of the stream.
    #[track_caller]
    pub fn to_the_end(mut self) -> impl Future<Output = Result<Transcript>> {
        located(async move {
            while self.next_event().await?.is_some() {}
            Ok(self.transcript)
        })
    }
}

#[cfg(test)]
mod tests {
    use assay_sdk::sse::Event;

    use super::*;

    fn event(number: u32, name: &str, content: &str) -> Item {
        let data = format!(
            r#"{{"jobId":"j","sequence":{number},"status":"streaming","content":{content}}}"#
        );
        Item::Event(Event::for_tests(Some(&format!("j:{number}")), name, &data))
    }

    fn progress(number: u32, percent: u32) -> Item {
        let content = format!(
            r#"{{"progressPercentage":{percent},"currentStep":"s","stepsCompleted":1,"totalSteps":7}}"#
        );
        event(number, "progress", &content)
    }

    #[test]
    fn a_transcript_keeps_what_came_apart() {
        let mut transcript = Transcript::default();
        let comment = Comment {
            text: "heartbeat".to_owned(),
            at: Duration::ZERO,
        };
        let preview = event(
            2,
            "preview",
            r#"{"markdown":"a","isPartial":true,"wordCount":1}"#,
        );
        for item in [
            Item::Retry(Duration::from_secs(1)),
            progress(1, 10),
            Item::Comment(comment),
            preview,
            Item::End,
        ] {
            transcript.keep(item).unwrap();
        }
        assert_eq!(transcript.retry, Some(Duration::from_secs(1)));
        assert_eq!(transcript.numbers(), [Some(1), Some(2)]);
        assert_eq!(transcript.event_names(), ["progress", "preview"]);
        assert_eq!(transcript.previews(), ["a"]);
        assert_eq!((transcript.comments.len(), transcript.ended), (1, true));
        assert!(transcript.completed().is_none() && transcript.failed().is_none());
    }

    #[test]
    fn a_stream_without_end_is_a_failure_at_the_limit() {
        let mut transcript = Transcript::default();
        for _ in 0..MOST_EVENTS {
            transcript.keep(progress(1, 10)).unwrap();
        }
        assert!(transcript.keep(progress(1, 10)).is_err());
    }
}
