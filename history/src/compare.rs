//! Two runs against each other: which cases and baselines changed, and which distributions.
//!
//! A distribution has changed if the rank test says so (adjusted by Holm for all distributions that were compared, below
//! [`SIGNIFICANCE`]) and the difference is not negligible: the probability of superiority at least [`SMALL_EFFECT`] from one half. By how much is
//! told by the shift, and by the percentiles with their intervals.

use std::collections::BTreeMap;

use assay_report::{event::Phase, verdict::Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    distribution::Distribution,
    record::{CaseResult, Judged, Measured, MetricKey, Run, RunRecord},
    statistics::{
        SIGNIFICANCE, holm,
        quantile::Change,
        ranks::{self, SMALL_EFFECT},
    },
};

/// The percentiles that are compared.
pub const PERCENTILES: [f64; 3] = [50.0, 95.0, 99.0];

/// Two runs, compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Which shape this document has.
    pub schema: ComparisonVersion,
    /// The run that is compared with.
    pub before: Run,
    /// The run that is compared.
    pub after: Run,
    /// Why the two may not be alike apart from what was tested: another environment, profile, commit or other settings.
    pub differences: Vec<Difference>,
    /// Cases whose verdicts differ, or that only one of the two has.
    pub cases: Vec<CaseChange>,
    /// Each baseline that one of the two judged: its worst judgement in each.
    pub baselines: Vec<BaselineChange>,
    /// Each distribution that one of the two has.
    pub distributions: Vec<DistributionChange>,
}

/// The versions of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ComparisonVersion {
    /// The first one.
    #[default]
    #[serde(rename = "assay/comparison/1")]
    V1,
}

/// In what two runs differ, beside what came of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The environment.
    Environment,
    /// The profile.
    Profile,
    /// The settings, or the levels of baselines.
    Settings,
    /// The commit, or one of the two is not known.
    Commit,
    /// The version of the host.
    Host,
}

/// A case that ended otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseChange {
    /// The suite.
    pub suite: String,
    /// The case.
    pub case: String,
    /// Its verdict before; none if it was not there.
    pub before: Option<Verdict>,
    /// Its verdict after; none if it is not there.
    pub after: Option<Verdict>,
}

/// A baseline in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineChange {
    /// The suite.
    pub suite: String,
    /// The baseline.
    pub baseline: String,
    /// For people.
    pub unit: String,
    /// Its worst judgement before; none if it was not judged.
    pub before: Option<Judged>,
    /// Its worst judgement after; none if it was not judged.
    pub after: Option<Judged>,
}

/// A distribution in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DistributionChange {
    /// The suite.
    pub suite: String,
    /// What was measured.
    pub metric: String,
    /// The phase in which it was measured.
    pub phase: Phase,
    /// `seconds`, `bytes`, ...; empty for none.
    pub unit: String,
    /// How many values there were before.
    pub samples_before: u64,
    /// How many values there are after.
    pub samples_after: u64,
    /// What is to be said of it.
    pub finding: Finding,
    /// The rank test; none without enough samples.
    pub test: Option<Tested>,
    /// Each percentile for which both have enough samples.
    pub percentiles: Vec<PercentileChange>,
}

/// What is to be said of a distribution.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Times: it takes longer.
    Slower,
    /// Times: it is done sooner.
    Faster,
    /// What is no time: the values are greater.
    Greater,
    /// What is no time: the values are smaller.
    Smaller,
    /// No difference beyond chance, or a negligible one.
    Same,
    /// Nothing can be said: one of the two has too few samples.
    NotEnoughSamples,
    /// It was only measured before.
    OnlyBefore,
    /// It was only measured after.
    OnlyAfter,
}

/// What the rank test says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    /// How improbable the difference is by chance, of both sides (Mann–Whitney).
    pub probability: f64,
    /// The same, adjusted for all distributions that were compared (Holm).
    pub adjusted_probability: f64,
    /// The probability that a value after is greater than one before; equal ones count by half.
    pub superiority: f64,
    /// The median difference between a value after and one before, in the unit (Hodges–Lehmann).
    pub shift: f64,
}

/// How a percentile changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PercentileChange {
    /// 50, 95 or 99.
    pub percentile: f64,
    /// What it was, in the unit.
    pub before: f64,
    /// What it is, in the unit.
    pub after: f64,
    /// By how many percent it changed.
    pub change_percent: f64,
    /// The lower end of the 95 % interval of that.
    pub low_percent: f64,
    /// The upper end.
    pub high_percent: f64,
}

/// Compares two runs.
pub fn compare(before: &RunRecord, after: &RunRecord) -> Comparison {
    Comparison {
        schema: ComparisonVersion::V1,
        before: before.run.clone(),
        after: after.run.clone(),
        differences: differences(&before.run, &after.run),
        cases: cases(&before.cases, &after.cases),
        baselines: baselines(&before.judgements, &after.judgements),
        distributions: distributions(&before.distributions, &after.distributions),
    }
}

fn differences(before: &Run, after: &Run) -> Vec<Difference> {
    let unknown_commit = before.commit.is_none() || after.commit.is_none();
    [
        (
            before.environment != after.environment,
            Difference::Environment,
        ),
        (before.profile != after.profile, Difference::Profile),
        (
            before.settings_digest != after.settings_digest,
            Difference::Settings,
        ),
        (
            unknown_commit || before.commit != after.commit,
            Difference::Commit,
        ),
        (before.host_version != after.host_version, Difference::Host),
    ]
    .into_iter()
    .filter_map(|(differs, difference)| differs.then_some(difference))
    .collect()
}

