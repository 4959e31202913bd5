//! The event streams of a suite that are most worth a look, each with its time in the run: for a report that draws them.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{Source, StreamSummary};

/// Event streams of a suite that are kept one by one, whether their attempt was good or not.
pub const MAX_NOTABLE_STREAMS: usize = 40;

/// An event stream and whose it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotableStream {
    /// The case; `setup` or `teardown` for those.
    pub entry: String,
    /// From 1.
    pub attempt: u32,
    /// When it was asked for, since the start of the run.
    pub started_at_ns: u64,
    /// How it went.
    #[serde(flatten)]
    pub stream: StreamSummary,
}

/// The most notable ones so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Notable {
    kept: Vec<NotableStream>,
}

/// How worth a look: what broke, then what was opened again, then the longest silence. Of equals the earlier one stays.
type Rank = (bool, u32, u64);

fn rank(stream: &StreamSummary) -> Rank {
    let broke = !matches!(stream.end.as_str(), "ended" | "dropped");
    let silence = stream.longest_gap_ns.max(stream.first_event_ns);
    (
        broke,
        stream.reconnects,
        silence.unwrap_or(stream.duration_ns),
    )
}

impl Notable {
    /// A stream that was over then.
    pub(super) fn streamed(&mut self, at_ns: u64, source: &Source, stream: &StreamSummary) {
        if self.kept.len() >= MAX_NOTABLE_STREAMS && !self.make_room(rank(stream)) {
            return;
        }
        self.kept.push(NotableStream {
            entry: source.entry.clone(),
            attempt: source.attempt,
            started_at_ns: at_ns.saturating_sub(stream.duration_ns),
            stream: stream.clone(),
        });
    }

    /// Forgets the least notable one, if it is less so than this rank.
    fn make_room(&mut self, than: Rank) -> bool {
        let places = self.kept.iter().enumerate();
        let least = places.min_by_key(|(place, kept)| (rank(&kept.stream), Reverse(*place)));
        match least {
            Some((place, kept)) if rank(&kept.stream) < than => {
                self.kept.remove(place);
                true
            }
            _ => false,
        }
    }

    /// In the order in which they were asked for.
    pub(super) fn streams(&self) -> Vec<NotableStream> {
        let mut streams = self.kept.clone();
        streams.sort_by_key(|kept| kept.started_at_ns);
        streams
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(gap: u64, reconnects: u32, end: &str) -> StreamSummary {
        StreamSummary {
            name: "events".to_owned(),
            url: String::new(),
            status: 200,
            events: 2,
            comments: 0,
            reconnects,
            opened_after_ns: 1,
            first_event_ns: Some(2),
            longest_gap_ns: Some(gap),
            duration_ns: 1_000,
            end: end.to_owned(),
            number: 0,
            traceparent: None,
            detail: None,
            last_events: Vec::new(),
        }
    }

    fn source(entry: &str) -> Source {
        Source {
            suite: "jobs".to_owned(),
            entry: entry.to_owned(),
            attempt: 1,
        }
    }

    #[test]
    fn what_broke_or_was_silent_stays_and_a_stream_knows_when_it_was_asked_for() {
        let mut notable = Notable::default();
        notable.streamed(5_000, &source("broken"), &stream(3, 0, "reset"));
        notable.streamed(6_000, &source("again"), &stream(3, 2, "ended"));
        for number in 0..MAX_NOTABLE_STREAMS as u64 * 3 {
            notable.streamed(
                7_000 + number,
                &source("usual"),
                &stream(number + 3, 0, "ended"),
            );
        }
        let streams = notable.streams();
        assert_eq!(streams.len(), MAX_NOTABLE_STREAMS);
        assert_eq!(
            (streams[0].entry.as_str(), streams[0].started_at_ns),
            ("broken", 4_000)
        );
        assert_eq!(streams[1].entry, "again");
        let least = streams[2..]
            .iter()
            .filter_map(|kept| kept.stream.longest_gap_ns)
            .min();
        assert_eq!(least, Some(MAX_NOTABLE_STREAMS as u64 * 2 + 3 + 2));
    }

    #[test]
    fn up_to_the_limit_all_streams_are_there_and_of_equals_the_first_ones_stay() {
        let mut notable = Notable::default();
        for number in 0..=MAX_NOTABLE_STREAMS as u64 {
            let name = format!("case-{number}");
            notable.streamed(10_000 + number, &source(&name), &stream(3, 0, "ended"));
        }
        let streams = notable.streams();
        assert_eq!(streams.len(), MAX_NOTABLE_STREAMS);
        assert_eq!(streams[0].entry, "case-0");
        let last = format!("case-{}", MAX_NOTABLE_STREAMS - 1);
        assert_eq!(streams[MAX_NOTABLE_STREAMS - 1].entry, last);
    }
}
