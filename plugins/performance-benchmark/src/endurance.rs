//! Continuous operation: whether the last hour is as fast as the first one.
//!
//! The time is cut into slices, so that a trend can be told from chance. In each, times are measured at an even and easy rate; then work
//! is done as fast as it goes, so that there is more in the next one. A creation is compared with a change beside it that is stored as
//! durably by the same service, and of which there is never more: what slows both is the machine.

use assay_client::Service;
use assay_sdk::load::Outcome;
use assay_sdk::prelude::*;
use serde::Serialize;

use crate::ground::Ground;
use crate::outcome::{reasons, tell_of_the_generator};
use crate::regression::{Slope, as_f64};
use crate::scale::Scale;
use crate::workshop::{CREATION, PATIENCE, Workshop, title};

/// The change that a creation is compared with.
const CHANGE: &str = "PATCH /projects/{id}/progress";
/// How long requests under way may take at the end of a slice.
const GRACE: Duration = Duration::from_secs(10);

/// What a user keeps.
struct Steady {
    creation: http::Template,
    change: http::Template,
}

impl Steady {
    fn prepare(vu: Vu, ground: &Ground) -> Result<Self> {
        let workshop: Workshop = vu.parameter()?;
        let path = format!("/projects/{}/progress", workshop.project_of(vu));
        let change = http::request("PATCH", ground.api.url(Service::Project, &path))
            .query("progress", 50)
            .name(CHANGE)
            .timeout(PATIENCE);
        Ok(Self {
            creation: workshop.creation(vu, &ground.api)?,
            change: change.prepare()?,
        })
    }
}

/// A user makes an episode, and says how far the project is
#[scenario(state = Steady::prepare)]
async fn go_on(vu: Vu, steady: &mut Steady, _ground: &Ground) -> Result<()> {
    let sample = steady.creation.fire_with([title(vu)]).await?;
    ensure_eq!(sample.status, 201, "an episode is made");
    let sample = steady.change.fire().await?;
    ensure_eq!(sample.status, 200, "the progress is changed");
    Ok(())
}

/// What came of a slice of time.
#[derive(Clone, Copy, Debug, Serialize)]
struct Slice {
    /// The median time of a creation, in milliseconds.
    creation_ms: f64,
    /// The median time of the change that it is compared with.
    change_ms: f64,
    /// Creations each second, as fast as it went.
    per_second: f64,
    /// Iterations that failed, were cut off, or found no user that was free; and all.
    failed: u64,
    iterations: u64,
}

impl Slice {
    fn of(even: &Outcome, work: &Outcome) -> Result<Self> {
        let median_ms = |name: &str| {
            let times = even.requests(name).map(|requests| requests.succeeded);
            let times = times.filter(|times| times.count > 0);
            times.map(|times| times.p50.as_secs_f64() * 1e3)
        };
        let (Some(creation_ms), Some(change_ms)) = (median_ms(CREATION), median_ms(CHANGE)) else {
            return Err(Problem::failed(format!(
                "in a slice of time no request succeeded: {}",
                reasons(even)
            )));
        };
        let not_done = |outcome: &Outcome| outcome.interrupted + outcome.dropped;
        let (left, both) = (not_done(even) + not_done(work), even.failed + work.failed);
        Ok(Self {
            creation_ms,
            change_ms,
            per_second: work.per_second,
            failed: left + both,
            iterations: left + even.iterations + work.iterations,
        })
    }

    /// How much longer a creation takes than the change.
    fn relative(&self) -> f64 {
        self.creation_ms / self.change_ms
    }
}

