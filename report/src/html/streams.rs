//! Event streams: figures of all of them by name, and those that are most worth a look as lanes.

use askama::{Template, filters::HtmlSafe};

use super::{distribution::as_figure, scale::Scale};
use crate::{
    json::document::{NotableStream, Report, StreamGroup, Suite},
    words::{clean, clip, time},
};

/// Names in the table.
const MAX_NAMES: usize = 60;
/// Lanes.
const MAX_LANES: usize = 30;
/// Characters of a text of others.
const MAX_TEXT: usize = 160;

/// What is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "streams.html")]
pub(super) struct Streams {
    groups: Vec<Group>,
    hidden: usize,
    /// The time that all lanes are drawn to.
    axis: String,
    lanes: Vec<Lane>,
}

impl HtmlSafe for Streams {}

/// The streams of one name.
#[derive(Clone, Debug)]
struct Group {
    name: String,
    suite: String,
    count: u64,
    events: u64,
    first_event: [String; 3],
    longest_gap: String,
    reconnects: u64,
    ends: String,
}

/// A stream from asking for it to its end. Places are in percent of the longest one.
#[derive(Clone, Debug)]
struct Lane {
    name: String,
    case: String,
    /// In words, from end to end.
    told: String,
    opened: String,
    first_event: String,
    end: String,
    has_events: bool,
    broke: bool,
    events: u64,
    longest_gap: String,
    reconnects: u32,
    ended: String,
}

impl Streams {
    /// None if there was no stream.
    pub(super) fn new(report: &Report) -> Option<Self> {
        let groups: Vec<Group> = report.suites.iter().flat_map(groups).collect();
        if groups.is_empty() {
            return None;
        }
        let mut notable: Vec<(&str, &NotableStream)> = report
            .suites
            .iter()
            .flat_map(|suite| {
                suite
                    .notable_streams
                    .iter()
                    .map(|notable| (suite.name.as_str(), notable))
            })
            .collect();
        notable.sort_by_key(|(_, notable)| std::cmp::Reverse(worth(notable)));
        notable.truncate(MAX_LANES);
        let longest = notable
            .iter()
            .map(|(_, notable)| notable.stream.duration_ns)
            .max();
        let scale = Scale::between(0.0, as_figure(longest.unwrap_or(1)));
        Some(Self {
            hidden: groups.len().saturating_sub(MAX_NAMES),
            groups: groups.into_iter().take(MAX_NAMES).collect(),
            axis: time(longest.unwrap_or_default()),
            lanes: notable
                .iter()
                .map(|(suite, notable)| Lane::new(suite, notable, &scale))
                .collect(),
        })
    }
}

/// What broke first, then what was opened again, then the longest silence.
fn worth(notable: &NotableStream) -> (bool, u32, Option<u64>) {
    let stream = &notable.stream;
    (
        broke(&stream.end),
        stream.reconnects,
        stream.longest_gap_ns.max(stream.first_event_ns),
    )
}

/// Whether neither the server nor the suite ended it.
fn broke(end: &str) -> bool {
    !matches!(end, "ended" | "dropped")
}

fn groups(suite: &Suite) -> impl Iterator<Item = Group> {
    suite
        .streams
        .iter()
        .map(|group| Group::new(&suite.name, group))
}

impl Group {
    fn new(suite: &str, group: &StreamGroup) -> Self {
        let told = |nanoseconds: Option<u64>| nanoseconds.map_or_else(|| "none".to_owned(), time);
        let ends = group
            .ends
            .iter()
            .take(8)
            .map(|(end, count)| format!("{count} × {}", clip(&clean(end), MAX_TEXT)));
        Self {
            name: clip(&clean(&group.name), MAX_TEXT),
            suite: clean(suite),
            count: group.count,
            events: group.events,
            first_event: [
                told(group.first_event.map(|times| times.p50_ns)),
                told(group.first_event.map(|times| times.p95_ns)),
                told(group.first_event.map(|times| times.max_ns)),
            ],
            longest_gap: told(group.longest_gap_ns),
            reconnects: group.reconnects,
            ends: ends.collect::<Vec<_>>().join(", "),
        }
    }
}

impl Lane {
    fn new(suite: &str, notable: &NotableStream, scale: &Scale) -> Self {
        let stream = &notable.stream;
        let percent =
            |nanoseconds: u64| format!("{:.2}", scale.place(as_figure(nanoseconds)) * 100.0);
        let first_event = stream.first_event_ns.unwrap_or(stream.duration_ns);
        let first_told = match stream.first_event_ns {
            Some(first_event) => format!("first event after {}", time(first_event)),
            None => "no event".to_owned(),
        };
        let ended = clip(&clean(&stream.end), MAX_TEXT);
        Self {
            name: clip(&clean(&stream.name), MAX_TEXT),
            case: clip(&clean(&format!("{suite}/{}", notable.entry)), MAX_TEXT),
            told: format!(
                "opened after {}, {first_told}, over after {}",
                time(stream.opened_after_ns),
                time(stream.duration_ns)
            ),
            opened: percent(stream.opened_after_ns),
            first_event: percent(first_event),
            end: percent(stream.duration_ns),
            has_events: stream.first_event_ns.is_some(),
            broke: broke(&stream.end),
            events: stream.events,
            longest_gap: stream
                .longest_gap_ns
                .map_or_else(|| "none".to_owned(), time),
            reconnects: stream.reconnects,
            ended,
        }
    }
}
