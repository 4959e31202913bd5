//! A case over many runs: how often it ran, how often it was good, how long it takes, and how flaky it is.
//!
//! # The flaky score
//!
//! A case is flaky if it is good and bad on the same thing. There are two signs of that, each a share from 0 to 1:
//!
//! - `retried`: the share of the tested runs in which it failed first and passed on a later attempt. That is how J. Micco, "Flaky tests at
//!   Google and how we mitigate them" (2016), defines it: both a pass and a fail with the same code.
//! - `flips`: the share of the pairs of consecutive runs of the same thing in which it was good in one and bad in the other. That is the flip
//!   rate of E. Kowalczyk, K. Nair, Z. Gao, L. Silberstein, T. Long, A. Memon, "Modeling and ranking flaky tests at Apple" (ICSE-SEIP
//!   2020), among runs of the same version only, so that a case which is broken and repaired does not count. The same thing is: the same
//!   commit without changed files, the same settings, environment and profile. Runs that do not say so make no pair.
//!
//! The score is `1 - (1 - retried) * (1 - flips)`: 0 if it shows neither sign, 1 if one of them always shows, and never less than the greater of
//! the two. A case that always fails is not flaky. With fewer than [`MIN_TESTED`] tested runs there is no score.

use assay_report::verdict::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::store::Occurrence;

/// The fewest runs in which a case was tested that a score rests on.
pub const MIN_TESTED: u64 = 5;
const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// What is known of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseHistory {
    /// The suite.
    pub suite: String,
    /// The case.
    pub case: String,
    /// In how many runs it had a verdict.
    pub runs: u64,
    /// In how many of them it was tested: neither skipped nor never begun.
    pub tested: u64,
    /// How often it was tested a day, from the first of these runs until the last; over at least a day.
    pub per_day: f64,
    /// The share of the tested runs in which it was good: passed, degraded or flaky; none if it was never tested.
    pub success_rate: Option<f64>,
    /// The share of the tested runs in which it passed only on a later attempt; none if it was never tested.
    pub retried: Option<f64>,
    /// How many pairs of consecutive runs were of the same thing.
    pub pairs: u64,
    /// The share of those pairs in which it turned from good to bad or back; none without a pair.
    pub flips: Option<f64>,
    /// How flaky it is, from 0 to 1; none if it was tested too rarely.
    pub flaky_score: Option<f64>,
    /// The median of its durations where it was tested; none if it never was.
    pub median_duration_ns: Option<u64>,
    /// How it ended last.
    pub last_verdict: Verdict,
    /// The run of that.
    pub last_run: String,
}

/// Gathers a case's runs, the oldest first.
#[derive(Debug, Default)]
pub struct CaseHistories {
    done: Vec<CaseHistory>,
    current: Option<Gathering>,
}

#[derive(Debug)]
struct Gathering {
    last: Occurrence,
    runs: u64,
    first_s: Option<u64>,
    last_s: u64,
    good: u64,
    retried: u64,
    pairs: u64,
    flips: u64,
    durations: Vec<u64>,
    /// The run before that was tested.
    before: Option<Occurrence>,
}

impl CaseHistories {
    /// Takes in a run of a case; all of a case come one after the other.
    pub fn hear(&mut self, occurrence: Occurrence) {
        let goes_on = self
            .current
            .as_ref()
            .is_some_and(|current| current.last.result.id() == occurrence.result.id());
        if !goes_on {
            self.close();
        }
        self.current
            .get_or_insert_with(|| Gathering::new(&occurrence))
            .hear(occurrence);
    }

    /// All of them, in the order in which they came.
    pub fn finish(mut self) -> Vec<CaseHistory> {
        self.close();
        self.done
    }

    fn close(&mut self) {
        self.done.extend(self.current.take().map(Gathering::finish));
    }
}

impl Gathering {
    fn new(occurrence: &Occurrence) -> Self {
        Self {
            last: occurrence.clone(),
            runs: 0,
            first_s: None,
            last_s: 0,
            good: 0,
            retried: 0,
            pairs: 0,
            flips: 0,
            durations: Vec::new(),
            before: None,
        }
    }

    fn hear(&mut self, occurrence: Occurrence) {
        self.runs += 1;
        let result = &occurrence.result;
        if result.verdict != Verdict::Skipped && result.attempts > 0 {
            let is_good = !result.verdict.is_bad();
            self.good += u64::from(is_good);
            self.retried += u64::from(result.verdict == Verdict::Flaky);
            self.durations.push(result.duration_ns);
            let at = seconds(&occurrence);
            self.first_s.get_or_insert(at);
            self.last_s = at;
            if let Some(before) = &self.before
                && of_the_same(before, &occurrence)
            {
                self.pairs += 1;
                self.flips += u64::from(before.result.verdict.is_bad() == is_good);
            }
            self.before = Some(occurrence.clone());
        }
        self.last = occurrence;
    }

    fn finish(mut self) -> CaseHistory {
        let tested = self.durations.len() as u64;
        let retried = share(self.retried, tested);
        let flips = share(self.flips, self.pairs);
        let score = |retried: f64| 1.0 - (1.0 - retried) * (1.0 - flips.unwrap_or(0.0));
        let days = to_f64(
            self.last_s
                .saturating_sub(self.first_s.unwrap_or(self.last_s)),
        ) / SECONDS_OF_A_DAY;
        CaseHistory {
            runs: self.runs,
            tested,
            per_day: to_f64(tested) / days.max(1.0),
            success_rate: share(self.good, tested),
            retried,
            pairs: self.pairs,
            flips,
            flaky_score: retried.filter(|_| tested >= MIN_TESTED).map(score),
            median_duration_ns: median(&mut self.durations),
            last_verdict: self.last.result.verdict,
            last_run: self.last.run.run_id,
            suite: self.last.result.suite,
            case: self.last.result.case,
        }
    }
}

