//! What `host history` prints for people.

use assay_history::{
    case::CaseHistory,
    record::Run,
    schema::{History, ResultOfRun},
};
use assay_report::{
    verdict::Verdict,
    words::{clean, duration},
};

use super::table::{
    Side::{Left, Right},
    table,
};

/// Digits of a commit.
const COMMIT: usize = 10;

/// The runs, or the cases if somebody asked for them.
pub(super) fn text(history: &History, cases: bool) -> String {
    if !cases {
        return runs(&history.runs);
    }
    let mut text = self::cases(&history.cases);
    if !history.results.is_empty() {
        text.push('\n');
        text.push_str(&results(&history.results));
    }
    text
}

fn runs(runs: &[Run]) -> String {
    if runs.is_empty() {
        return String::new();
    }
    let columns = [
        ("run", Left),
        ("started", Left),
        ("verdict", Left),
        ("duration", Right),
        ("cases", Right),
        ("good", Right),
        ("baselines missed", Right),
        ("environment", Left),
        ("profile", Left),
        ("commit", Left),
    ];
    let rows: Vec<Vec<String>> = runs.iter().map(run).collect();
    table(&columns, &rows)
}

fn run(run: &Run) -> Vec<String> {
    let stats = run.stats;
    let good = stats.passed + stats.degraded + stats.flaky;
    vec![
        clean(&run.run_id),
        clean(&run.started_at),
        verdict(run.verdict).to_owned(),
        duration(run.duration_ns),
        stats.total().to_string(),
        good.to_string(),
        format!("{} of {}", run.baselines_missed, run.baselines),
        clean(&run.environment),
        clean(&run.profile),
        run.commit.as_deref().map_or_else(String::new, commit),
    ]
}

/// Short, and whether files differed from it.
pub(super) fn commit(commit: &str) -> String {
    let (digits, dirty) = match commit.strip_suffix("-dirty") {
        Some(digits) => (digits, "-dirty"),
        None => (commit, ""),
    };
    let short: String = digits.chars().take(COMMIT).collect();
    clean(&format!("{short}{dirty}"))
}

/// A run that told no end has none.
pub(super) fn verdict(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("no end", Verdict::word)
}

fn cases(cases: &[CaseHistory]) -> String {
    if cases.is_empty() {
        return "no such case in these runs\n".to_owned();
    }
    let columns = [
        ("case", Left),
        ("runs", Right),
        ("tested", Right),
        ("a day", Right),
        ("good", Right),
        ("flaky", Right),
        ("retried", Right),
        ("flips", Right),
        ("median", Right),
        ("last", Left),
    ];
    let rows: Vec<Vec<String>> = cases.iter().map(case).collect();
    table(&columns, &rows)
}

fn case(case: &CaseHistory) -> Vec<String> {
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
    };
    let score = case.flaky_score;
    vec![
        clean(&format!("{}/{}", case.suite, case.case)),
        case.runs.to_string(),
        case.tested.to_string(),
        format!("{:.1}", case.per_day),
        percent(case.success_rate),
        score.map_or_else(|| "-".to_owned(), |score| format!("{score:.3}")),
        percent(case.retried),
        percent(case.flips),
        case.median_duration_ns
            .map_or_else(|| "-".to_owned(), duration),
        case.last_verdict.word().to_owned(),
    ]
}

fn results(results: &[ResultOfRun]) -> String {
    let columns = [
        ("run", Left),
        ("started", Left),
        ("verdict", Left),
        ("attempts", Right),
        ("duration", Right),
        ("reason", Left),
    ];
    let rows: Vec<Vec<String>> = results
        .iter()
        .map(|of_run| {
            let result = &of_run.result;
            vec![
                clean(&of_run.run_id),
                clean(&of_run.started_at),
                result.verdict.word().to_owned(),
                result.attempts.to_string(),
                duration(result.duration_ns),
                result.reason.as_deref().map_or_else(String::new, clean),
            ]
        })
        .collect();
    table(&columns, &rows)
}
