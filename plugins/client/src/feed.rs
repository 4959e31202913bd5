//! The live feed of changes.

use std::time::Duration;

use assay_sdk::sse::{self, Event, EventStream};
use assay_sdk::{Problem, Result, ResultExt as _, located};
use serde::Deserialize;

use crate::api::{Service, User};
use crate::monitoring::Alert;

/// How long the next event may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// More events than this are read by no case.
const MOST: usize = 10_000;

/// A change as the feed tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// `<start>:<n>`.
    pub id: String,
    /// `episode-created`, ...
    pub name: String,
    /// What it says.
    pub data: Data,
}

/// What an event of the feed says.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Its number in the feed, from 1.
    pub sequence: u64,
    /// The project, if it is about one.
    pub project_id: Option<String>,
    /// The number of the episode, if it is about one.
    pub number: Option<u64>,
    /// The alert, if it is about one.
    pub alert: Option<Alert>,
}

impl Told {
    fn of(event: &Event) -> Result<Self> {
        Ok(Self {
            id: event.id.clone().context("an event of the feed has an id")?,
            name: event.name.clone(),
            data: event.json()?,
        })
    }

    /// The number at the end of its id.
    pub fn number(&self) -> Option<u64> {
        self.id.split_once(':')?.1.parse().ok()
    }
}

/// A feed that is being read. Dropping it closes the connection.
#[derive(Debug)]
pub struct Feed {
    stream: EventStream,
}

impl User {
    /// Opens the feed: what is kept of it, or what came after an event, and then what comes.
    #[track_caller]
    pub fn feed(&self, after: Option<&Told>) -> impl Future<Output = Result<Feed>> {
        located(async move {
            let request = self.request("GET", Service::Project, "/monitoring/episodes/feed");
            let request = sse::request(request.header("accept", "text/event-stream"));
            let request = match after {
                Some(told) => request.last_event_id(&*told.id),
                None => request,
            };
            let stream = request.open().await?;
            Ok(Feed { stream })
        })
    }
}

impl Feed {
    /// The next event; one that does not come within 10 s, and the end of the feed, are failures.
    #[track_caller]
    pub fn next_event(&mut self) -> impl Future<Output = Result<Told>> {
        located(async move {
            let event = self.stream.next_event(PATIENCE).await?;
            Told::of(&event.context("the feed goes on")?)
        })
    }

    /// Reads up to the event that is looked for, and answers all of them.
    #[track_caller]
    pub fn until(
        &mut self,
        what: &str,
        wanted: impl Fn(&Told) -> bool,
    ) -> impl Future<Output = Result<Vec<Told>>> {
        located(async move {
            let mut told = Vec::new();
            while told.len() < MOST {
                let next = self
                    .next_event()
                    .await
                    .with_context(|| format!("waiting for {what}"))?;
                let found = wanted(&next);
                told.push(next);
                if found {
                    return Ok(told);
                }
            }
            Err(Problem::failed(format!("{what} is among {MOST} events")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_the_feed_is_read() {
        let data = r#"{"sequence":3,"at":"2026-01-01T00:00:00Z","projectId":"p","episodeId":"e","number":2}"#;
        let told = Told::of(&Event::for_tests(Some("17:3"), "episode-created", data)).unwrap();
        assert_eq!((told.number(), told.data.number), (Some(3), Some(2)));
        assert_eq!(told.data.project_id.as_deref(), Some("p"));
        assert!(Told::of(&Event::for_tests(None, "episode-created", data)).is_err());
    }
}
