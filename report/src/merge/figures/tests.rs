//! What shards measured together is what one run would have measured.

use super::*;
use crate::event::Exact;

const STEPS: u64 = 1_000_000;

/// Numbers that look like chance and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        // Knuth's multiplier and increment; the upper bits are the better ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Values of one phase, as a host keeps them.
#[derive(Default)]
struct Kept(Vec<u64>);

impl Kept {
    fn counts(&self) -> Histogram<u64> {
        let mut counts = Histogram::new(3).unwrap();
        for value in &self.0 {
            counts.record(*value).unwrap();
        }
        counts
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn distribution(&self) -> Distribution {
        let unit = |steps: u64| steps as f64 / STEPS as f64;
        let exact = Exact {
            mean: unit(self.0.iter().sum()) / self.0.len() as f64,
            min: unit(*self.0.iter().min().unwrap()),
            max: unit(*self.0.iter().max().unwrap()),
        };
        Distribution::of(&self.counts(), STEPS, exact)
    }

    fn encoded(&self, phase: Phase) -> EncodedHistogram {
        EncodedHistogram {
            metric: "latency{zone=\"a\"}".to_owned(),
            unit: "seconds".to_owned(),
            steps_per_unit: STEPS,
            phase,
            histogram: encoded::to_text(&self.counts()).unwrap(),
        }
    }
}

fn snapshot(value: MetricValue, by_phase: BTreeMap<Phase, MetricValue>) -> MetricSnapshot {
    MetricSnapshot {
        name: "latency".to_owned(),
        labels: [("zone".to_owned(), "a".to_owned())].into(),
        unit: "seconds".to_owned(),
        value,
        by_phase,
    }
}

/// What a host tells of values by phase.
fn told(phases: &BTreeMap<Phase, Kept>) -> (Vec<EncodedHistogram>, MetricSnapshot) {
    let all = Kept(phases.values().flat_map(|kept| kept.0.clone()).collect());
    let parts = phases.iter();
    let by_phase = parts.map(|(phase, kept)| (*phase, MetricValue::Histogram(kept.distribution())));
    let mut by_phase: BTreeMap<_, _> = by_phase.collect();
    if by_phase.keys().all(|phase| *phase == Phase::Baseline) {
        by_phase.clear();
    }
    let encoded = phases.iter().map(|(phase, kept)| kept.encoded(*phase));
    let value = MetricValue::Histogram(all.distribution());
    (encoded.collect(), snapshot(value, by_phase))
}

/// The percentiles, bit by bit; a mean is a sum of floats, whose last bits depend on the order.
fn percentiles(value: &MetricValue) -> Vec<u64> {
    let MetricValue::Histogram(distribution) = value else {
        panic!("{value:?}");
    };
    let Distribution {
        count,
        mean: _,
        min,
        p50,
        p90,
        p95,
        p99,
        p999,
        max,
    } = *distribution;
    let bits = [min, p50, p90, p95, p99, p999, max].map(f64::to_bits);
    [count].into_iter().chain(bits).collect()
}

#[test]
fn percentiles_of_the_merged_are_those_of_one_histogram_with_all_values() {
    let mut numbers = Numbers(7);
    for round in 0..60 {
        let shards = 1 + numbers.below(8);
        let values = 1 + numbers.below(3_000);
        let mut whole: BTreeMap<Phase, Kept> = BTreeMap::new();
        let mut parts: Vec<BTreeMap<Phase, Kept>> = Vec::new();
        parts.resize_with(usize::try_from(shards).unwrap(), BTreeMap::new);
        for _ in 0..values {
            // Of all magnitudes, so that histograms grow differently.
            let magnitude = 1 + numbers.below(31);
            let value = numbers.below(1 << magnitude);
            let phase = [Phase::Baseline, Phase::Fault][usize::from(numbers.below(9) == 0)];
            let part = usize::try_from(numbers.below(shards)).unwrap();
            whole.entry(phase).or_default().0.push(value);
            parts[part].entry(phase).or_default().0.push(value);
        }
        let mut figures = Figures::default();
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let (encoded, snapshot) = told(part);
            for encoded in &encoded {
                figures.measured(encoded).unwrap();
            }
            figures.ended(&snapshot).unwrap();
        }
        let (encoded, snapshots) = figures.told().unwrap();
        let (expected_encoded, expected) = told(&whole);
        let decode = |encoded: &EncodedHistogram| (encoded.phase, encoded.decode().unwrap());
        let decoded: Vec<_> = encoded.iter().map(decode).collect();
        let expected_decoded: Vec<_> = expected_encoded.iter().map(decode).collect();
        assert_eq!(decoded, expected_decoded, "round {round}");
        let [merged] = &snapshots[..] else {
            panic!("{snapshots:?}");
        };
        assert_eq!(
            percentiles(&merged.value),
            percentiles(&expected.value),
            "round {round}"
        );
        assert!(merged.by_phase.keys().eq(expected.by_phase.keys()));
        for (phase, value) in &merged.by_phase {
            assert_eq!(percentiles(value), percentiles(&expected.by_phase[phase]));
        }
    }
}

#[test]
fn counters_are_added_and_of_gauges_the_last_one_counts() {
    let counter = |value| MetricValue::Counter { value };
    let gauge = |value| MetricValue::Gauge { value };
    for (one, other, expected) in [
        (counter(2.0), counter(3.5), counter(5.5)),
        (gauge(2.0), gauge(1.0), gauge(1.0)),
    ] {
        let mut figures = Figures::default();
        figures.ended(&snapshot(one, BTreeMap::new())).unwrap();
        let in_fault = [(Phase::Fault, other.clone())].into();
        figures.ended(&snapshot(other, in_fault)).unwrap();
        let (_, merged) = figures.told().unwrap();
        assert_eq!(merged[0].value, expected);
        assert_eq!(merged[0].by_phase.len(), 2);
    }
}

#[test]
fn a_figure_that_is_not_the_same_in_all_shards_is_refused() {
    let counter = snapshot(MetricValue::Counter { value: 1.0 }, BTreeMap::new());
    let gauge = snapshot(MetricValue::Gauge { value: 1.0 }, BTreeMap::new());
    let other_unit = MetricSnapshot {
        unit: "bytes".to_owned(),
        ..counter.clone()
    };
    for other in [gauge, other_unit] {
        let mut figures = Figures::default();
        figures.ended(&counter).unwrap();
        assert!(figures.ended(&other).is_err(), "{other:?}");
    }
}

#[test]
fn percentiles_without_whole_distributions_are_refused_and_not_guessed() {
    let (_, snapshot) = told(&[(Phase::Baseline, Kept(vec![1, 2, 3]))].into());
    let mut figures = Figures::default();
    figures.ended(&snapshot).unwrap();
    assert!(figures.told().is_ok(), "of one shard they are its own");
    figures.ended(&snapshot).unwrap();
    assert!(figures.told().is_err());
}

#[test]
fn figures_are_kept_up_to_the_limit() {
    let mut figures = Figures::default();
    let mut counter = snapshot(MetricValue::Counter { value: 1.0 }, BTreeMap::new());
    for number in 0..MAX_FIGURES {
        counter.name = format!("figure_{number}");
        figures.ended(&counter).unwrap();
    }
    figures.ended(&counter).unwrap();
    counter.name = "one_more".to_owned();
    assert!(figures.ended(&counter).is_err());
}