/// Whether two runs tested the same thing, as far as anybody knows.
fn of_the_same(one: &Occurrence, other: &Occurrence) -> bool {
    let (one, other) = (&one.run, &other.run);
    let is_known = |commit: &Option<String>| {
        commit
            .as_ref()
            .is_some_and(|commit| !commit.ends_with("-dirty"))
    };
    is_known(&one.commit)
        && one.settings_digest.is_some()
        && one.commit == other.commit
        && one.settings_digest == other.settings_digest
        && one.environment == other.environment
        && one.profile == other.profile
}

fn seconds(occurrence: &Occurrence) -> u64 {
    humantime::parse_rfc3339(&occurrence.run.started_at)
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_secs())
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| to_f64(part) / to_f64(whole))
}

/// The lower one of two middle ones.
fn median(durations: &mut [u64]) -> Option<u64> {
    durations.sort_unstable();
    durations.get(durations.len().checked_sub(1)? / 2).copied()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "runs and seconds are far below 2^53"
)]
fn to_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CaseResult, Run};

    /// A run on that day (from 1 in November) of that commit.
    fn occurrence(day: u32, commit: &str, verdict: Verdict) -> Occurrence {
        Occurrence {
            run: Run {
                run_id: format!("run-{day}"),
                started_at: format!("2026-11-{day:02}T12:00:00Z"),
                settings_digest: Some("digest".to_owned()),
                commit: Some(commit.to_owned()).filter(|commit| !commit.is_empty()),
                ..Run::default()
            },
            result: CaseResult {
                suite: "shop".to_owned(),
                case: "buys".to_owned(),
                verdict,
                attempts: 1,
                duration_ns: u64::from(day) * 1_000,
                reason: None,
            },
        }
    }

    fn history(runs: &[(&str, Verdict)]) -> CaseHistory {
        let mut histories = CaseHistories::default();
        for (day, (commit, verdict)) in (1..).zip(runs) {
            histories.hear(occurrence(day, commit, *verdict));
        }
        let [history] = <[CaseHistory; 1]>::try_from(histories.finish()).unwrap();
        history
    }

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    use Verdict::{Degraded, Errored, Failed, Flaky, Passed, Skipped};

    #[test]
    fn the_shares_are_of_tested_runs_and_the_score_joins_both_signs() {
        // Tested: 8. Retried: 1. Pairs of the same commit: a-a, a-a, a-a, b-b, b-b, b-b, of which 3 turned.
        let history = history(&[
            ("a", Passed),
            ("a", Failed),
            ("a", Passed),
            ("a", Flaky),
            ("b", Errored),
            ("b", Degraded),
            ("b", Skipped),
            ("b", Passed),
            ("b", Passed),
        ]);
        assert_eq!((history.runs, history.tested, history.pairs), (9, 8, 6));
        near(history.success_rate, 6.0 / 8.0);
        near(history.retried, 1.0 / 8.0);
        near(history.flips, 3.0 / 6.0);
        near(history.flaky_score, 1.0 - (7.0 / 8.0) * (3.0 / 6.0));
        near(Some(history.per_day), 1.0);
        assert_eq!(history.median_duration_ns, Some(4_000));
        assert_eq!(
            (history.last_verdict, history.last_run.as_str()),
            (Passed, "run-9")
        );
    }

    #[test]
    fn broken_by_one_commit_and_repaired_by_another_is_not_flaky() {
        let history = history(&[
            ("a", Passed),
            ("b", Failed),
            ("b", Failed),
            ("c", Passed),
            ("c", Passed),
        ]);
        near(history.flaky_score, 0.0);
        near(history.success_rate, 0.6);
    }

    #[test]
    fn what_is_not_known_to_be_the_same_makes_no_pair() {
        for commit in ["", "a-dirty"] {
            let history = history(&[
                (commit, Passed),
                (commit, Failed),
                (commit, Passed),
                (commit, Failed),
                (commit, Passed),
            ]);
            assert_eq!((history.pairs, history.flips), (0, None), "{commit}");
            near(history.flaky_score, 0.0);
        }
        let other_settings = {
            let mut other = occurrence(2, "a", Failed);
            other.run.settings_digest = Some("other".to_owned());
            other
        };
        assert!(!of_the_same(&occurrence(1, "a", Passed), &other_settings));
    }

    #[test]
    fn a_case_that_always_fails_is_not_flaky_and_one_that_always_turns_is_nothing_else() {
        near(history(&[("a", Failed); 5]).flaky_score, 0.0);
        let turning = [
            ("a", Failed),
            ("a", Passed),
            ("a", Failed),
            ("a", Passed),
            ("a", Failed),
        ];
        near(history(&turning).flaky_score, 1.0);
    }

    #[test]
    fn tested_too_rarely_there_is_no_score() {
        assert_eq!(history(&[("a", Flaky); 4]).flaky_score, None);
        near(history(&[("a", Flaky); 5]).flaky_score, 1.0);
        let never = history(&[("a", Skipped)]);
        assert_eq!(
            (never.tested, never.success_rate, never.median_duration_ns),
            (0, None, None)
        );
    }

    #[test]
    fn cases_are_told_apart() {
        let mut histories = CaseHistories::default();
        for name in ["one", "one", "two"] {
            let mut occurrence = occurrence(1, "a", Passed);
            occurrence.result.case = name.to_owned();
            histories.hear(occurrence);
        }
        let runs: Vec<_> = histories
            .finish()
            .into_iter()
            .map(|case| (case.case, case.runs))
            .collect();
        assert_eq!(runs, [("one".to_owned(), 2), ("two".to_owned(), 1)]);
    }
}
