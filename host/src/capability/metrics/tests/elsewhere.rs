//! Figures that were recorded on other machines come to what one machine would have.

use super::super::figure::FigureValue;
use super::*;

/// All that can be recorded, at random, by one of some machines and by one that does all of it.
fn record(random: &mut fastrand::Rng, machines: &[&Shared]) {
    let phase = random.choice(Phase::ALL).unwrap();
    let labels = || vec![("shop".to_owned(), "a".to_owned())];
    let exponent = random.i32(-6..11);
    // Sums of such values are exact, so they do not depend on their order.
    let value = f64::from(random.u16(..)) * 2_f64.powi(exponent);
    let what = random.u8(0..3);
    for machine in machines {
        let recorded = match what {
            0 => machine.add(phase, "orders".into(), labels(), value),
            1 => machine.observe(phase, "time".into(), labels(), value, Unit::Seconds),
            _ => machine.observe(phase, "size".into(), Vec::new(), value, Unit::Bytes),
        };
        recorded.unwrap();
    }
}

fn sent(figure: &Figure) -> Figure {
    serde_json::from_str(&serde_json::to_string(figure).unwrap()).unwrap()
}

#[test]
fn figures_of_several_machines_are_those_of_one_to_the_last_bit() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (all, here) = (Shared::default(), Shared::default());
        let machines = [Shared::default(), Shared::default(), Shared::default()];
        for _ in 0..random.u32(1..3_000) {
            let machine = random.choice(&machines).unwrap();
            record(&mut random, &[&all, machine]);
        }
        for machine in &machines {
            for figure in machine.figures() {
                here.absorb(sent(&figure)).unwrap();
            }
        }
        assert_eq!(here.encoded(), all.encoded());
        assert_eq!(here.snapshot(), all.snapshot());
    }
}

#[test]
fn the_newer_value_of_a_gauge_counts_and_each_phase_keeps_its_own() {
    let (here, there) = (Shared::default(), Shared::default());
    for (machine, phase, value) in [
        (&here, Phase::Baseline, 1.0),
        (&here, Phase::Fault, 2.0),
        (&there, Phase::Baseline, 3.0),
    ] {
        machine
            .set(phase, "users".into(), Vec::new(), value, Unit::None)
            .unwrap();
    }
    here.absorb(sent(&there.figures()[0])).unwrap();
    let [users] = here.snapshot().try_into().unwrap();
    assert_eq!(users.value, MetricValue::Gauge { value: 3.0 });
    let phases: Vec<_> = users.by_phase.into_values().collect();
    let gauge = |value| MetricValue::Gauge { value };
    assert_eq!(phases, [gauge(3.0), gauge(2.0)]);
}

#[test]
fn one_series_more_than_a_suite_may_have_is_left_out_and_the_others_stay() {
    let (here, there) = (Shared::default(), Shared::default());
    there
        .add(Phase::Baseline, "orders".into(), Vec::new(), 1.0)
        .unwrap();
    for number in 0..MAX_SERIES {
        let label = vec![("n".into(), number.to_string())];
        here.add(Phase::Baseline, "orders".into(), label, 1.0)
            .unwrap();
    }
    let one_more = Figure {
        name: "more".into(),
        ..there.figures().remove(0)
    };
    let refused = here.absorb(one_more).unwrap_err().to_string();
    assert!(refused.contains("one more than 1000 series"), "{refused}");
    assert_eq!(here.snapshot().len(), MAX_SERIES);
    let known = Figure {
        labels: [("n".to_owned(), "0".to_owned())].into(),
        ..there.figures().remove(0)
    };
    here.absorb(known).unwrap();
    assert_eq!(
        here.snapshot()[0].value,
        MetricValue::Counter { value: 2.0 }
    );
}

#[test]
fn what_is_no_figure_is_left_out_with_what_to_do() {
    let there = Shared::default();
    there
        .observe(
            Phase::Baseline,
            "time".into(),
            Vec::new(),
            2.5,
            Unit::Seconds,
        )
        .unwrap();
    let good = there.figures().remove(0);
    let with = |change: fn(&mut Values)| {
        let mut figure = good.clone();
        if let FigureValue::Histogram(parts) = &mut figure.value {
            parts.values_mut().for_each(change);
        }
        figure
    };
    let counter = |value| Figure {
        value: FigureValue::Counter([(Phase::Baseline, value)].into()),
        ..good.clone()
    };
    for (bad, part) in [
        (with(|values| values.counts.clear()), "no HDR histogram"),
        (with(|values| values.counts = "%".into()), "no base64"),
        (
            with(|values| values.counts = "A".repeat((1 << 20) + 1)),
            "may have",
        ),
        (with(|values| values.min = 0.0), "contradicts itself"),
        (with(|values| values.max = 9.0), "contradicts itself"),
        (with(|values| values.sum = -1.0), "contradicts itself"),
        (counter(-1.0), "at least 0"),
        (
            Figure {
                unit: "miles".into(),
                ..good.clone()
            },
            "no unit",
        ),
        (
            Figure {
                name: "a b".into(),
                ..good.clone()
            },
            "is not `[a-z",
        ),
    ] {
        let here = Shared::default();
        let refused = here.absorb(bad).unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
        assert!(here.figures().is_empty());
    }
    // Of another kind than what is here under its name.
    there.absorb(good.clone()).unwrap();
    let refused = there.absorb(counter(1.0)).unwrap_err().to_string();
    assert!(refused.contains("is a histogram"), "{refused}");
}
