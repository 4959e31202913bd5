//! Failures gathered by their cause, within limits. Whatever is left out, the first causes in time are not.

use std::collections::BTreeMap;

use super::{
    judge::Found,
    shapes::{Analysis, Cause, CauseGroup, CauseKind, Failure},
};

/// Causes that are told: the first ones in time.
pub const MAX_CAUSES: usize = 100;
/// Failures that are told, of all causes together; all are counted.
pub const MAX_FAILURES: usize = 1_000;
/// Bytes of text of all failures that are told. Those that come later are counted.
pub const MAX_TEXT_BYTES: usize = 2 << 20;

/// What makes failures have the same cause.
type Key = (CauseKind, Option<String>, String);

/// The failures so far.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    groups: BTreeMap<Key, CauseGroup>,
    unlisted: u64,
    listed: usize,
    bytes_left: usize,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            groups: BTreeMap::new(),
            unlisted: 0,
            listed: 0,
            bytes_left: MAX_TEXT_BYTES,
        }
    }
}

impl Tally {
    /// One more failure.
    pub(super) fn add(&mut self, found: Found) {
        let Found {
            cause,
            detail,
            failure,
        } = found;
        let key = (cause.kind, cause.subject.clone(), detail);
        let at_ns = failure.at_ns;
        if !self.groups.contains_key(&key) && !self.make_room(at_ns) {
            self.unlisted += 1;
            return;
        }
        let kept = self.keep(failure);
        let group = self
            .groups
            .entry(key)
            .or_insert_with(|| new_group(&cause, at_ns));
        if at_ns < group.first_at_ns {
            group.first_at_ns = at_ns;
            group.cause = cause;
        }
        group.count += 1;
        group.failures.extend(kept);
    }

    /// Makes room for a cause that first shows at this moment; false if all that are there are earlier.
    fn make_room(&mut self, at_ns: u64) -> bool {
        if self.groups.len() < MAX_CAUSES {
            return true;
        }
        let latest = self
            .groups
            .iter()
            .max_by_key(|(_, group)| group.first_at_ns);
        let latest = latest.filter(|(_, group)| group.first_at_ns > at_ns);
        let Some(key) = latest.map(|(key, _)| key.clone()) else {
            return false;
        };
        if let Some(group) = self.groups.remove(&key) {
            // Those that were not listed are counted already.
            self.unlisted += group.failures.len() as u64;
            self.listed -= group.failures.len();
            let bytes: usize = group.failures.iter().map(bytes).sum();
            self.bytes_left += bytes;
        }
        true
    }

    /// The failure, if it may still be told.
    fn keep(&mut self, failure: Failure) -> Option<Failure> {
        let left = self.bytes_left.checked_sub(bytes(&failure));
        match left {
            Some(left) if self.listed < MAX_FAILURES => {
                self.bytes_left = left;
                self.listed += 1;
                Some(failure)
            }
            _ => {
                self.unlisted += 1;
                None
            }
        }
    }

    /// All of it, in the order in which it showed.
    pub(super) fn finish(self) -> Analysis {
        let mut causes: Vec<CauseGroup> = self.groups.into_values().collect();
        causes.sort_by_key(|group| group.first_at_ns);
        for group in &mut causes {
            group.failures.sort_by_key(|failure| failure.at_ns);
        }
        Analysis {
            causes,
            unlisted: self.unlisted,
        }
    }
}

fn new_group(cause: &Cause, at_ns: u64) -> CauseGroup {
    CauseGroup {
        cause: cause.clone(),
        first_at_ns: at_ns,
        count: 0,
        failures: Vec::new(),
    }
}

fn bytes(failure: &Failure) -> usize {
    let names = [&failure.suite, &failure.entry];
    let names: usize = names.into_iter().flatten().map(String::len).sum();
    let during: usize = failure.during.iter().map(String::len).sum();
    let evidence: usize = failure.evidence.iter().map(|line| line.text.len()).sum();
    names + failure.summary.len() + during + evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    fn found(subject: &str, at_ns: u64, summary: &str) -> Found {
        Found {
            cause: Cause {
                kind: CauseKind::Answer,
                subject: Some(subject.to_owned()),
                summary: summary.to_owned(),
                advice: String::new(),
            },
            detail: String::new(),
            failure: Failure {
                suite: None,
                entry: None,
                attempt: None,
                verdict: Verdict::Failed,
                at_ns,
                summary: summary.to_owned(),
                during: Vec::new(),
                evidence: Vec::new(),
                time: None,
            },
        }
    }

    #[test]
    fn the_first_cause_in_time_is_the_first_one_whenever_it_is_told() {
        let mut tally = Tally::default();
        for (subject, at_ns) in [("b", 20), ("a", 30), ("b", 10), ("a", 5)] {
            tally.add(found(subject, at_ns, &format!("at {at_ns}")));
        }
        let causes = tally.finish().causes;
        let told: Vec<_> = causes
            .iter()
            .map(|group| {
                (
                    group.cause.summary.as_str(),
                    group.count,
                    group.failures[0].at_ns,
                )
            })
            .collect();
        assert_eq!(told, [("at 5", 2, 5), ("at 10", 2, 10)]);
    }

    #[test]
    fn at_the_limit_of_causes_the_first_ones_are_kept_and_the_others_counted() {
        let mut tally = Tally::default();
        let limit = MAX_CAUSES as u64;
        for number in 0..limit {
            tally.add(found(&number.to_string(), 100 + number, ""));
        }
        tally.add(found("too late", 1_000, ""));
        tally.add(found("early", 1, ""));
        tally.add(found("0", 2_000, ""));
        let analysis = tally.finish();
        assert_eq!(analysis.causes.len(), MAX_CAUSES);
        assert_eq!(analysis.causes[0].cause.subject.as_deref(), Some("early"));
        assert_eq!(analysis.unlisted, 2, "the one too late, and the last one");
        let last = analysis.causes.last().map(|group| group.first_at_ns);
        assert_eq!(last, Some(100 + limit - 2));
    }

    #[test]
    fn at_the_limit_of_failures_all_are_counted() {
        let mut tally = Tally::default();
        for number in 0..=MAX_FAILURES {
            tally.add(found("a", number as u64, ""));
        }
        let analysis = tally.finish();
        assert_eq!(analysis.causes[0].count, MAX_FAILURES as u64 + 1);
        assert_eq!(analysis.causes[0].failures.len(), MAX_FAILURES);
        assert_eq!(analysis.unlisted, 1);
    }

    #[test]
    fn at_the_limit_of_text_all_are_counted() {
        let mut tally = Tally::default();
        let half = "x".repeat(MAX_TEXT_BYTES / 2);
        for at_ns in [1, 2, 3] {
            tally.add(found("a", at_ns, &half));
        }
        let analysis = tally.finish();
        assert_eq!((analysis.causes[0].count, analysis.unlisted), (3, 1));
        assert_eq!(analysis.causes[0].failures.len(), 2);
    }
}
