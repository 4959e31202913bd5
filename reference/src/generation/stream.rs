//! A reader of a generation's events: the log up to now, then what is added, then the end. Nothing is kept for a reader but
//! how far it is, so that a slow one costs no memory and misses nothing.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use super::events::Event;
use super::job_table;
use super::service::GenerationService;
use super::tally::OpenStream;
use crate::defects::Defect;
use crate::shutdown::Shutdown;
use crate::store::StoreError;
use crate::web::serve::Connection;

/// Events that are read at once; previews have up to 100 KB each.
const BATCH: usize = 8;
/// Milliseconds after which a client may reconnect.
const RETRY_MS: u32 = 1_000;
/// After how many steps D21 cuts a stream.
const STEPS_TO_CUT: u32 = 3;
/// How many streams D30 serves at once.
pub(super) const STREAMS: usize = 16;
/// How many readers of a generation get all events with D31.
const CROWD: usize = 16;
/// How many generations D6 counts for before it starts anew.
const COUNTED: usize = 10_000;

/// D6: one count for all readers of a generation together.
#[derive(Debug, Default)]
pub(super) struct CountOfAllReaders(Mutex<HashMap<String, u64>>);

impl CountOfAllReaders {
    /// Counts so many events and answers the sum.
    pub(super) fn count(&self, job_id: &str, events: usize) -> u64 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTED {
            counts.clear();
        }
        let count = counts.entry(job_id.to_owned()).or_default();
        *count += events as u64;
        *count
    }
}

#[derive(Debug)]
struct Reader {
    service: Arc<GenerationService>,
    job_id: String,
    /// The number of the newest event that was sent.
    sent: u64,
    ready: VecDeque<Bytes>,
    /// None once the generation is finished: then the log is complete.
    newest: Option<watch::Receiver<u64>>,
    heartbeat: Option<Interval>,
    /// When D21 cuts the stream.
    cut_at: Option<Instant>,
    /// Whether D31 leaves the previews out.
    crowded: bool,
    shutdown: Shutdown,
    _open: OpenStream,
    /// Of D30.
    _turn: Option<OwnedSemaphorePermit>,
}

/// A body with the events after this number.
pub(super) async fn body(
    service: Arc<GenerationService>,
    job_id: String,
    after: u64,
    connection: Connection,
) -> Body {
    let turn = if service.has(Defect::StreamLimit) {
        // The semaphore is never closed, so there always is a place in the end.
        Arc::clone(&service.streams).acquire_owned().await.ok()
    } else {
        None
    };
    let pace = service.parts.pace;
    let steady = !service.has(Defect::NoHeartbeat);
    let reader = Reader {
        crowded: service.has(Defect::CrowdedReadersSkipped) && service.followers(&job_id) >= CROWD,
        newest: service.watch(&job_id),
        ready: steady
            .then(|| Bytes::from(format!("retry: {RETRY_MS}\n\n")))
            .into_iter()
            .collect(),
        heartbeat: steady.then(|| {
            let mut ticks = interval_at(Instant::now() + pace.heartbeat, pace.heartbeat);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            ticks
        }),
        cut_at: (service.has(Defect::ReusedConnectionCut) && connection.earlier_requests > 0)
            .then(|| Instant::now() + pace.step * STEPS_TO_CUT),
        shutdown: service.parts.shutdown.clone(),
        _open: service.parts.tally.stream(),
        _turn: turn,
        job_id,
        sent: after,
        service,
    };
    Body::from_stream(futures::stream::unfold(reader, |mut reader| async {
        reader.next().await.map(|piece| (piece, reader))
    }))
}

impl GenerationService {
    /// D5: the number before that of the newest progress; 0 if there is none.
    pub(super) async fn before_newest_progress(&self, job_id: &str) -> Result<u64, StoreError> {
        let id = job_id.to_owned();
        let log = self
            .parts
            .store
            .read(move |transaction| job_table::events_after(transaction, &id, 0, usize::MAX))
            .await?;
        let newest = log.iter().rfind(|event| event.name == "progress");
        Ok(newest.map_or(0, |event| event.number - 1))
    }
}

/// What a reader was woken by.
enum Wake {
    News,
    Finished,
    Heartbeat,
    Cut,
    Shutdown,
}

impl Reader {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(Ok(piece));
            }
            match self.read_log().await {
                Ok(true) => continue,
                Ok(false) if self.newest.is_none() => return None,
                Ok(false) => {}
                Err(error) => return Some(Err(io::Error::other(error))),
            }
            match self.wait().await {
                Wake::News => {}
                // One more look: the last event was stored before the channel was closed.
                Wake::Finished => self.newest = None,
                Wake::Heartbeat => return Some(Ok(Bytes::from_static(b": heartbeat\n\n"))),
                Wake::Cut => return Some(Err(io::Error::other("the stream was cut"))),
                Wake::Shutdown => return None,
            }
        }
    }

    /// Whether there was something new in the log.
    async fn read_log(&mut self) -> Result<bool, StoreError> {
        let (job_id, sent) = (self.job_id.clone(), self.sent);
        let events = self
            .service
            .parts
            .store
            .read(move |transaction| job_table::events_after(transaction, &job_id, sent, BATCH))
            .await?;
        for event in &events {
            self.sent = event.number;
            if self.crowded && event.name == "preview" {
                continue;
            }
            let id = self.id_for(event);
            self.ready.push_back(event.frame(&self.job_id, id).into());
        }
        Ok(!events.is_empty())
    }

    /// The number in the event's id: its own, the same for every reader.
    fn id_for(&self, event: &Event) -> u64 {
        if self.service.has(Defect::EventIdsCountReaders) {
            self.service.all_readers.count(&self.job_id, 1)
        } else {
            event.number
        }
    }

    async fn wait(&mut self) -> Wake {
        let Self {
            newest,
            heartbeat,
            cut_at,
            shutdown,
            ..
        } = self;
        select! {
            biased;
            () = shutdown.requested() => Wake::Shutdown,
            () = tick(heartbeat) => Wake::Heartbeat,
            () = passed(*cut_at) => Wake::Cut,
            open = news(newest) => if open { Wake::News } else { Wake::Finished },
        }
    }
}

async fn tick(heartbeat: &mut Option<Interval>) {
    match heartbeat {
        Some(ticks) => {
            ticks.tick().await;
        }
        None => std::future::pending().await,
    }
}

async fn passed(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Whether more may come.
async fn news(newest: &mut Option<watch::Receiver<u64>>) -> bool {
    match newest {
        Some(newest) => newest.changed().await.is_ok(),
        None => false,
    }
}
