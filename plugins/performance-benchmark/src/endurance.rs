//! Continuous operation: whether the last hour is as fast as the first one.
//!
//! The time is cut into slices, so that a trend can be told from chance. In each, times are measured at an even and easy rate; then work
//! is done as fast as it goes, so that there is more in the next one. A machine has its own trends, which are none of the system: so
//! whatever is done is done at the same time by a second service of the same kind, too, on which nothing stays from slice to slice, and
//! what is judged is how many times as long it takes as there. What both share, such as a store behind them, is told as it is, beside it.

use assay_client::{Api, Service, User};
use assay_sdk::load::Outcome;
use assay_sdk::metrics::Unit;
use assay_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::drift::Drift;
use crate::ground::Ground;
use crate::outcome::{reasons, tell_of_the_generator};
use crate::scale::Scale;
use crate::workshop::{CREATION, Workshop, title};

/// The second service of the same kind. Where there is none, what is judged holds the trends of the machine.
const EMPTIED: &str = "project-service-emptied";
/// The request that makes an episode there.
const CREATION_BESIDE: &str = "POST /projects/{id}/episodes (emptied)";
/// How long requests under way may take at the end of a slice.
const GRACE: Duration = Duration::from_secs(10);

/// Where a slice works.
#[derive(Deserialize, Serialize)]
struct Course {
    /// What is judged; none while only the second service is prepared.
    workshop: Option<Workshop>,
    /// The second service, with what is removed at the end of the slice.
    beside: Option<(String, Workshop)>,
}

/// What a user keeps.
struct Steady {
    creation: Option<http::Template>,
    beside: Option<http::Template>,
}

impl Steady {
    fn prepare(vu: Vu, ground: &Ground) -> Result<Self> {
        let course: Course = vu.parameter()?;
        let beside = match &course.beside {
            None => None,
            Some((base, workshop)) => {
                let api = Api::new(base, ground.api.base(Service::Generation));
                Some(workshop.creation_named(CREATION_BESIDE, vu, &api)?)
            }
        };
        let creation = course.workshop.as_ref();
        let creation = creation.map(|workshop| workshop.creation(vu, &ground.api));
        Ok(Self {
            creation: creation.transpose()?,
            beside,
        })
    }
}

/// A user makes an episode, and one beside it: of every two users one makes it first
#[scenario(state = Steady::prepare)]
async fn go_on(vu: Vu, steady: &mut Steady, _ground: &Ground) -> Result<()> {
    let mut creations = [steady.creation.as_ref(), steady.beside.as_ref()];
    if vu.number.is_multiple_of(2) {
        creations.reverse();
    }
    for creation in creations.into_iter().flatten() {
        let sample = creation.fire_with([title(vu)]).await?;
        ensure_eq!(sample.status, 201, "an episode is made");
    }
    Ok(())
}

/// What one of the services did in a slice of time.
#[derive(Clone, Copy, Debug, Serialize)]
struct Done {
    /// The time of the fastest creation at an even rate, in milliseconds. What has become slow is so each time, and what else the machine
    /// does slows some of them.
    fastest_ms: f64,
    /// The median of the same, which is told only.
    median_ms: f64,
    /// Creations each second, as fast as it went: of users who wait for nothing else, by their mean time (Little's law).
    per_second: f64,
}

impl Done {
    fn of(name: &str, users: u32, even: &Outcome, work: &Outcome) -> Result<Self> {
        let succeeded = |outcome: &Outcome| {
            let times = outcome.requests(name).map(|requests| requests.succeeded);
            times.filter(|times| times.count > 0)
        };
        let (Some(even), Some(work)) = (succeeded(even), succeeded(work)) else {
            return Err(Problem::failed(format!(
                "in a slice of time no `{name}` succeeded: {}; {}",
                reasons(even),
                reasons(work)
            )));
        };
        Ok(Self {
            fastest_ms: even.min.as_secs_f64() * 1e3,
            median_ms: even.p50.as_secs_f64() * 1e3,
            per_second: f64::from(users) / work.mean.as_secs_f64(),
        })
    }
}

/// What came of a slice of time.
#[derive(Clone, Copy, Debug, Serialize)]
struct Slice {
    judged: Done,
    /// The second service.
    beside: Option<Done>,
    /// Iterations that failed, were cut off, or found no user that was free; and all.
    failed: u64,
    iterations: u64,
}

impl Slice {
    fn of(course: &Course, users: u32, even: &Outcome, work: &Outcome) -> Result<Self> {
        let beside = match course.beside {
            None => None,
            Some(_) => Some(Done::of(CREATION_BESIDE, users, even, work)?),
        };
        let not_done = |outcome: &Outcome| outcome.interrupted + outcome.dropped;
        let (left, both) = (not_done(even) + not_done(work), even.failed + work.failed);
        Ok(Self {
            judged: Done::of(CREATION, users, even, work)?,
            beside,
            failed: left + both,
            iterations: left + even.iterations + work.iterations,
        })
    }

    /// How many times as long a creation takes as beside it.
    fn creation(&self) -> f64 {
        self.judged.fastest_ms / self.beside.map_or(1.0, |beside| beside.fastest_ms)
    }

