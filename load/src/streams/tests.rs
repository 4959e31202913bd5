//! Streams that flow, stall, break and repeat themselves, in paused time.

use tokio::time::advance;

use super::*;
use crate::outcome::{Counted, Outcome};
use crate::samples::Samples;

const STALL: Duration = Duration::from_millis(500);

/// What others share.
type Shared = std::rc::Rc<std::cell::Cell<Phase>>;

impl Exposure for Shared {
    fn phase(&self) -> Phase {
        self.get()
    }

    /// The fault is over then.
    fn event(&mut self) {
        self.set(Phase::Recovery);
    }
}

fn meter(samples: &Samples) -> StreamMeter<Phase> {
    StreamMeter::ask(samples.shard(), Phase::Baseline, Some(STALL))
}

fn samples() -> Samples {
    Samples::new([]).unwrap()
}

fn told(samples: &Samples) -> Option<Streams> {
    let mut outcome = Outcome::default();
    samples.tell(&mut outcome);
    outcome.streams
}

fn figures(samples: &Samples) -> StreamFigures {
    told(samples).unwrap().all
}

async fn pass(milliseconds: u64) {
    advance(Duration::from_millis(milliseconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_when_it_opened_when_it_began_and_how_evenly_it_flows() {
    let samples = samples();
    let mut meter = meter(&samples);
    pass(20).await;
    meter.opened();
    pass(30).await;
    meter.event(Some("1"));
    for id in ["2", "3"] {
        pass(100).await;
        meter.event(Some(id));
    }
    drop(meter);
    let Streams {
        most_open,
        all: told,
        ..
    } = told(&samples).unwrap();
    assert_eq!((told.opened, most_open, told.events), (1, 1, 3));
    assert_eq!(
        (told.connect.max, told.first_event.max),
        (20_000_000, 50_000_000)
    );
    assert_eq!(
        (told.gap.count, told.gap.min, told.gap.max),
        (2, 100_000_000, 100_000_000)
    );
    assert_eq!(
        (told.stalls, told.lost, told.duplicated, told.cut_short),
        (0, 0, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_a_stall_only_beyond_the_limit_and_also_where_no_event_ends_it() {
    let samples = samples();
    let mut meter = meter(&samples);
    meter.opened();
    // What comes before the first event is no gap.
    pass(2_000).await;
    meter.event(None);
    pass(500).await;
    meter.event(None);
    assert_eq!(figures(&samples).stalls, 0);
    pass(501).await;
    meter.event(None);
    assert_eq!(figures(&samples).stalls, 1);
    pass(501).await;
    drop(meter);
    assert_eq!(figures(&samples).stalls, 2);
}

#[tokio::test(start_paused = true)]
async fn a_break_is_told_with_its_reason_and_the_gap_goes_over_it() {
    let samples = samples();
    let mut meter = meter(&samples);
    meter.opened();
    meter.event(Some("1"));
    meter.broke("closed");
    pass(700).await;
    meter.reconnected();
    meter.event(Some("1"));
    meter.event(Some("4"));
    meter.cut_short();
    let told = figures(&samples);
    assert_eq!((told.opened, told.reconnects, told.stalls), (1, 1, 1));
    assert_eq!((told.duplicated, told.lost, told.cut_short), (1, 2, 1));
    assert_eq!(
        told.failures,
        [Counted {
            name: "closed".into(),
            count: 1
        }]
    );
}

#[tokio::test(start_paused = true)]
async fn streams_that_are_not_opened_are_failures_and_never_open() {
    let samples = samples();
    assert_eq!(told(&samples), None);
    meter(&samples).not_opened("status 503");
    meter(&samples).cut_short();
    let Streams {
        most_open,
        all: told,
        ..
    } = told(&samples).unwrap();
    assert_eq!((told.opened, most_open, told.cut_short), (0, 0, 0));
    assert_eq!(
        told.failures,
        [Counted {
            name: "status 503".into(),
            count: 1
        }]
    );
}

#[tokio::test(start_paused = true)]
async fn how_many_are_open_is_known_while_they_are() {
    let samples = samples();
    let mut open: Vec<_> = (0..5).map(|_| meter(&samples)).collect();
    open.iter_mut().for_each(StreamMeter::opened);
    assert_eq!(samples.second().open_streams, 5);
    open.truncate(2);
    assert_eq!(samples.second().open_streams, 2);
    assert_eq!(told(&samples).unwrap().most_open, 5);
}

#[tokio::test(start_paused = true)]
async fn what_begins_in_the_warm_up_is_left_out_and_the_stream_goes_on() {
    let samples = samples();
    samples.measure_from(Instant::now() + Duration::from_millis(100));
    let mut meter = meter(&samples);
    meter.opened();
    meter.event(Some("1"));
    meter.event(Some("5"));
    // This gap began before.
    pass(150).await;
    meter.event(Some("6"));
    pass(10).await;
    meter.event(Some("8"));
    let told = figures(&samples);
    assert_eq!(
        (told.opened, told.events, told.lost, told.gap.max),
        (0, 1, 1, 10_000_000)
    );
}

#[test]
fn a_meter_is_as_small_as_stated() {
    assert!(
        size_of::<StreamMeter<Phase>>() <= 128,
        "{}",
        size_of::<StreamMeter<Phase>>()
    );
}

#[tokio::test(start_paused = true)]
async fn what_overlaps_a_fault_is_told_apart_from_what_does_not() {
    let samples = samples();
    let phase = Shared::default();
    let mut meter = StreamMeter::ask(samples.shard(), Shared::clone(&phase), Some(STALL));
    meter.opened();
    meter.event(Some("1"));
    phase.set(Phase::Fault);
    pass(700).await;
    meter.event(Some("2"));
    pass(10).await;
    meter.event(Some("3"));
    drop(meter);
    let told = told(&samples).unwrap();
    assert_eq!(
        (told.all.events, told.all.gap.count, told.all.stalls),
        (3, 2, 1)
    );
    let of = |phase| {
        let figures = &told.by_phase[&phase];
        (figures.opened, figures.gap.max, figures.stalls)
    };
    assert_eq!(of(Phase::Baseline), (1, 0, 0));
    assert_eq!(of(Phase::Fault), (0, 700_000_000, 1));
    assert_eq!(of(Phase::Recovery), (0, 10_000_000, 0));
}

#[tokio::test(start_paused = true)]
async fn where_no_fault_was_nothing_is_told_by_phase() {
    let samples = samples();
    meter(&samples).opened();
    assert!(told(&samples).unwrap().by_phase.is_empty());
}
