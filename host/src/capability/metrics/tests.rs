//! The figures of a suite, and the limits of their names, labels and number.

mod elsewhere;
mod levels;
mod pages;

use assay_report::event::{Baseline, Direction, EventKind, Judgement, MetricValue, Phase, Source};
use tokio::sync::mpsc;

use super::series::{
    MAX_HISTOGRAMS, MAX_LABEL_VALUE_BYTES, MAX_LABELS, MAX_NAME_BYTES, MAX_SERIES,
};
use super::*;
use crate::access::{Access, Rights};
use crate::ledger::{Happened, Ledger, OngoingAttempt};
use metrics::Host;

struct Attempt {
    context: Context,
    ongoing: OngoingAttempt,
    events: mpsc::UnboundedReceiver<Happened>,
}

impl Attempt {
    fn of(shared: &Arc<Shared>, prometheus: Option<String>) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let source = Source {
            suite: "suite".into(),
            entry: "case".into(),
            attempt: 1,
        };
        let ongoing = Ledger::default().attempt();
        let recorder = Recorder::new(source, sender, ongoing.attempt());
        let http = http::Context::new(
            &http::Shared::new().unwrap(),
            Access::new(Rights::everything(), recorder.clone()),
        );
        let context = Context::new(Arc::clone(shared), http, recorder, prometheus);
        Self {
            context,
            ongoing,
            events,
        }
    }

    fn new() -> Self {
        Self::of(&Arc::new(Shared::new(baselines())), None)
    }

    fn view(&mut self) -> View<'_> {
        View::new(&mut self.context)
    }

    fn counter(&mut self, name: &str, labels: Labels, add: f64) -> Result<(), Error> {
        self.view().counter(name.into(), labels, add).unwrap()
    }

    fn gauge(&mut self, name: &str, value: f64, unit: Unit) -> Result<(), Error> {
        self.view()
            .gauge(name.into(), Vec::new(), value, unit)
            .unwrap()
    }

    fn observe(&mut self, name: &str, value: f64) -> Result<(), Error> {
        self.view()
            .observe(name.into(), Vec::new(), value, Unit::Seconds)
            .unwrap()
    }

    fn judge(&mut self, name: &str, value: f64, samples: u64) -> Result<metrics::Grade, Error> {
        let measurement = metrics::Measurement { value, samples };
        self.view().judge(name.into(), measurement).unwrap()
    }

    fn judgements(&mut self) -> Vec<Judgement> {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .filter_map(|happened| match happened.kind {
                EventKind::Judged { judgement, .. } => Some(judgement),
                _ => None,
            })
            .collect()
    }

    /// The statuses of the requests that were told.
    fn statuses(&mut self) -> Vec<Option<u16>> {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .filter_map(|happened| match happened.kind {
                EventKind::Exchanged { exchange, .. } => Some(exchange.status),
                _ => None,
            })
            .collect()
    }

    async fn scrape(&self, url: &str) -> Result<Vec<Family>, Error> {
        fetch::scrape(&self.context.http, url.to_owned()).await
    }

    async fn query(&self, promql: &str) -> Result<Vec<Scraped>, Error> {
        let prometheus = self.context.prometheus.as_deref();
        fetch::query(&self.context.http, prometheus, promql).await
    }
}

fn baselines() -> Vec<Baseline> {
    let baseline = |name: &str, direction, target, critical| Baseline {
        name: name.into(),
        summary: String::new(),
        unit: "ms".into(),
        direction,
        target,
        critical,
    };
    vec![
        baseline("latency", Direction::AtMost, 100.0, 500.0),
        baseline("coverage", Direction::AtLeast, 100.0, 95.0),
    ]
}

fn labels(count: usize, bytes: usize) -> Labels {
    (0..count)
        .map(|number| (format!("l{number}"), "v".repeat(bytes)))
        .collect()
}

fn is_invalid(outcome: Result<(), Error>, part: &str) -> bool {
    matches!(outcome, Err(Error::Invalid(text)) if text.contains(part))
}