    /// How many times as many are made each second.
    fn throughput(&self) -> f64 {
        self.judged.per_second / self.beside.map_or(1.0, |beside| beside.per_second)
    }
}

/// Users go on and on: at the end it takes no longer than at the beginning, as much is done, and nothing fails
#[case(tags = ["endurance"], timeout = "120m", needs = ["project-service"], exclusive)]
async fn it_stays_as_fast_as_it_was(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let emptied = context::optional_service_url(EMPTIED);
    if emptied.is_none() {
        info!(
            "there is no `{EMPTIED}` to compare with: a trend of the machine is seen as one of the system"
        );
    }
    let beside = emptied.map(|base| Api::new(base, ground.api.base(Service::Generation)));
    let beside = beside.map(|api| api.user("owner"));
    let mut course = Course {
        workshop: None,
        beside: None,
    };
    if let Some(owner) = &beside {
        // Its file has then the room for a slice, as it has in each that follows: to grow takes longer than to fill what is free.
        course.open(owner).await?;
        work(2 * scale.slice_work, &scale, &course).await?;
        course.remove(owner).await?;
    }
    course.workshop = Some(Workshop::open(&ground.api.user("owner")).await?);
    // In the first slice connections, caches and pages are new: it is not judged, and leaves little behind.
    let new = Scale {
        slice_work: u64::from(scale.users),
        ..scale.clone()
    };
    let scales = std::iter::repeat_n(&scale, scale.slices as usize);
    let mut slices = Vec::new();
    for scale in std::iter::once(&new).chain(scales) {
        if let Some(owner) = &beside {
            course.open(owner).await?;
        }
        slices.push(slice(scale, &course).await?);
        if let Some(owner) = &beside {
            course.remove(owner).await?;
        }
    }
    context::attach_json("slices", &slices)?;
    judge(&slices[1..])
}

impl Course {
    /// Makes projects for a slice on the second service.
    async fn open(&mut self, owner: &User) -> Result<()> {
        let base = owner.api().base(Service::Project).to_owned();
        self.beside = Some((base, Workshop::open(owner).await?));
        Ok(())
    }

    /// Removes them again, and all that was made in them.
    async fn remove(&mut self, owner: &User) -> Result<()> {
        match self.beside.take() {
            Some((_, workshop)) => workshop.remove(owner).await,
            None => Ok(()),
        }
    }
}

fn judge(slices: &[Slice]) -> Result<()> {
    let drift = |figure: fn(&Slice) -> f64| Drift::of(slices.iter().map(figure).collect());
    let latency = drift(Slice::creation)?;
    metrics::judge("latency-drift", latency.growth, latency.points)?;
    let throughput = drift(Slice::throughput)?;
    metrics::judge("throughput-drift", throughput.fall, throughput.points)?;
    let alone = drift(|slice| slice.judged.median_ms)?.growth;
    metrics::gauge("creation_time_growth", &[], alone, Unit::Percent)?;
    let alone = drift(|slice| slice.judged.per_second)?.fall;
    metrics::gauge("creations_per_second_fall", &[], alone, Unit::Percent)?;
    let iterations: u64 = slices.iter().map(|slice| slice.iterations).sum();
    let failed: u64 = slices.iter().map(|slice| slice.failed).sum();
    let share = as_f64(failed) * 100.0 / as_f64(iterations.max(1));
    metrics::judge("continuous-failures", share, iterations)?;
    Ok(())
}

/// Some time at an even rate, in which times are measured; then more work, as fast as it goes.
async fn slice(scale: &Scale, course: &Course) -> Result<Slice> {
    let even = load::plan("go-on")
        .constant_rate(f64::from(scale.continuous_per_second), scale.slice())
        .max_vus(scale.crowd)
        .grace(GRACE)
        .parameter(course)
        .failures_judged_by_case()
        .run()
        .await?;
    tell_of_the_generator(&even);
    let work = work(scale.slice_work, scale, course).await?;
    Slice::of(course, scale.users, &even, &work)
}

/// So much work, as fast as it goes.
async fn work(iterations: u64, scale: &Scale, course: &Course) -> Result<Outcome> {
    let plan = load::plan("go-on").shared_iterations(scale.users, iterations);
    let plan = plan.grace(GRACE).parameter(course);
    Ok(plan.failures_judged_by_case().run().await?)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "iterations of a load are far below 2^52"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(fastest_ms: f64, beside: Option<f64>) -> Slice {
        let done = |fastest_ms: f64| Done {
            fastest_ms,
            median_ms: 2.0 * fastest_ms,
            per_second: 100.0 / fastest_ms,
        };
        Slice {
            judged: done(fastest_ms),
            beside: beside.map(done),
            failed: 0,
            iterations: 1,
        }
    }

    #[test]
    fn what_slows_both_is_no_drift() {
        let slow = slice(40.0, Some(20.0));
        let fast = slice(4.0, Some(2.0));
        assert!((slow.creation() - fast.creation()).abs() < 1e-9);
        assert!((slow.throughput() - fast.throughput()).abs() < 1e-9);
        assert!((slow.creation() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_second_service_times_are_as_they_are() {
        let alone = slice(40.0, None);
        assert!((alone.creation() - 40.0).abs() < 1e-9);
        assert!((alone.throughput() - 2.5).abs() < 1e-9);
    }
}
