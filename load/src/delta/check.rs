//! Whether a delta may be merged: it came from another machine, which may be broken, of another version, or not what it says.

use super::contents::{Apart, Contents, PhaseStreams};
use super::error::BadDelta;
use super::times::{Extent, Times};
use super::{Bounds, Delta, MAX_COUNT, MAX_DELTAS, MAX_SUM, MAX_TIME, Standing, VERSION};
use crate::outcome::Counted;
use crate::phase::Phase;
use crate::samples::{CHECK_BUDGET, FAILURE_BUDGET, MAX_NAME, NAME_BUDGET};

impl Delta {
    /// Whether all of it is within the limits: then it can be added whole.
    pub(crate) fn check(&self) -> Result<(), BadDelta> {
        if self.version != VERSION {
            return Err(BadDelta::Version(self.version));
        }
        if self.bounds != Bounds::HERE {
            return Err(BadDelta::Bounds);
        }
        if self.number >= MAX_DELTAS {
            return Err(BadDelta::Number(self.number));
        }
        if self.from_ms > self.until_ms || self.until() > MAX_TIME {
            return Err(BadDelta::Time {
                from_ms: self.from_ms,
                until_ms: self.until_ms,
            });
        }
        self.standing.check()?;
        self.contents.check()
    }
}

impl Standing {
    fn check(&self) -> Result<(), BadDelta> {
        sum("iterations that were to start", self.intended.unwrap_or(0))?;
        sum("dropped iterations", self.dropped)?;
        sum("waiting iterations", self.waiting)?;
        sum("interrupted iterations", self.interrupted)?;
        sum("iterations of the warm-up", self.warm_up)?;
        if !(0.0..=1.0).contains(&self.busiest) {
            return Err(BadDelta::Busiest(format!("{:e}", self.busiest)));
        }
        Ok(())
    }
}

impl Contents {
    fn check(&self) -> Result<(), BadDelta> {
        let phases = Phase::ALL.len();
        many("phases of iterations", self.iterations.len(), phases)?;
        many(
            "names of requests",
            self.requests.len(),
            phases * with_other(NAME_BUDGET),
        )?;
        many("checks", self.checks.len(), with_other(CHECK_BUDGET))?;
        many("phases of streams", self.streams.len(), phases)?;
        times("lateness", &self.late)?;
        for of_phase in &self.iterations {
            of_phase.times.check("iterations")?;
        }
        for of_name in &self.requests {
            name(&of_name.name)?;
            sum("bytes", of_name.received)?;
            of_name.times.check("requests")?;
        }
        for check in &self.checks {
            name(&check.name)?;
            count("checks", check.passed)?;
            count("checks", check.failed)?;
        }
        self.streams.iter().try_for_each(PhaseStreams::check)
    }
}

impl Apart {
    fn check(&self, what: &'static str) -> Result<(), BadDelta> {
        times(what, &self.succeeded)?;
        times(what, &self.failed)?;
        failures(&self.failures)
    }
}

impl PhaseStreams {
    fn check(&self) -> Result<(), BadDelta> {
        times("the opening of streams", &self.connect)?;
        times("first events", &self.first_event)?;
        times("gaps", &self.gap)?;
        count("streams that were not opened", self.not_opened)?;
        count("stalls", self.stalls)?;
        count("reconnects", self.reconnects)?;
        sum("lost events", self.lost)?;
        count("duplicated events", self.duplicated)?;
        count("streams that were cut short", self.cut_short)?;
        failures(&self.failures)
    }
}

/// All names of a budget, and the one of those beyond it.
fn with_other(budget: u16) -> usize {
    usize::from(budget) + 1
}

fn failures(failures: &[Counted]) -> Result<(), BadDelta> {
    many(
        "kinds of failures",
        failures.len(),
        with_other(FAILURE_BUDGET),
    )?;
    for failure in failures {
        name(&failure.name)?;
        count("failures", failure.count)?;
    }
    Ok(())
}

fn many(what: &'static str, found: usize, most: usize) -> Result<(), BadDelta> {
    (found <= most)
        .then_some(())
        .ok_or(BadDelta::Many { what, found, most })
}

fn name(name: &str) -> Result<(), BadDelta> {
    let length = name.len();
    (length <= MAX_NAME)
        .then_some(())
        .ok_or(BadDelta::LongName(length))
}

fn count(what: &'static str, found: u64) -> Result<(), BadDelta> {
    (found <= MAX_COUNT)
        .then_some(())
        .ok_or(BadDelta::Count { what, found })
}

fn sum(what: &'static str, found: u64) -> Result<(), BadDelta> {
    (found <= MAX_SUM)
        .then_some(())
        .ok_or(BadDelta::Count { what, found })
}

fn times(what: &'static str, times: &Times) -> Result<Extent, BadDelta> {
    let extent = times.extent();
    extent.map_err(|problem| BadDelta::Times { what, problem })
}
