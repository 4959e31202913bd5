//! What is told again at the end of an attempt that went bad, as the console shows it: requests that went wrong, streams that broke, and
//! the last lines of the services. Only what fits a glance; all of it is in the reports.

use std::collections::VecDeque;

use crate::event::{Exchange, StreamSummary};
use crate::words::{clip, duration};

/// Requests that are shown, and streams: the last ones.
const MAX_EXCHANGES: usize = 3;
/// Services that are shown.
const MAX_SERVICES: usize = 4;
/// Lines of a service that are shown: the last ones.
const MAX_LINES: usize = 3;
/// Characters of a line of a service, and of a body.
const MAX_WIDTH: usize = 200;

/// What was told again.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    exchanges: VecDeque<Vec<String>>,
    streams: VecDeque<Vec<String>>,
    services: Vec<(String, Vec<String>)>,
}

impl Recalled {
    /// Of requests those that went wrong.
    pub(super) fn exchange(&mut self, exchange: &Exchange) {
        if exchange.went_wrong() {
            push(&mut self.exchanges, exchange_lines(exchange));
        }
    }

    /// Of streams those that the server did not end, nor the suite.
    pub(super) fn stream(&mut self, stream: &StreamSummary) {
        if stream.broke() {
            push(&mut self.streams, stream_lines(stream));
        }
    }

    pub(super) fn service(&mut self, service: &str, lines: &[String]) {
        if self.services.len() < MAX_SERVICES {
            let hidden = lines.len().saturating_sub(MAX_LINES);
            let shown = lines.iter().skip(hidden).map(|line| clip(line, MAX_WIDTH));
            self.services.push((service.to_owned(), shown.collect()));
        }
    }

    /// Headings, and the lines below each.
    pub(super) fn blocks(&self) -> Vec<(String, Vec<String>)> {
        let told = |heading: &str, of: &VecDeque<Vec<String>>| {
            let lines: Vec<String> = of.iter().flatten().cloned().collect();
            (!lines.is_empty()).then(|| (heading.to_owned(), lines))
        };
        let services = self.services.iter().map(|(service, lines)| {
            let heading = format!("service {service}, last lines");
            (heading, lines.clone())
        });
        let exchanges = told("requests that went wrong", &self.exchanges);
        let streams = told("event streams that broke", &self.streams);
        exchanges
            .into_iter()
            .chain(streams)
            .chain(services)
            .collect()
    }
}

fn push(queue: &mut VecDeque<Vec<String>>, lines: Vec<String>) {
    if queue.len() == MAX_EXCHANGES {
        queue.pop_front();
    }
    queue.push_back(lines);
}

fn exchange_lines(exchange: &Exchange) -> Vec<String> {
    let ended = match (&exchange.error, exchange.status) {
        (Some(error), _) => format!("{}: {}", error.kind, error.message),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let Exchange { method, url, .. } = exchange;
    let took = duration(exchange.duration_ns);
    let mut lines = vec![clip(
        &format!("{method} {url} ({took}): {ended}"),
        MAX_WIDTH,
    )];
    let response = exchange
        .detail
        .as_ref()
        .and_then(|detail| detail.response.as_ref());
    let body = response.and_then(|response| response.body.text.as_deref());
    if let Some(body) = body.filter(|body| !body.trim().is_empty()) {
        let one_line = body.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push(format!("  {}", clip(&one_line, MAX_WIDTH)));
    }
    if let Some(traceparent) = &exchange.traceparent {
        lines.push(format!("  traceparent {traceparent}"));
    }
    lines
}

fn stream_lines(stream: &StreamSummary) -> Vec<String> {
    let StreamSummary {
        url, end, events, ..
    } = stream;
    let head = format!("{url}, after {events} events: {end}");
    let last = stream.last_events.last();
    let last = last.map(|event| {
        clip(
            &format!("  last event {}: {}", event.name, event.data),
            MAX_WIDTH,
        )
    });
    [clip(&head, MAX_WIDTH)].into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_last_ones_are_shown_within_their_width() {
        let mut recalled = Recalled::default();
        let lines: Vec<_> = (0..9)
            .map(|line| format!("{line} {}", "x".repeat(400)))
            .collect();
        for service in ["a", "b", "c", "d", "e"] {
            recalled.service(service, &lines);
        }
        let blocks = recalled.blocks();
        assert_eq!(blocks.len(), MAX_SERVICES);
        assert_eq!(blocks[0].0, "service a, last lines");
        let starts: Vec<_> = blocks[0].1.iter().map(|line| &line[..1]).collect();
        assert_eq!(starts, ["6", "7", "8"]);
        assert!(blocks[0].1.iter().all(|line| line.len() == MAX_WIDTH));
    }
}
