//! The live feed: one event for each change, in the order of the changes, with dense ids that are the same for every reader.
//!
//! The newest events are kept for readers that come back. A reader keeps nothing but its place, so that a slow one holds nobody up.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use serde::Serialize;
use tokio::select;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::model::Alert;
use crate::clock;
use crate::log;
use crate::shutdown::Shutdown;

/// How many events are kept.
const KEPT: usize = 1_000;
/// The period of the heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Tells a reader to come back after a second.
const RETRY: &str = "retry: 1000\n\n";

/// Something that changed.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(in super::super) enum Change<'a> {
    ProjectCreated {
        project_id: &'a str,
    },
    ProjectDeleted {
        project_id: &'a str,
        deleted_episodes: u64,
    },
    EpisodeCreated(OfEpisode<'a>),
    EpisodeInserted(OfEpisode<'a>),
    EpisodeChanged(OfEpisode<'a>),
    EpisodeDeleted(OfEpisode<'a>),
    CreationFailed {
        project_id: &'a str,
        status: u16,
    },
    NumbersRepaired {
        project_id: &'a str,
        changes: u64,
    },
    AlertRaised(OfAlert<'a>),
    AlertResolved(OfAlert<'a>),
}

/// What is told of an episode.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct OfEpisode<'a> {
    pub(in super::super) project_id: &'a str,
    pub(in super::super) episode_id: &'a str,
    pub(in super::super) number: u64,
}

/// What is told of an alert.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct OfAlert<'a> {
    project_id: Option<&'a str>,
    alert: &'a Alert,
}

impl<'a> From<&'a Alert> for OfAlert<'a> {
    fn from(alert: &'a Alert) -> Self {
        Self {
            project_id: alert.project_id.as_deref(),
            alert,
        }
    }
}

impl Change<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::ProjectCreated { .. } => "project-created",
            Self::ProjectDeleted { .. } => "project-deleted",
            Self::EpisodeCreated(_) => "episode-created",
            Self::EpisodeInserted(_) => "episode-inserted",
            Self::EpisodeChanged(_) => "episode-changed",
            Self::EpisodeDeleted(_) => "episode-deleted",
            Self::CreationFailed { .. } => "creation-failed",
            Self::NumbersRepaired { .. } => "numbers-repaired",
            Self::AlertRaised(_) => "alert-raised",
            Self::AlertResolved(_) => "alert-resolved",
        }
    }
}

#[derive(Serialize)]
struct Data<'a> {
    sequence: u64,
    at: String,
    #[serde(flatten)]
    change: &'a Change<'a>,
}

/// The feed of a service.
#[derive(Debug)]
pub(in super::super) struct Feed {
    /// When the service began; a part of each id, since the numbers begin anew with every start.
    start_ms: u64,
    kept: Mutex<VecDeque<(u64, Bytes)>>,
    newest: watch::Sender<u64>,
}

impl Feed {
    pub(super) fn new() -> Self {
        Self {
            start_ms: clock::now_ms(),
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
        }
    }

    /// Adds an event.
    pub(in super::super) fn publish(&self, change: &Change<'_>) {
        let mut kept = self.kept();
        let sequence = *self.newest.borrow() + 1;
        let data = serde_json::to_string(&Data {
            sequence,
            at: clock::rfc3339(clock::now_ms()),
            change,
        });
        let data = match data {
            Ok(data) => data,
            Err(error) => return log::line("feed", error),
        };
        let frame = format!(
            "id: {}:{sequence}\nevent: {}\ndata: {data}\n\n",
            self.start_ms,
            change.name()
        );
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((sequence, frame.into()));
        self.newest.send_replace(sequence);
    }

    /// What is kept of what came after that number, and the newest number.
    fn after(&self, number: u64) -> (VecDeque<Bytes>, u64) {
        let kept = self.kept();
        let later = kept.iter().filter(|(sequence, _)| *sequence > number);
        let frames = later.map(|(_, frame)| frame.clone()).collect();
        (frames, *self.newest.borrow())
    }