/// What is there before and after, by what tells it apart.
fn paired<'a, K: Ord, V: 'a>(
    before: impl Iterator<Item = (K, &'a V)>,
    after: impl Iterator<Item = (K, &'a V)>,
) -> BTreeMap<K, (Option<&'a V>, Option<&'a V>)> {
    let mut paired: BTreeMap<K, (Option<&V>, Option<&V>)> = BTreeMap::new();
    for (key, value) in before {
        paired.entry(key).or_default().0 = Some(value);
    }
    for (key, value) in after {
        paired.entry(key).or_default().1 = Some(value);
    }
    paired
}

fn cases(before: &[CaseResult], after: &[CaseResult]) -> Vec<CaseChange> {
    let by_id = |case: &CaseResult| (case.suite.clone(), case.case.clone());
    let before = before.iter().map(|case| (by_id(case), case));
    let after = after.iter().map(|case| (by_id(case), case));
    let changes = paired(before, after)
        .into_iter()
        .map(|((suite, case), (before, after))| CaseChange {
            suite,
            case,
            before: before.map(|case| case.verdict),
            after: after.map(|case| case.verdict),
        });
    changes
        .filter(|change| change.before != change.after)
        .collect()
}

fn baselines(before: &[Judged], after: &[Judged]) -> Vec<BaselineChange> {
    let (before, after) = (worst(before), worst(after));
    let changes = paired(before.into_iter(), after.into_iter()).into_iter();
    changes
        .map(|((suite, baseline), (before, after))| BaselineChange {
            suite: suite.to_owned(),
            baseline: baseline.to_owned(),
            unit: after
                .or(before)
                .map_or_else(String::new, |judged| judged.unit.clone()),
            before: before.cloned(),
            after: after.cloned(),
        })
        .collect()
}

/// Of several judgements of a baseline, the first of the worst grade.
fn worst(judgements: &[Judged]) -> BTreeMap<(&str, &str), &Judged> {
    let mut worst: BTreeMap<(&str, &str), &Judged> = BTreeMap::new();
    for judged in judgements {
        let shown = worst
            .entry((&judged.suite, &judged.baseline))
            .or_insert(judged);
        if judged.grade > shown.grade {
            *shown = judged;
        }
    }
    worst
}

fn distributions(before: &[Measured], after: &[Measured]) -> Vec<DistributionChange> {
    let by_key = |measured: &Measured| {
        (
            measured.key.clone(),
            measured.unit.clone(),
            measured.steps_per_unit,
        )
    };
    let before = before.iter().map(|measured| (by_key(measured), measured));
    let after = after.iter().map(|measured| (by_key(measured), measured));
    let mut changes: Vec<_> = paired(before, after)
        .into_iter()
        .map(|((key, ..), (before, after))| distribution(key, before, after))
        .collect();
    adjust(&mut changes);
    changes
}

fn distribution(
    key: MetricKey,
    before: Option<&Measured>,
    after: Option<&Measured>,
) -> DistributionChange {
    // What cannot be read back has no samples, and so says nothing.
    let values = |measured: Option<&Measured>| {
        measured
            .and_then(|measured| measured.distribution().ok())
            .unwrap_or_default()
    };
    let (old, new) = (values(before), values(after));
    let (unit, steps) = after.or(before).map_or((String::new(), 1), |measured| {
        (measured.unit.clone(), measured.steps_per_unit)
    });
    let test = ranks::test(&old, &new);
    DistributionChange {
        suite: key.suite,
        metric: key.metric,
        phase: key.phase,
        finding: match (before, after) {
            (Some(_), None) => Finding::OnlyBefore,
            (None, Some(_)) => Finding::OnlyAfter,
            _ if test.is_none() => Finding::NotEnoughSamples,
            _ => Finding::Same,
        },
        samples_before: old.count(),
        samples_after: new.count(),
        test: test.map(|test| Tested {
            probability: test.probability,
            adjusted_probability: test.probability,
            superiority: test.superiority,
            shift: in_unit(test.shift, steps),
        }),
        percentiles: percentiles(&old, &new, steps),
        unit,
    }
}

fn percentiles(before: &Distribution, after: &Distribution, steps: u64) -> Vec<PercentileChange> {
    let changes = PERCENTILES.into_iter().filter_map(|percentile| {
        let change = Change::of(before, after, percentile / 100.0)?;
        Some(PercentileChange {
            percentile,
            before: in_unit(change.before.into(), steps),
            after: in_unit(change.after.into(), steps),
            change_percent: change.relative * 100.0,
            low_percent: change.low * 100.0,
            high_percent: change.high * 100.0,
        })
    });
    changes.collect()
}

/// Adjusts the tests to each other, and says what they mean.
fn adjust(changes: &mut [DistributionChange]) {
    let probabilities: Vec<f64> = changes
        .iter()
        .filter_map(|change| Some(change.test?.probability))
        .collect();
    let mut adjusted = holm::adjusted(&probabilities).into_iter();
    for change in changes {
        let Some(test) = &mut change.test else {
            continue;
        };
        test.adjusted_probability = adjusted.next().unwrap_or(1.0);
        if test.adjusted_probability < SIGNIFICANCE
            && (test.superiority - 0.5).abs() >= SMALL_EFFECT
        {
            change.finding = match (change.unit == "seconds", test.superiority > 0.5) {
                (true, true) => Finding::Slower,
                (true, false) => Finding::Faster,
                (false, true) => Finding::Greater,
                (false, false) => Finding::Smaller,
            };
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "three significant figures are kept, an f64 has fifteen"
)]
pub(crate) fn in_unit(steps: i128, steps_per_unit: u64) -> f64 {
    steps as f64 / steps_per_unit.max(1) as f64
}