/// Users go on and on: at the end it takes no longer than at the beginning, as much is done, and nothing fails
#[case(tags = ["endurance"], timeout = "120m", needs = ["project-service"], exclusive)]
async fn it_stays_as_fast_as_it_was(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let user = ground.api.user("owner");
    let workshop = Workshop::open(&user).await?;
    let mut slices = Vec::new();
    for _ in 0..scale.slices {
        slices.push(slice(&scale, &workshop).await?);
    }
    context::attach_json("slices", &slices)?;
    let latency = Drift::of(slices.iter().map(Slice::relative).collect())?;
    metrics::judge("latency-drift", latency.growth, latency.points)?;
    let throughput = Drift::of(slices.iter().map(|slice| slice.per_second).collect())?;
    metrics::judge("throughput-drift", throughput.fall, throughput.points)?;
    let iterations: u64 = slices.iter().map(|slice| slice.iterations).sum();
    let failed: u64 = slices.iter().map(|slice| slice.failed).sum();
    metrics::judge(
        "continuous-failures",
        percent(failed, iterations),
        iterations,
    )?;
    Ok(())
}

/// Some time at an even rate, in which times are measured; then more work, as fast as it goes.
async fn slice(scale: &Scale, workshop: &Workshop) -> Result<Slice> {
    let even = load::plan("go-on")
        .constant_rate(
            f64::from(scale.continuous_per_second),
            Duration::from_secs(scale.slice_s),
        )
        .max_vus(scale.crowd)
        .grace(GRACE)
        .parameter(workshop)
        .failures_judged_by_case()
        .run()
        .await?;
    tell_of_the_generator(&even);
    let work = load::plan("go-on")
        .shared_iterations(scale.users, scale.slice_work)
        .grace(GRACE)
        .parameter(workshop)
        .failures_judged_by_case()
        .run()
        .await?;
    Slice::of(&even, &work)
}

/// How a figure changed from the beginning to the end, in percent of what it was at the beginning; only what is proven.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Drift {
    growth: f64,
    fall: f64,
    points: u64,
}

impl Drift {
    /// By a line through the logarithms: what slows down does so by factors, and a slice that is ten times as slow by chance weighs little.
    fn of(values: Vec<f64>) -> Result<Self> {
        let count = values.len();
        let points: Vec<(f64, f64)> = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| (as_f64(index), value.ln()))
            .collect();
        let slope = Slope::of(&points).filter(|slope| slope.value.is_finite());
        let Some(slope) = slope else {
            return Err(Problem::failed(format!(
                "{count} slices of time, or slices in which nothing was done, are no trend"
            )));
        };
        let whole = as_f64(count - 1);
        Ok(Self {
            growth: ((slope.proven_growth() * whole).exp() - 1.0) * 100.0,
            fall: (1.0 - (-slope.proven_fall() * whole).exp()) * 100.0,
            points: count as u64,
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "iterations of a load are far below 2^52"
)]
fn percent(part: u64, of: u64) -> f64 {
    part as f64 * 100.0 / of.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_slower_by_a_tenth_each_time_has_grown_by_that() {
        let slower = Drift::of((0..11).map(|slice| 10.0 * 1.1_f64.powi(slice)).collect());
        let slower = slower.unwrap();
        assert!((slower.growth - 159.37).abs() < 0.1, "{slower:?}");
        assert!(slower.fall < 1e-9);
        let less = Drift::of((0..11).map(|slice| 10.0 * 0.9_f64.powi(slice)).collect());
        let less = less.unwrap();
        assert!((less.fall - 65.13).abs() < 0.1, "{less:?}");
        assert!(less.growth < 1e-9);
    }

    #[test]
    fn a_single_slow_slice_is_no_trend() {
        let mut values = vec![10.0; 12];
        values[11] = 40.0;
        assert!(Drift::of(values).unwrap().growth < 1e-9);
    }

    #[test]
    fn a_slow_slice_hides_no_trend() {
        let mut values: Vec<f64> = (0..10).map(|slice| 10.0 + 4.0 * f64::from(slice)).collect();
        values[6] *= 4.0;
        assert!(Drift::of(values).unwrap().growth > 25.0);
    }

    #[test]
    fn too_few_slices_and_slices_in_which_nothing_was_done_have_no_trend() {
        assert!(Drift::of(vec![1.0; 7]).is_err());
        assert!(Drift::of(vec![0.0; 12]).is_err());
    }
}
