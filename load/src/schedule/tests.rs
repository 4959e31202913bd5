//! Levels and starts, exact wherever a person can compute them.

use super::*;
use crate::plan::{Draft, Steps};
use crate::threshold::{Figure, Measure, Threshold};

fn plan(executor: Executor, warm_up: Duration) -> Plan {
    let threshold = Threshold::new("latency", "ms", Measure::Iterations(Figure::P95), false);
    let draft = Draft {
        max_vus: 1_000,
        warm_up,
        thresholds: vec![threshold.unwrap()],
        ..Draft::new("browse", executor)
    };
    Plan::new(draft).unwrap()
}

fn schedule(executor: Executor) -> Schedule {
    Schedule::of(&plan(executor, Duration::ZERO)).unwrap()
}

fn stages(lines: &[(f64, f64)]) -> Vec<Stage> {
    let stage = |(seconds, target): &(f64, f64)| Stage {
        duration: Duration::from_secs_f64(*seconds),
        target: *target,
    };
    lines.iter().map(stage).collect()
}

fn vus(lines: &[(f64, f64)]) -> Schedule {
    schedule(Executor::RampingVus(stages(lines)))
}

fn rate(lines: &[(f64, f64)]) -> Schedule {
    schedule(Executor::RampingArrivalRate(stages(lines)))
}

