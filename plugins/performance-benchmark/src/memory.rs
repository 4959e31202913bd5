//! Whether the memory of the services grows with the work that they have done.
//!
//! What grows without end is told from what only varies, or is still filling something that has a bound, by a straight line through
//! many measurements after a warm-up: the growth that is judged is what the line proves with 95 % confidence.

use std::cell::Cell;
use std::collections::BTreeMap;

use assay_client::{NewGeneration, User, unique};
use assay_sdk::metrics::Unit;
use assay_sdk::prelude::*;
use serde::Serialize;

use crate::ground::{Ground, MEASURED};
use crate::outcome::{failed_percent, reasons, tell_of_the_generator};
use crate::regression::Slope;
use crate::scale::{Scale, WORK_OF_AN_HOUR};
use crate::workshop::{Workshop, session, title};

/// How often memory is measured while it is, if it can be so often.
const MEASUREMENTS: u32 = 60;
/// How often it is at least. Of a container it takes a second, for which there is more time then.
const FEWEST_MEASUREMENTS: u32 = 16;
/// Of so many pieces of work one is a generation, the others are episodes.
const GENERATION_EVERY: u64 = 4;
/// How long work under way may take at the end.
const GRACE: Duration = Duration::from_secs(15);

/// What a user keeps.
struct Worker {
    user: User,
    workshop: Workshop,
    creation: http::Template,
}

impl Worker {
    fn prepare(vu: Vu, ground: &Ground) -> Result<Self> {
        let workshop: Workshop = vu.parameter()?;
        Ok(Self {
            user: session(&ground.api, vu),
            creation: workshop.creation(vu, &ground.api)?,
            workshop,
        })
    }
}

/// A user makes an episode, or has one generated
#[scenario(state = Worker::prepare)]
async fn work(vu: Vu, worker: &mut Worker, _ground: &Ground) -> Result<()> {
    if vu.iteration % GENERATION_EVERY == GENERATION_EVERY - 1 {
        let new = NewGeneration::new(worker.workshop.project_of(vu), unique("work"));
        worker.user.start(&new).await?;
        return Ok(());
    }
    let sample = worker.creation.fire_with([title(vu)]).await?;
    ensure_eq!(sample.status, 201, "an episode is made");
    Ok(())
}

/// What the memory of a service did.
#[derive(Debug, Serialize)]
struct Memory {
    service: &'static str,
    /// Before any load of the suite, in bytes. What leaks before this case must not make its own growth look small.
    fresh: f64,
    /// The most, in bytes.
    peak: f64,
    /// In percent of that, each hour.
    growth: f64,
    /// To be added and taken away for 95 % confidence.
    margin: f64,
    /// What is proven of the growth.
    proven: f64,
    points: usize,
}

/// An hour's work leaves the services as large as they were
#[case(tags = ["memory"], timeout = "90m", needs = ["project-service", "generation-service"], exclusive)]
async fn memory_does_not_grow_with_work(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    if ground.memory.is_empty() {
        skip!("the memory of the services cannot be measured here: the host does not run them");
    }
    let workshop = Workshop::open(&ground.api.user("owner")).await?;
    load::plan("work")
        .shared_iterations(scale.users, scale.memory_warm_up)
        .grace(GRACE)
        .parameter(&workshop)
        .run()
        .await?;

    let time = scale
        .memory()
        .max(ground.measurement() * FEWEST_MEASUREMENTS);
    let stretched = time.as_secs_f64() / scale.memory().as_secs_f64();
    let done = Cell::new(false);
    let working = async {
        let plan = load::plan("work")
            .constant_vus(scale.users, time)
            .pace(scale.pace().mul_f64(stretched))
            .grace(GRACE)
            .parameter(&workshop)
            .failures_judged_by_case();
        let outcome = plan.run().await;
        done.set(true);
        outcome
    };
    let (outcome, series) = assay_sdk::join(working, measure(&ground, time, &done)).await;
    let (outcome, series) = (outcome?, series?);
    tell_of_the_generator(&outcome);
    check!(
        failed_percent(&outcome) <= 5.0,
        "the work is done: {}",
        reasons(&outcome)
    );
    let hours = as_f64(outcome.iterations) / WORK_OF_AN_HOUR;
    let hours_each_second = hours / outcome.elapsed.as_secs_f64();
    judge(&ground, &scale, &series, hours_each_second)
}

