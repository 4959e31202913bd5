//! What is kept of a run: plain values, the same whether they come from a live run, a recorded one or the database.

use assay_load::encoded::{self, Unreadable};
use assay_report::{
    event::{Direction, Grade, Phase, RunStats},
    verdict::Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;

/// Bytes of each text that is kept (a name, a version, a commit); longer ones are cut.
pub const MAX_TEXT_BYTES: usize = 256;
/// Bytes of the name of a metric with its labels. What has a longer one is left out, for cut names of different metrics may be the same.
pub const MAX_METRIC_BYTES: usize = 1 << 10;
/// Cases of a run that are kept.
pub const MAX_CASES: usize = 10_000;
/// Judgements of baselines of a run that are kept.
pub const MAX_JUDGEMENTS: usize = 2_000;
/// Distributions of a run that are kept.
pub const MAX_DISTRIBUTIONS: usize = 2_000;

/// A run, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The run.
    pub run: Run,
    /// Each case that has its verdict.
    pub cases: Vec<CaseResult>,
    /// Each judgement of a baseline.
    pub judgements: Vec<Judged>,
    /// What was measured.
    pub distributions: Vec<Measured>,
}

/// A run as such.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Unique: time and random letters.
    pub run_id: String,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// From its start to its last event.
    pub duration_ns: u64,
    /// Version of the host.
    pub host_version: String,
    /// The environment's name.
    pub environment: String,
    /// The profile's name.
    pub profile: String,
    /// SHA-256 of the settings and of the levels of baselines; none if the run did not tell.
    pub settings_digest: Option<String>,
    /// The commit of the project, `-dirty` behind it if files differed; none if it is not known.
    pub commit: Option<String>,
    /// The gravest of all cases; none if the run told no end.
    pub verdict: Option<Verdict>,
    /// What the process ended with; none if the run told no end.
    pub exit_code: Option<u8>,
    /// How many cases ended how.
    pub stats: RunStats,
    /// How many judgements of baselines there were.
    pub baselines: u64,
    /// How many of them were worse than critical, or without a sample.
    pub baselines_missed: u64,
    /// What limits left out: cases, judgements and distributions together.
    pub left_out: u64,
}

/// A case in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// The suite.
    pub suite: String,
    /// The case.
    pub case: String,
    /// The verdict over all attempts.
    pub verdict: Verdict,
    /// How many attempts were made; 0 if it never began.
    pub attempts: u32,
    /// All attempts together.
    pub duration_ns: u64,
    /// What sort of reason it had, as in the event log; none if it passed.
    pub reason: Option<String>,
}

/// A judgement of a baseline in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The suite.
    pub suite: String,
    /// The baseline.
    pub baseline: String,
    /// The case that judged it; `setup` or `teardown` for those.
    pub entry: String,
    /// From 1.
    pub attempt: u32,
    /// For people.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// The level that is good; none if it is no number.
    pub target: Option<f64>,
    /// The level that must be reached; none if it is no number.
    pub critical: Option<f64>,
    /// What was measured; none if nothing was.
    pub value: Option<f64>,
    /// How many samples it rests on.
    pub samples: u64,
    /// How it stands.
    pub grade: Grade,
}

/// What tells one distribution of a run from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricKey {
    /// The suite.
    pub suite: String,
    /// What was measured: `request NAME` and `stream first event NAME` of the suite's cases, `CASE: SCENARIO: METRIC` of a load, or a figure of
    /// the suite's own.
    pub metric: String,
    /// The phase in which it was measured.
    pub phase: Phase,
}

/// A distribution of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// What it is of.
    pub key: MetricKey,
    /// `seconds`, `bytes`, ...; empty for none.
    pub unit: String,
    /// How many steps of the histogram are one unit.
    pub steps_per_unit: u64,
    /// An HDR histogram in its format V2, deflated.
    pub histogram: Vec<u8>,
}

impl Run {
    /// Whether it may be compared with: it came to its end, and nothing that it tested was bad.
    pub fn is_good(&self) -> bool {
        self.verdict
            .is_some_and(|verdict| !verdict.is_bad() && verdict != Verdict::Skipped)
    }
}

impl CaseResult {
    /// `suite/case`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.suite, self.case)
    }
}

impl MetricKey {
    /// `suite/metric`, by which bounds name it.
    pub fn id(&self) -> String {
        format!("{}/{}", self.suite, self.metric)
    }
}

impl Measured {
    /// What was measured.
    pub fn distribution(&self) -> Result<Distribution, Unreadable> {
        encoded::from_bytes(&self.histogram).map(|histogram| Distribution::of(&histogram))
    }

    /// Whether less is better: of times it is, of anything else it is not known.
    pub fn is_time(&self) -> bool {
        self.unit == "seconds"
    }
}

/// A text within its limit.
pub(crate) fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_the_limit_is_whole_and_a_longer_one_is_cut_between_characters() {
        let whole = "a".repeat(MAX_TEXT_BYTES);
        assert_eq!(cut(&whole), whole);
        assert_eq!(cut(&format!("{whole}b")), whole);
        assert_eq!(cut(&"ä".repeat(MAX_TEXT_BYTES)).len(), MAX_TEXT_BYTES);
        assert_eq!(
            cut(&format!("a{}", "ä".repeat(MAX_TEXT_BYTES))).len(),
            MAX_TEXT_BYTES - 1
        );
    }

    #[test]
    fn a_run_without_an_end_or_without_a_test_is_no_good_one() {
        for (verdict, good) in [
            (None, false),
            (Some(Verdict::Skipped), false),
            (Some(Verdict::Failed), false),
            (Some(Verdict::Errored), false),
            (Some(Verdict::Passed), true),
            (Some(Verdict::Degraded), true),
            (Some(Verdict::Flaky), true),
        ] {
            let run = Run {
                verdict,
                ..Run::default()
            };
            assert_eq!(run.is_good(), good, "{verdict:?}");
        }
    }
}