#[test]
fn all_attempts_of_a_suite_add_to_the_same_figures_and_they_come_sorted() {
    let shared = Arc::new(Shared::new(Vec::new()));
    for zone in ["z", "a"] {
        let mut attempt = Attempt::of(&shared, None);
        let label = vec![("zone".to_owned(), zone.to_owned())];
        attempt.counter("requests", label, 1.5).unwrap();
        attempt.counter("requests", Vec::new(), 1.0).unwrap();
        attempt.gauge("bytes", -2.0, Unit::Bytes).unwrap();
        attempt.observe("took", 0.25).unwrap();
    }
    let snapshot = shared.snapshot();
    let shape: Vec<_> = snapshot
        .iter()
        .map(|metric| {
            let zone = metric.labels.get("zone").map_or("", |zone| zone);
            (&*metric.name, zone, &*metric.unit)
        })
        .collect();
    assert_eq!(
        shape,
        [
            ("bytes", "", "bytes"),
            ("requests", "", ""),
            ("requests", "a", ""),
            ("requests", "z", ""),
            ("took", "", "seconds"),
        ]
    );
    assert_eq!(snapshot[0].value, MetricValue::Gauge { value: -2.0 });
    assert_eq!(snapshot[1].value, MetricValue::Counter { value: 2.0 });
    assert_eq!(snapshot[2].value, MetricValue::Counter { value: 1.5 });
    assert!(
        matches!(snapshot[4].value, MetricValue::Histogram(held) if held.count == 2 && held.p99.total_cmp(&0.25).is_eq())
    );
}

#[test]
fn figures_are_kept_by_the_phase_in_which_they_were_recorded_and_as_a_whole() {
    let mut attempt = Attempt::new();
    let in_ledger = attempt.ongoing.attempt().clone();
    let mut record = |value: f64| {
        attempt.counter("sum", Vec::new(), value).unwrap();
        attempt.gauge("last", value, Unit::None).unwrap();
        attempt.observe("took", value).unwrap();
    };
    record(1.0);
    let fault = in_ledger.fault();
    record(2.0);
    record(4.0);
    drop(fault);
    record(8.0);
    let snapshot = attempt.context.shared.snapshot();
    let numbers = |value: &MetricValue| match value {
        MetricValue::Counter { value } | MetricValue::Gauge { value } => (1, *value),
        MetricValue::Histogram(held) => (held.count, held.max),
    };
    let told: Vec<_> = snapshot
        .iter()
        .map(|metric| {
            let phases = Phase::ALL.map(|phase| numbers(&metric.by_phase[&phase]));
            (&*metric.name, numbers(&metric.value), phases)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("last", (1, 8.0), [(1, 1.0), (1, 4.0), (1, 8.0)]),
            ("sum", (1, 15.0), [(1, 1.0), (1, 6.0), (1, 8.0)]),
            ("took", (4, 8.0), [(1, 1.0), (2, 4.0), (1, 8.0)]),
        ]
    );
}

#[test]
fn figures_without_a_fault_are_not_told_twice() {
    let mut attempt = Attempt::new();
    attempt.observe("took", 1.0).unwrap();
    assert!(attempt.context.shared.snapshot()[0].by_phase.is_empty());
}

#[test]
fn labels_in_another_order_are_the_same_series() {
    let mut attempt = Attempt::new();
    let mut pair = labels(2, 1);
    attempt.counter("a", pair.clone(), 1.0).unwrap();
    pair.reverse();
    attempt.counter("a", pair, 1.0).unwrap();
    assert_eq!(attempt.context.shared.snapshot().len(), 1);
}

#[test]
fn values_that_cannot_be_are_invalid_and_leave_no_series() {
    let mut attempt = Attempt::new();
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(is_invalid(
            attempt.counter("a", Vec::new(), value),
            "counter"
        ));
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(is_invalid(attempt.gauge("a", value, Unit::None), "gauge"));
    }
    for value in [-0.000_001, 1e12 + 1.0, f64::NAN, f64::INFINITY] {
        assert!(is_invalid(attempt.observe("a", value), "10^12"));
    }
    assert_eq!(attempt.context.shared.snapshot(), []);
    attempt.observe("a", 0.0).unwrap();
    attempt.observe("a", 1e12).unwrap();
}

#[test]
fn a_counter_does_not_grow_beyond_what_it_holds() {
    let mut attempt = Attempt::new();
    attempt.counter("a", Vec::new(), f64::MAX).unwrap();
    assert!(is_invalid(
        attempt.counter("a", Vec::new(), f64::MAX),
        "beyond"
    ));
    assert_eq!(
        attempt.context.shared.snapshot()[0].value,
        MetricValue::Counter { value: f64::MAX }
    );
}

