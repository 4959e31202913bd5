//! What `host compare` prints for people.

use std::fmt::Write as _;

use assay_history::{
    compare::{
        BaselineChange, Comparison, Difference, DistributionChange, Finding, PercentileChange,
    },
    record::{Judged, Run},
    statistics::SIGNIFICANCE,
};
use assay_report::{
    event::Phase,
    words::{clean, count, duration, figure, value},
};

use super::{
    history_table::{commit, verdict},
    table::{
        Side::{Left, Right},
        table,
    },
};

/// All of it: what changed, and how much there is of the rest; with `all`, each distribution.
pub(super) fn text(comparison: &Comparison, all: bool) -> String {
    let mut text = format!(
        "before  {}\nafter   {}\n",
        run(&comparison.before),
        run(&comparison.after)
    );
    for difference in &comparison.differences {
        let _ = writeln!(text, "note    {}", differs(*difference));
    }
    text.push_str(&cases(comparison));
    text.push_str(&baselines(&comparison.baselines));
    text.push_str(&distributions(&comparison.distributions, all));
    text
}

fn run(run: &Run) -> String {
    let state = run
        .commit
        .as_deref()
        .map(|name| format!(", commit {}", commit(name)));
    clean(&format!(
        "{} of {}: {}, {} in {}, environment {}, profile {}{}",
        run.run_id,
        run.started_at,
        verdict(run.verdict),
        count(
            usize::try_from(run.stats.total()).unwrap_or(usize::MAX),
            "case"
        ),
        duration(run.duration_ns),
        run.environment,
        run.profile,
        state.unwrap_or_default(),
    ))
}

fn differs(difference: Difference) -> &'static str {
    match difference {
        Difference::Environment => "the environments differ",
        Difference::Profile => "the profiles differ",
        Difference::Settings => "the settings differ, or one of them is not known",
        Difference::Commit => "the commits differ, or one of them is not known",
        Difference::Host => "the versions of the host differ",
    }
}

fn cases(comparison: &Comparison) -> String {
    if comparison.cases.is_empty() {
        return "\nall cases ended alike\n".to_owned();
    }
    let changes = &comparison.cases;
    let mut text = format!("\n{} ended otherwise\n", count(changes.len(), "case"));
    for change in changes {
        let word = |verdict: Option<assay_report::verdict::Verdict>| {
            verdict.map_or("not there", assay_report::verdict::Verdict::word)
        };
        let id = clean(&format!("{}/{}", change.suite, change.case));
        let (before, after) = (word(change.before), word(change.after));
        let _ = writeln!(text, "  {id}: {before}, then {after}");
    }
    text
}

fn baselines(changes: &[BaselineChange]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let columns = [
        ("baseline", Left),
        ("before", Right),
        ("after", Right),
        ("grade", Left),
    ];
    let rows: Vec<Vec<String>> = changes
        .iter()
        .map(|change| {
            let value = |judged: Option<&Judged>| {
                judged.map_or_else(
                    || "not judged".to_owned(),
                    |judged| figure(judged.value.unwrap_or(f64::NAN), &judged.unit),
                )
            };
            let grade =
                |judged: Option<&Judged>| judged.map_or("none", |judged| judged.grade.word());
            let (before, after) = (change.before.as_ref(), change.after.as_ref());
            let grades = match (grade(before), grade(after)) {
                (one, other) if one == other => one.to_owned(),
                (one, other) => format!("{one}, then {other}"),
            };
            vec![
                clean(&format!("{}/{}", change.suite, change.baseline)),
                value(before),
                value(after),
                grades,
            ]
        })
        .collect();
    format!("\n{}", table(&columns, &rows))
}

fn distributions(changes: &[DistributionChange], all: bool) -> String {
    if changes.is_empty() {
        return "\nneither run has a distribution to compare\n".to_owned();
    }
    let number = |finding: Finding| {
        changes
            .iter()
            .filter(|change| change.finding == finding)
            .count()
    };
    let tested = changes
        .iter()
        .filter(|change| change.test.is_some())
        .count();
    let otherwise = changes
        .iter()
        .filter(|change| is_change(change.finding))
        .count();
    let mut text = format!(
        "\n{} compared (Mann–Whitney, adjusted by Holm, below {SIGNIFICANCE} and not negligible): {otherwise} changed, {} did not\n",
        count(tested, "distribution"),
        number(Finding::Same),
    );
    for (finding, what) in [
        (Finding::NotEnoughSamples, "too few samples to say anything"),
        (Finding::OnlyBefore, "measured before, and not after"),
        (Finding::OnlyAfter, "measured after, and not before"),
    ] {
        if number(finding) > 0 {
            let _ = writeln!(text, "{} {what}", count(number(finding), "distribution"));
        }
    }
    let mut shown: Vec<_> = changes
        .iter()
        .filter(|change| all || is_change(change.finding))
        .collect();
    shown.sort_by_key(|change| change.finding);
    for change in shown {
        text.push_str(&distribution(change));
    }
    text
}

fn is_change(finding: Finding) -> bool {
    matches!(
        finding,
        Finding::Slower | Finding::Faster | Finding::Greater | Finding::Smaller
    )
}

fn distribution(change: &DistributionChange) -> String {
    let phase = match change.phase {
        Phase::Baseline => String::new(),
        other => format!(" in {}", other.word()),
    };
    let id = format!("{}/{}{phase}", change.suite, change.metric);
    let mut text = format!(
        "\n{}: {} ({} values before, {} after)\n",
        clean(&id),
        word(change.finding),
        change.samples_before,
        change.samples_after
    );
    for percentile in &change.percentiles {
        text.push_str(&self::percentile(percentile, &change.unit));
    }
    if let Some(test) = change.test {
        let sign = if test.shift < 0.0 { "-" } else { "+" };
        let _ = writeln!(
            text,
            "  a value after is greater than one before with probability {:.3}, median difference {sign}{}, p {}",
            test.superiority,
            value(test.shift.abs(), &change.unit),
            probability(test.adjusted_probability),
        );
    }
    text
}

fn percentile(change: &PercentileChange, unit: &str) -> String {
    let PercentileChange {
        percentile,
        before,
        after,
        change_percent,
        low_percent,
        high_percent,
    } = *change;
    format!(
        "  p{percentile}  {} then {}: {change_percent:+.1} % (95 % interval: {low_percent:+.1} % to {high_percent:+.1} %)\n",
        value(before, unit),
        value(after, unit),
    )
}

fn probability(probability: f64) -> String {
    if probability < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("= {probability:.3}")
    }
}

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Slower => "slower",
        Finding::Faster => "faster",
        Finding::Greater => "greater",
        Finding::Smaller => "smaller",
        Finding::Same => "no difference",
        Finding::NotEnoughSamples => "too few samples to say anything",
        Finding::OnlyBefore => "measured before only",
        Finding::OnlyAfter => "measured after only",
    }
}