/// The memory of each service over the seconds, until the work is done.
async fn measure(
    ground: &Ground,
    time: Duration,
    done: &Cell<bool>,
) -> Result<BTreeMap<&'static str, Vec<(f64, f64)>>> {
    let measured = MEASURED.into_iter();
    let mut series: BTreeMap<_, Vec<_>> = measured
        .filter(|service| ground.memory.contains_key(*service))
        .map(|service| (service, Vec::new()))
        .collect();
    let began = std::time::Instant::now();
    while !done.get() && began.elapsed() < time {
        let services = series.iter_mut().map(async |(service, points)| {
            let usage = chaos::service(*service).usage().await?;
            points.push((began.elapsed().as_secs_f64(), as_f64(usage.resident_bytes)));
            Ok::<_, Problem>(())
        });
        try_join_all(services).await?;
        sleep(time / MEASUREMENTS).await;
    }
    Ok(series)
}

fn judge(
    ground: &Ground,
    scale: &Scale,
    series: &BTreeMap<&'static str, Vec<(f64, f64)>>,
    hours_each_second: f64,
) -> Result<()> {
    for service in &scale.memory_of {
        ensure!(
            series.contains_key(service.as_str()),
            "the memory of {service} is measured"
        );
    }
    let mut told = Vec::new();
    for (&service, points) in series {
        let fresh = ground.memory.get(service).copied().unwrap_or_default();
        let points: Vec<_> = points
            .iter()
            .map(|(second, bytes)| (second * hours_each_second, *bytes))
            .collect();
        let memory = memory_of(service, as_f64(fresh), &points)?;
        let labels = [("service", service)];
        metrics::gauge(
            "service_memory_before_load",
            &labels,
            memory.fresh,
            Unit::Bytes,
        )?;
        metrics::gauge("service_memory_peak", &labels, memory.peak, Unit::Bytes)?;
        metrics::gauge(
            "service_memory_growth_per_hour",
            &labels,
            memory.growth,
            Unit::Percent,
        )?;
        if scale.memory_of.iter().any(|name| name == service) {
            check!(
                memory.margin <= scale.widest_margin,
                "the growth of {service} is known well enough to be judged: {memory:?}"
            );
            metrics::judge("memory-growth", memory.proven, memory.points as u64)?;
        }
        told.push(memory);
    }
    context::attach_json("memory", &told)
}

fn memory_of(service: &'static str, fresh: f64, points: &[(f64, f64)]) -> Result<Memory> {
    let Some(slope) = Slope::of(points).filter(|_| fresh > 0.0) else {
        return Err(Problem::failed(format!(
            "the memory of {service} was measured {} times, which is too few for a trend",
            points.len()
        )));
    };
    let percent = |bytes: f64| bytes * 100.0 / fresh;
    Ok(Memory {
        service,
        fresh,
        peak: points.iter().map(|point| point.1).fold(0.0, f64::max),
        growth: percent(slope.value),
        margin: percent(slope.margin),
        proven: percent(slope.proven_growth()),
        points: slope.points,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the bytes of a process and the work of an hour are far below 2^52"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(count: u32, bytes: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let hours = (0..count).map(|point| f64::from(point) / f64::from(count));
        hours.map(|hour| (hour, bytes(hour))).collect()
    }

    #[test]
    fn a_leak_of_a_tenth_an_hour_is_seen_through_noise() {
        let noisy = points(60, |hour| 20e6 + 2e6 * hour + 1e5 * (hour * 377.0).sin());
        let memory = memory_of("service", 20e6, &noisy).unwrap();
        assert!((memory.growth - 10.0).abs() < 0.5, "{memory:?}");
        assert!(
            memory.proven > 9.0 && memory.proven < memory.growth,
            "{memory:?}"
        );
    }

    #[test]
    fn what_is_as_large_at_the_end_as_at_the_beginning_has_not_grown() {
        let flat = points(60, |hour| 20e6 + 1e6 * (hour * 377.0).sin());
        let memory = memory_of("service", 20e6, &flat).unwrap();
        assert!(memory.proven < 1.0, "{memory:?}");
    }

    #[test]
    fn too_few_measurements_and_none_of_anything_fail() {
        assert!(memory_of("service", 1.0, &points(7, |_| 1.0)).is_err());
        assert!(memory_of("service", 0.0, &points(60, |_| 1.0)).is_err());
        assert!(memory_of("service", 1.0, &[]).is_err());
    }
}
