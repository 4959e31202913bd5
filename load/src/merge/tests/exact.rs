//! What is merged is what one machine would have measured, to the last bit.

use super::*;
use crate::encoded::EncodedHistogram;
use crate::outcome::{Counted, Outcome};

/// What samples tell, without the order of names, which is that of their first use.
fn told(samples: &Samples) -> (Outcome, Vec<EncodedHistogram>) {
    let mut outcome = Outcome::default();
    samples.tell(&mut outcome);
    outcome
        .requests
        .sort_by(|one, other| one.name.cmp(&other.name));
    outcome
        .checks
        .sort_by(|one, other| one.name.cmp(&other.name));
    let by_name =
        |failures: &mut Vec<Counted>| failures.sort_by(|one, other| one.name.cmp(&other.name));
    let mut splits = vec![&mut outcome.latency];
    splits.extend(outcome.by_phase.values_mut());
    for requests in &mut outcome.requests {
        splits.push(&mut requests.latency);
        splits.extend(requests.by_phase.values_mut());
    }
    for split in splits {
        by_name(&mut split.failures);
    }
    if let Some(streams) = &mut outcome.streams {
        by_name(&mut streams.all.failures);
        for figures in streams.by_phase.values_mut() {
            by_name(&mut figures.failures);
        }
    }
    let mut encoded = samples.encoded();
    encoded.sort_by(|one, other| (&one.metric, one.phase).cmp(&(&other.metric, other.phase)));
    (outcome, encoded)
}

#[tokio::test(start_paused = true)]
async fn all_deltas_in_any_order_and_again_are_the_samples_of_one_machine() {
    for seed in 0..10 {
        let mut random = fastrand::Rng::with_seed(seed);
        let whole = Samples::new([]).unwrap();
        let shard = whole.shard();
        let mut machines = machines(random.usize(1..7));
        let mut deltas = Vec::new();
        for _ in 0..random.usize(1..5) {
            for machine in &mut machines {
                for _ in 0..random.usize(0..200) {
                    happen(&mut random, [&machine.shard, &shard]);
                }
                deltas.extend(machine.take(false));
            }
            advance(SECOND).await;
        }
        for machine in &mut machines {
            deltas.extend(machine.take(true));
        }
        let news = deltas.len();
        // Some come again.
        deltas.extend_from_within(..random.usize(0..=news));
        random.shuffle(&mut deltas);
        let mut merged = merged_of(machines.len());
        let mut added = 0;
        for delta in &deltas {
            let delta = Delta::from_bytes(&delta.to_bytes().unwrap()).unwrap();
            added += usize::from(merged.add(&delta) == Ok(Added::New));
        }
        assert_eq!(
            (added, merged.is_over(), merged.missing()),
            (news, true, Vec::new())
        );
        assert_eq!(told(merged.samples()), told(&whole), "{seed}");
        let points = merged.points();
        let iterations: u64 = points.iter().map(|point| point.iterations).sum();
        assert_eq!(iterations, whole.iterations());
    }
}

#[tokio::test(start_paused = true)]
async fn thresholds_read_of_the_merged_what_they_read_of_one_machine() {
    use crate::plan::Plan;
    use crate::threshold::{Figure, Measure, Threshold, Watch};

    let iterations = |figure| Measure::Iterations(figure);
    let requests = Measure::Requests("/episodes/3".to_owned(), Figure::P99);
    let measures = [
        ("tail", "ns", iterations(Figure::P999)),
        ("mean", "ns", iterations(Figure::Mean)),
        ("failures", "%", iterations(Figure::FailedPercent)),
        ("rate", "/s", iterations(Figure::PerSecond)),
        ("requests", "ns", requests),
        ("gaps", "ns", Measure::EventGap(Figure::P95)),
        ("lost", "events", Measure::LostEvents),
    ];
    let thresholds =
        measures.map(|(name, unit, measure)| Threshold::new(name, unit, measure, false).unwrap());
    let draft = Draft {
        thresholds: thresholds.to_vec(),
        ..Draft::new("browse", plan().executor().clone())
    };
    let plan = Plan::new(draft).unwrap();
    let (whole, mut machines) = (Samples::new([]).unwrap(), machines(5));
    let mut merged = Merged::new(plan.clone(), &Division::even(5).unwrap()).unwrap();
    let shard = whole.shard();
    let mut watches = [&whole, merged.samples()].map(|samples| Watch::new(&plan, samples.clone()));
    let mut random = fastrand::Rng::with_seed(11);
    for step in 1..6 {
        for machine in &mut machines {
            (0..250).for_each(|_| happen(&mut random, [&machine.shard, &shard]));
            for delta in machine.take(false) {
                merged.add(&delta).unwrap();
            }
        }
        let [alone, together] = watches.each_mut().map(|watch| watch.read(SECOND * step));
        assert_eq!(alone, together);
        assert!(alone.iter().all(|reading| reading.value.is_some()));
        for watch in &mut watches {
            watch.begin_step(SECOND * step);
        }
    }
}

#[test]
fn names_that_a_threshold_asks_for_keep_their_place_among_those_of_all_shares() {
    use crate::threshold::{Figure, Measure, Threshold};

    let measure = Measure::Requests("watched".to_owned(), Figure::P95);
    let threshold = Threshold::new("latency", "ms", measure, false).unwrap();
    let draft = Draft {
        thresholds: vec![threshold],
        ..Draft::new("browse", plan().executor().clone())
    };
    let mut merged = Merged::new(
        crate::plan::Plan::new(draft).unwrap(),
        &Division::even(3).unwrap(),
    )
    .unwrap();
    for (place, mut machine) in machines(3).into_iter().enumerate() {
        let request = |name: &str| {
            machine.shard.record(RequestSample {
                name: machine.shard.name(name),
                phase: Phase::Baseline,
                failure: None,
                nanoseconds: 5,
                received: 1,
            });
        };
        (0..600).for_each(|number| request(&format!("{place} {number}")));
        if place == 2 {
            request("watched");
        }
        for delta in machine.take(true) {
            merged.add(&delta).unwrap();
        }
    }
    let (outcome, _) = told(merged.samples());
    let counts: Vec<_> = outcome
        .requests
        .iter()
        .map(|requests| requests.latency.succeeded.count)
        .collect();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (1_001, 1_801));
    assert!(
        outcome
            .requests
            .iter()
            .any(|requests| requests.name == "watched")
    );
}
