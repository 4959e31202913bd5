//! What the suites of a run were refused, as reports for people tell it: the same thing once for each suite, in however many cases.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    event::Refusal,
    json::document::{Attempt, Report, Suite},
    words::count,
};

/// Something that a suite was refused.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    pub(crate) suite: &'a str,
    pub(crate) refusal: &'a Refusal,
    /// The case that was refused it first; `setup` or `teardown` for those.
    first: &'a str,
    pub(crate) first_at_ns: u64,
    times: u64,
    entries: BTreeSet<&'a str>,
}

impl Refused<'_> {
    /// Who was refused it, and how often: `shop/buy and 2 more cases, 7 times`.
    pub(crate) fn who(&self) -> String {
        let further = match self.entries.len() {
            0 | 1 => String::new(),
            all => format!(" and {}", count(all - 1, "more case")),
        };
        let times = count(usize::try_from(self.times).unwrap_or(usize::MAX), "time");
        format!("{}/{}{further}, {times}", self.suite, self.first)
    }
}

/// All of it, in the order in which it was refused first.
pub(crate) fn by_suite(report: &Report) -> Vec<Refused<'_>> {
    let mut found: BTreeMap<(&str, &Refusal), Refused<'_>> = BTreeMap::new();
    for suite in &report.suites {
        for (entry, attempt) in attempts(suite) {
            for report in &attempt.refusals {
                let refused = found
                    .entry((&suite.name, &report.refusal))
                    .or_insert_with(|| Refused {
                        suite: &suite.name,
                        refusal: &report.refusal,
                        first: entry,
                        first_at_ns: report.first_at_ns,
                        times: 0,
                        entries: BTreeSet::new(),
                    });
                if report.first_at_ns < refused.first_at_ns {
                    refused.first_at_ns = report.first_at_ns;
                    refused.first = entry;
                }
                refused.times = refused.times.saturating_add(report.times);
                refused.entries.insert(entry);
            }
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|refused| refused.first_at_ns);
    found
}

fn attempts(suite: &Suite) -> impl Iterator<Item = (&str, &Attempt)> {
    let setup = suite.setup.iter().map(|attempt| ("setup", attempt));
    let teardown = suite.teardown.iter().map(|attempt| ("teardown", attempt));
    let cases = suite.cases.iter().flat_map(|case| {
        let attempts = case.attempts.iter();
        attempts.map(|attempt| (case.name.as_str(), attempt))
    });
    setup.chain(cases).chain(teardown)
}