#[test]
fn names_are_as_prometheus_has_them() {
    let mut attempt = Attempt::new();
    let longest = "n".repeat(MAX_NAME_BYTES);
    for name in ["a", "_", ":", "aB_:9", &longest] {
        attempt.counter(name, Vec::new(), 1.0).unwrap();
        attempt
            .counter("labelled", vec![(name.into(), String::new())], 1.0)
            .unwrap();
    }
    let too_long = "n".repeat(MAX_NAME_BYTES + 1);
    for name in ["", "9a", "a-b", "a b", "é", &too_long] {
        assert!(is_invalid(attempt.counter(name, Vec::new(), 1.0), "name"));
        let label = vec![(name.into(), String::new())];
        assert!(is_invalid(attempt.counter("a", label, 1.0), "label"));
    }
}

#[test]
fn labels_are_limited_in_number_and_length_and_are_there_once() {
    let mut attempt = Attempt::new();
    let most = labels(MAX_LABELS, MAX_LABEL_VALUE_BYTES);
    attempt.counter("a", most, 1.0).unwrap();
    let more = labels(MAX_LABELS + 1, 1);
    assert!(is_invalid(attempt.counter("a", more, 1.0), "11 labels"));
    let longer = labels(1, MAX_LABEL_VALUE_BYTES + 1);
    assert!(is_invalid(attempt.counter("a", longer, 1.0), "129 bytes"));
    let twice = [labels(1, 1), labels(1, 2)].concat();
    assert!(is_invalid(attempt.counter("a", twice, 1.0), "twice"));
}

#[test]
fn series_are_limited_and_the_known_ones_go_on() {
    let mut attempt = Attempt::new();
    for number in 0..MAX_SERIES {
        let label = vec![("number".to_owned(), number.to_string())];
        attempt.counter("a", label, 1.0).unwrap();
    }
    assert!(is_invalid(attempt.observe("b", 1.0), "1000 series"));
    assert!(is_invalid(attempt.counter("a", Vec::new(), 1.0), "1000"));
    let known = vec![("number".to_owned(), "7".to_owned())];
    attempt.counter("a", known, 1.0).unwrap();
    assert_eq!(attempt.context.shared.snapshot().len(), 1_000);
}

#[test]
fn histograms_are_fewer_since_each_takes_hundreds_of_kibibytes() {
    let mut attempt = Attempt::new();
    for number in 0..MAX_HISTOGRAMS {
        attempt.observe(&format!("h{number}"), 1.0).unwrap();
    }
    assert!(is_invalid(attempt.observe("more", 1.0), "100 histograms"));
    attempt.observe("h7", 2.0).unwrap();
    attempt.counter("more", Vec::new(), 1.0).unwrap();
}

#[test]
fn a_name_keeps_the_kind_and_the_unit_of_its_first_use() {
    let mut attempt = Attempt::new();
    attempt.gauge("a", 1.0, Unit::Percent).unwrap();
    assert!(is_invalid(
        attempt.gauge("a", 1.0, Unit::PerSecond),
        "gauge in `percent`"
    ));
    assert!(is_invalid(attempt.observe("a", 1.0), "be a histogram"));
    let labelled = attempt.counter("a", labels(1, 1), 1.0);
    assert!(is_invalid(labelled, "be a counter"));
}

#[test]
fn a_summary_is_there_only_for_what_was_observed() {
    let mut attempt = Attempt::new();
    for step in 1..=1_000 {
        attempt.observe("took", f64::from(step) / 1_000.0).unwrap();
    }
    attempt.gauge("set", 1.0, Unit::None).unwrap();
    let mut summarize = |name: &str, labels| attempt.view().summarize(name.into(), labels).unwrap();
    let summary = summarize("took", Vec::new()).unwrap();
    assert_eq!(
        (summary.count, summary.min, summary.max),
        (1_000, 0.001, 1.0)
    );
    for (found, exact) in [
        (summary.mean, 0.5005),
        (summary.p50, 0.5),
        (summary.p90, 0.9),
        (summary.p95, 0.95),
        (summary.p99, 0.99),
        (summary.p999, 0.999),
    ] {
        assert!((found - exact).abs() <= exact * 1e-3, "{found} for {exact}");
    }
    assert!(summarize("took", labels(1, 1)).is_none());
    assert!(summarize("set", Vec::new()).is_none());
    assert!(summarize("no name", Vec::new()).is_none());
}