fn constant(per_second: f64, seconds: f64) -> Schedule {
    let duration = Duration::from_secs_f64(seconds);
    schedule(Executor::ConstantArrivalRate {
        per_second,
        duration,
    })
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn milliseconds(schedule: &Schedule) -> Vec<u128> {
    schedule.starts().map(|start| start.as_millis()).collect()
}

#[test]
fn what_is_counted_has_no_schedule() {
    for executor in [
        Executor::SharedIterations {
            vus: 1,
            iterations: 2,
        },
        Executor::PerVuIterations {
            vus: 1,
            iterations: 2,
        },
    ] {
        assert_eq!(Schedule::of(&plan(executor, Duration::ZERO)), None);
    }
}

#[test]
fn a_constant_rate_starts_its_first_iteration_at_once_and_its_last_before_the_end() {
    assert_eq!(milliseconds(&constant(4.0, 1.0)), [0, 250, 500, 750]);
    assert_eq!(milliseconds(&constant(0.5, 5.0)), [0, 2_000, 4_000]);
    assert_eq!(milliseconds(&constant(0.1, 1.0)), [0]);
}

#[test]
fn a_constant_rate_makes_as_many_starts_as_rate_times_duration_and_none_drifts() {
    for (per_second, seconds, count) in [
        (20_000.0, 10.0, 200_000),
        (0.1, 10.0, 1),
        (0.3, 10.0, 3),
        (4.35, 100.0, 435),
        (1.0 / 3.0, 9.0, 3),
        (999_999.0, 1.0, 999_999),
    ] {
        let schedule = constant(per_second, seconds);
        assert_eq!(schedule.count(), count, "{per_second} for {seconds}");
        assert_eq!(schedule.start(count), None);
        let last = schedule.start(count - 1).unwrap();
        assert!(last < schedule.total(), "{last:?}");
        let exact = f64::from(u32::try_from(count - 1).unwrap()) / per_second;
        assert!(
            (last.as_secs_f64() - exact).abs() <= 1e-9,
            "{last:?} for {exact}"
        );
    }
    // After a day at 10,000 a second a start is still where it belongs, to the nanosecond.
    let day = constant(10_000.0, 86_400.0);
    assert_eq!(
        day.start(863_999_999),
        Some(Duration::from_micros(86_399_999_900))
    );
}

#[test]
fn a_ramp_of_rates_starts_where_the_area_below_it_is_whole() {
    // From 0 to 10 in 2 s: the area is 2.5 t².
    let up = rate(&[(2.0, 10.0)]);
    assert_eq!(up.count(), 10);
    for (place, start) in up.starts().enumerate() {
        let exact = (f64::from(u32::try_from(place).unwrap()) / 2.5).sqrt();
        assert!(
            (start.as_secs_f64() - exact).abs() < 1e-9,
            "{start:?} for {exact}"
        );
    }
    // Down is up, seen from the end.
    let down = rate(&[(0.0, 10.0), (2.0, 0.0)]);
    assert_eq!(down.count(), 10);
    for (up, down) in up
        .starts()
        .skip(1)
        .zip(down.starts().skip(1).collect::<Vec<_>>().iter().rev())
    {
        let sum = up.as_secs_f64() + down.as_secs_f64();
        assert!((sum - 2.0).abs() < 1e-8, "{up:?} and {down:?}");
    }
}

#[test]
fn starts_never_go_back_and_are_as_many_as_the_area_says_however_the_stages_are() {
    for seed in 1..200_u32 {
        let line = |step: u32| {
            let mixed = seed
                .wrapping_mul(2_654_435_761)
                .wrapping_add(step.wrapping_mul(40_503))
                >> 7;
            (f64::from(mixed % 7) / 2.0, f64::from(mixed / 7 % 90) / 3.0)
        };
        let lines: Vec<_> = [(1.0, 3.0)].into_iter().chain((0..5).map(line)).collect();
        let schedule = rate(&lines);
        let starts: Vec<_> = schedule.starts().collect();
        assert_eq!(starts.len() as u64, schedule.count());
        assert!(starts.is_sorted(), "{lines:?}");
        assert!(starts.iter().all(|start| *start < schedule.total()));
        let (mut area, mut level) = (0.0, 0.0);
        for (seconds, target) in &lines {
            area += (level + target) / 2.0 * seconds;
            level = *target;
        }
        let count = f64::from(u32::try_from(schedule.count()).unwrap());
        assert!(
            (count - area).abs() < 1.0 + 1e-6,
            "{count} for {area}: {lines:?}"
        );
        for (place, start) in starts.iter().enumerate() {
            let before = schedule.count_before(*start);
            let place = place as u64;
            // Where a rate rises from 0, it takes a while until a millionth of a start has come together.
            let after = *start + Duration::from_millis(10);
            assert!(before <= place, "{before} before {place}: {lines:?}");
            assert!(schedule.count_before(after) > place);
        }
    }
}

#[test]
fn where_the_rate_is_nothing_the_next_start_waits_for_it_to_be_something() {
    let paused = rate(&[
        (0.0, 2.0),
        (1.0, 2.0),
        (0.0, 0.0),
        (3.0, 0.0),
        (0.0, 2.0),
        (1.0, 2.0),
    ]);
    assert_eq!(milliseconds(&paused), [0, 500, 4_000, 4_500]);
    let late = rate(&[(10.0, 0.0), (0.0, 1.0), (2.0, 1.0), (0.0, 0.0), (5.0, 0.0)]);
    assert_eq!(milliseconds(&late), [10_000, 11_000]);
    assert_eq!(late.total(), at(17.0));
}

#[test]
fn how_many_were_due_is_known_at_any_time() {
    let schedule = constant(4.0, 1.0);
    for (time, due) in [
        (0.0, 0),
        (0.000_001, 1),
        (0.25, 1),
        (0.26, 2),
        (0.75, 3),
        (0.8, 4),
        (1.0, 4),
        (9.0, 4),
    ] {
        assert_eq!(schedule.count_before(at(time)), due, "{time}");
    }
}

#[test]
fn a_ramp_of_virtual_users_counts_one_when_its_line_has_reached_it() {
    let ramp = vus(&[(10.0, 10.0), (5.0, 10.0), (10.0, 0.0)]);
    for (time, expected) in [
        (0.0, 0),
        (0.999, 0),
        (1.0, 1),
        (9.999, 9),
        (10.0, 10),
        (15.0, 10),
        (15.001, 9),
        (24.0, 1),
        (24.001, 0),
        (25.0, 0),
    ] {
        assert_eq!(ramp.vus_at(at(time)), expected, "{time}");
    }
    assert_eq!(ramp.total(), at(25.0));
}

#[test]
fn a_virtual_user_is_wanted_from_when_its_line_reaches_it_and_again_after_a_valley() {
    let valley = vus(&[(2.0, 4.0), (2.0, 0.0), (2.0, 2.0), (0.0, 4.0), (1.0, 4.0)]);
    for (vu, from, expected) in [
        (1, 0.0, Some(0.5)),
        (4, 0.0, Some(2.0)),
        (1, 1.0, Some(1.0)),
        (1, 3.6, Some(5.0)),
        (2, 3.5, Some(6.0)),
        (3, 2.6, Some(6.0)),
        (5, 0.0, None),
        (4, 7.0, None),
    ] {
        let found = valley
            .when_wanted(vu, at(from))
            .map(|time| time.as_secs_f64());
        assert_eq!(found, expected, "virtual user {vu} from {from}");
    }
    // What is reached at the very end is not wanted any more.
    assert_eq!(vus(&[(2.0, 4.0)]).when_wanted(4, at(0.0)), None);
}

#[test]
fn a_virtual_user_that_waited_until_it_is_wanted_is_wanted() {
    for target in 1..300 {
        let ramp = vus(&[(7.3, f64::from(target)), (1.0, f64::from(target))]);
        for vu in 1..=target {
            let time = ramp.when_wanted(vu, Duration::ZERO).unwrap();
            assert!(ramp.vus_at(time) >= vu, "{vu} of {target} at {time:?}");
            let before = time.checked_sub(Duration::from_micros(1)).unwrap();
            assert!(ramp.vus_at(before) < vu, "{vu} of {target} at {before:?}");
        }
    }
}

#[test]
fn a_warm_up_comes_before_and_moves_what_is_measured_without_changing_it() {
    let duration = at(1.0);
    let warm = |executor| Schedule::of(&plan(executor, at(0.3))).unwrap();
    let rate = warm(Executor::ConstantArrivalRate {
        per_second: 4.0,
        duration,
    });
    assert_eq!(milliseconds(&rate), [0, 250, 300, 550, 800, 1_050]);
    assert_eq!((rate.warm_up(), rate.total()), (at(0.3), at(1.3)));
    assert_eq!(rate.count_before(rate.warm_up()), 2);
    let vus = warm(Executor::ConstantVus { vus: 3, duration });
    assert_eq!(
        (
            vus.vus_at(at(0.0)),
            vus.vus_at(at(1.299)),
            vus.vus_at(at(1.3))
        ),
        (3, 3, 0)
    );
    let jump = warm(Executor::RampingVus(stages(&[
        (0.0, 2.0),
        (1.0, 4.0),
        (1.0, 4.0),
    ])));
    assert_eq!(jump.when_wanted(3, at(0.0)), Some(at(0.8)));
}

#[test]
fn a_search_is_a_staircase() {
    let steps = Steps {
        first: 2.0,
        step: 2.0,
        last: 6.0,
        hold: at(1.0),
    };
    let stairs = schedule(Executor::SearchingVus(steps));
    let levels = [0.0, 0.999, 1.0, 2.5, 3.0].map(|time| stairs.vus_at(at(time)));
    assert_eq!(levels, [2, 2, 4, 6, 0]);
    let rates = schedule(Executor::SearchingArrivalRate(steps));
    assert_eq!(rates.count(), 12);
    assert_eq!(rates.count_before(at(2.0)), 6);
}