    /// The number in a `Last-Event-ID`; 0, which is before all, if it is none of this feed.
    pub(super) fn place(&self, last_event_id: Option<&str>) -> u64 {
        let number = last_event_id.and_then(|id| {
            let (start, number) = id.split_once(':')?;
            (start.parse() == Ok(self.start_ms))
                .then_some(number)?
                .parse()
                .ok()
        });
        number
            .filter(|number| number <= &*self.newest.borrow())
            .unwrap_or(0)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(u64, Bytes)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reader {
    feed: Arc<Feed>,
    place: u64,
    ready: VecDeque<Bytes>,
    news: watch::Receiver<u64>,
    heartbeat: Interval,
    replay_only: bool,
    shutdown: Shutdown,
}

/// A body with what is kept of the events after this number, and then, unless only that is wanted, with what comes.
pub(super) fn body(feed: &Arc<Feed>, place: u64, replay_only: bool, shutdown: Shutdown) -> Body {
    let reader = Reader::new(feed, place, replay_only, shutdown);
    Body::from_stream(futures::stream::unfold(reader, |mut reader| async {
        let piece = reader.next().await?;
        Some((Ok::<_, io::Error>(piece), reader))
    }))
}

impl Reader {
    /// What is kept now is taken at once: it is all that a reader gets who wants no more, whatever comes while it reads.
    fn new(feed: &Arc<Feed>, place: u64, replay_only: bool, shutdown: Shutdown) -> Self {
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let news = feed.newest.subscribe();
        let (mut ready, place) = feed.after(place);
        ready.push_front(Bytes::from_static(RETRY.as_bytes()));
        Self {
            feed: Arc::clone(feed),
            place,
            ready,
            news,
            heartbeat,
            replay_only,
            shutdown,
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            if self.replay_only {
                return None;
            }
            // Marked as seen before it is read, so that what comes meanwhile is news again.
            self.news.borrow_and_update();
            (self.ready, self.place) = self.feed.after(self.place);
            if !self.ready.is_empty() {
                continue;
            }
            select! {
                biased;
                () = self.shutdown.requested() => return None,
                news = self.news.changed() => news.ok()?,
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b": heartbeat\n\n")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shutdown;

    fn publish(feed: &Feed) {
        feed.publish(&Change::ProjectCreated { project_id: "p" });
    }

    async fn replayed(feed: &Arc<Feed>, place: u64) -> String {
        let (_trigger, shutdown) = shutdown::channel();
        let body = body(feed, place, true, shutdown);
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn numbers(text: &str) -> Vec<u64> {
        let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
        ids.map(|id| id.split_once(':').unwrap().1.parse().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_reader_gets_what_came_after_its_place_in_order() {
        let feed = Arc::new(Feed::new());
        assert_eq!(replayed(&feed, 0).await, RETRY);
        for _ in 0..3 {
            publish(&feed);
        }
        assert_eq!(numbers(&replayed(&feed, 0).await), [1, 2, 3]);
        let text = replayed(&feed, 2).await;
        assert_eq!(numbers(&text), [3]);
        assert!(text.contains("\nevent: project-created\ndata: {\"sequence\":3,\"at\":\""));
        assert!(text.ends_with(",\"projectId\":\"p\"}\n\n"));
    }

    #[tokio::test]
    async fn the_newest_events_are_kept_and_no_more() {
        let feed = Arc::new(Feed::new());
        for _ in 0..=KEPT {
            publish(&feed);
        }
        let numbers = numbers(&replayed(&feed, 0).await);
        assert_eq!(numbers.len(), KEPT);
        assert_eq!((numbers[0], numbers[KEPT - 1]), (2, 1_001));
    }

    #[tokio::test]
    async fn a_replay_ends_though_more_comes_while_it_is_read() {
        let feed = Arc::new(Feed::new());
        publish(&feed);
        let (_trigger, shutdown) = shutdown::channel();
        let mut reader = Reader::new(&feed, 0, true, shutdown);
        let mut pieces = 0;
        while pieces < 10 && reader.next().await.is_some() {
            pieces += 1;
            publish(&feed);
        }
        // The time to come back after, and the one event.
        assert_eq!(pieces, 2);
    }

    #[test]
    fn only_an_id_of_this_feed_is_a_place() {
        let feed = Feed::new();
        publish(&feed);
        let start = feed.start_ms;
        for (id, place) in [
            (Some(format!("{start}:1")), 1),
            (Some(format!("{start}:2")), 0),
            (Some(format!("{}:1", start + 1)), 0),
            (Some("nonsense".to_owned()), 0),
            (None, 0),
        ] {
            assert_eq!(feed.place(id.as_deref()), place, "{id:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_hears_news_heartbeats_and_the_end() {
        let feed = Arc::new(Feed::new());
        let (trigger, shutdown) = shutdown::channel();
        let mut reader = Reader::new(&feed, 0, false, shutdown);
        assert_eq!(reader.next().await.unwrap(), RETRY);
        publish(&feed);
        assert!(reader.next().await.unwrap().starts_with(b"id: "));
        assert_eq!(reader.next().await.unwrap(), ": heartbeat\n\n");
        trigger.ask();
        assert_eq!(reader.next().await, None);
    }
}
