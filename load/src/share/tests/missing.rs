//! What is missing of a load is what its part would have been.

use super::*;

fn seconds(from: u64, until: u64) -> std::ops::Range<Duration> {
    Duration::from_secs(from)..Duration::from_secs(until)
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-3, "{found} for {expected}");
}

/// The second of two shares, of which the first has three times as much.
fn quarter(draft: Draft) -> Part {
    let division = Division::weighted(vec![3, 1]).unwrap();
    division.led_part(&Plan::new(draft).unwrap(), 1).unwrap()
}

fn constant_vus() -> Draft {
    let duration = Duration::from_secs(100);
    Draft::new("browse", Executor::ConstantVus { vus: 8, duration })
}

fn ramp(up: impl Fn(Vec<Stage>) -> Executor) -> Draft {
    let duration = Duration::from_secs(100);
    let target = 400.0;
    Draft {
        max_vus: 400,
        ..Draft::new("browse", up(vec![Stage { duration, target }]))
    }
}

#[test]
fn of_a_level_load_as_much_is_missing_as_of_its_time() {
    let part = quarter(constant_vus());
    near(part.fraction_in(seconds(0, 100)), 0.25);
    near(part.fraction_in(seconds(10, 30)), 0.05);
    let rate = quarter(Draft {
        max_vus: 8,
        ..Draft::new(
            "browse",
            Executor::ConstantArrivalRate {
                per_second: 40.0,
                duration: Duration::from_secs(100),
            },
        )
    });
    near(rate.fraction_in(seconds(0, 100)), 0.25);
    near(rate.fraction_in(seconds(10, 30)), 0.05);
}

#[test]
fn of_a_ramp_less_is_missing_at_its_beginning() {
    for part in [
        quarter(ramp(Executor::RampingVus)),
        quarter(ramp(Executor::RampingArrivalRate)),
    ] {
        near(part.fraction_in(seconds(0, 50)), 0.25 / 4.0);
        near(part.fraction_in(seconds(50, 100)), 0.25 * 3.0 / 4.0);
    }
}

#[test]
fn warm_up_and_what_comes_after_the_end_are_no_part_of_it() {
    let part = quarter(Draft {
        warm_up: Duration::from_secs(50),
        ..constant_vus()
    });
    assert_eq!(part.fraction_in(seconds(0, 50)).to_bits(), 0);
    near(part.fraction_in(seconds(40, 70)), 0.05);
    near(part.fraction_in(seconds(140, 900)), 0.025);
    assert_eq!(part.fraction_in(seconds(150, 900)).to_bits(), 0);
    assert_eq!(part.fraction_in(seconds(70, 60)).to_bits(), 0);
}

#[test]
fn starts_are_a_part_of_all_that_are_measured() {
    let rate = quarter(Draft {
        max_vus: 8,
        warm_up: Duration::from_secs(50),
        ..Draft::new(
            "browse",
            Executor::ConstantArrivalRate {
                per_second: 40.0,
                duration: Duration::from_secs(100),
            },
        )
    });
    near(rate.fraction_of(400), 0.1);
    assert_eq!(quarter(constant_vus()).fraction_of(400).to_bits(), 0);
}

#[test]
fn all_parts_of_a_load_are_together_all_of_it() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_plan(&mut random);
        let parts = random_division(&mut random).led_parts(&plan);
        let time = Duration::ZERO..Duration::from_hours(1);
        let all = parts.iter().map(|part| part.fraction_in(time.clone()));
        let all: f64 = all.sum();
        let has_some = Schedule::of(&plan).is_some_and(|schedule| {
            let from = schedule.warm_up();
            let is_open = plan.executor().is_open();
            let starts = schedule.count() > schedule.count_before(from);
            if is_open { starts } else { all > 0.0 }
        });
        near(all, if has_some { 1.0 } else { 0.0 });
    }
}
