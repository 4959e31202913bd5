//! The loads of an attempt, as the document has them: what each was, how it went, and what came of it.

use assay_load::series::{Point, Series};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Attempt, Report, Suite};
use crate::event::{LoadEnd, LoadInfo};

/// Loads of an attempt that are kept.
pub const MAX_LOADS: usize = 50;

/// A load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadReport {
    /// What was to be made.
    pub plan: LoadInfo,
    /// When it began, since the start of the run.
    #[serde(default)]
    pub started_at_ns: u64,
    /// Its course: a point for each second, or for several of a long load.
    pub course: Vec<Point>,
    /// How it ended; none if it told no end.
    pub end: Option<LoadEnd>,
}

/// Each load with the suite and the case that made it.
pub(crate) fn all(report: &Report) -> impl Iterator<Item = (String, &LoadReport)> + Clone {
    report.suites.iter().flat_map(of_suite)
}

fn of_suite(suite: &Suite) -> impl Iterator<Item = (String, &LoadReport)> + Clone {
    let setup = suite.setup.iter().map(|attempt| ("setup", attempt));
    let cases = suite.cases.iter().flat_map(|case| {
        let attempts = case.attempts.iter();
        attempts.map(|attempt| (case.name.as_str(), attempt))
    });
    let teardown = suite.teardown.iter().map(|attempt| ("teardown", attempt));
    let all = setup.chain(cases).chain(teardown);
    all.flat_map(move |(entry, attempt): (&str, &Attempt)| {
        let name = format!("{}/{entry}", suite.name);
        attempt.loads.iter().map(move |load| (name.clone(), load))
    })
}

/// The loads of an attempt so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Loads {
    kept: Vec<Kept>,
    told: usize,
}

#[derive(Clone, Debug)]
struct Kept {
    plan: LoadInfo,
    started_at_ns: u64,
    course: Series,
    end: Option<LoadEnd>,
}

impl Loads {
    pub(super) fn started(&mut self, at_ns: u64, plan: &LoadInfo) {
        self.told += 1;
        if self.kept.len() < MAX_LOADS {
            self.kept.push(Kept {
                plan: plan.clone(),
                started_at_ns: at_ns,
                course: Series::default(),
                end: None,
            });
        }
    }

    /// Loads of an attempt may run side by side.
    pub(super) fn went(&mut self, load: u32, point: Point) {
        if let Some(kept) = self.of(load) {
            kept.course.push(point);
        }
    }

    pub(super) fn ended(&mut self, end: &LoadEnd) {
        if let Some(kept) = self.of(end.load) {
            kept.end = Some(end.clone());
        }
    }

    /// What is kept, and how many are not.
    pub(super) fn close(self) -> (Vec<LoadReport>, u64) {
        let missing = self.told - self.kept.len();
        let kept = self.kept.into_iter().map(|kept| LoadReport {
            plan: kept.plan,
            started_at_ns: kept.started_at_ns,
            course: kept.course.points().to_vec(),
            end: kept.end,
        });
        (kept.collect(), missing as u64)
    }

    fn of(&mut self, number: u32) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|kept| kept.plan.load == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(load: u32) -> LoadInfo {
        LoadInfo {
            load,
            scenario: "browse".to_owned(),
            executor: String::new(),
            vus: 1,
            isolated: false,
            threads: 1,
            planned_ns: None,
            machines: Vec::new(),
        }
    }

    #[test]
    fn loads_side_by_side_are_told_apart_and_one_too_many_is_counted() {
        let mut loads = Loads::default();
        let most = u32::try_from(MAX_LOADS).unwrap();
        for number in 1..=most + 1 {
            loads.started(u64::from(number), &info(number));
        }
        for number in [1, 2, 1] {
            loads.went(number, Point::default());
        }
        let (kept, missing) = loads.close();
        assert_eq!((kept.len(), missing), (MAX_LOADS, 1));
        assert_eq!((kept[0].course.len(), kept[1].course.len()), (2, 1));
    }
}
