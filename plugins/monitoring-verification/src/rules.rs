//! The metrics that the alert rules of `deploy/prometheus` ask for.

use std::collections::BTreeSet;

/// The rules as Prometheus loads them.
pub(crate) const RULES: &str = include_str!("../../../deploy/prometheus/alerts.yml");

/// What Prometheus itself has for every target.
const OWN: [&str; 2] = ["up", "ALERTS"];
/// Words of the query language that no name of a metric is.
const WORDS: [&str; 12] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "inf",
];

/// The names of all metrics that the rules ask the services for.
pub(crate) fn metrics() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for expression in expressions(RULES) {
        names.extend(names_in(&expression));
    }
    for own in OWN {
        names.remove(own);
    }
    names
}

/// The expressions of a file of rules: what stands behind `expr:`, on the same line or, deeper, on the next ones.
fn expressions(text: &str) -> Vec<String> {
    let mut expressions = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(rest) = line.trim_start().strip_prefix("expr:") else {
            continue;
        };
        let depth = indentation(line);
        let mut expression = rest.trim().trim_start_matches('|').to_owned();
        while let Some(next) = lines.next_if(|next| indentation(next) > depth) {
            expression.push(' ');
            expression.push_str(next.trim());
        }
        expressions.push(expression);
    }
    expressions
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The names of metrics in an expression: words that are neither a function, nor a label, nor a word of the language.
fn names_in(expression: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|character: char| !character.is_whitespace()) {
        rest = &rest[start..];
        let end = rest
            .find(|character| !is_part_of_name(character))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = match word.chars().next() {
            // A selector's labels, or a range: nothing in them is a metric.
            None if after.starts_with('{') => past(after, '}'),
            None if after.starts_with('[') => past(after, ']'),
            None => &after[after.chars().next().map_or(0, char::len_utf8)..],
            Some(first) if first.is_ascii_digit() => after,
            Some(_) if matches!(word, "by" | "without" | "on" | "ignoring") => past(after, ')'),
            Some(_) => {
                if !is_called(after.trim_start()) && !WORDS.contains(&word) {
                    names.insert(word.to_owned());
                }
                after
            }
        };
    }
    names
}

/// Whether a word is a function, by what follows it: its arguments, or how it is to group them.
fn is_called(after: &str) -> bool {
    let grouping = |word| {
        let rest = after.strip_prefix(word);
        rest.is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    after.starts_with('(') || grouping("by") || grouping("without")
}

fn is_part_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | ':' | '.')
}

fn past(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(expression: &str) -> Vec<String> {
        names_in(expression).into_iter().collect()
    }

    #[test]
    fn metrics_are_told_from_functions_labels_and_numbers() {
        for (expression, wanted) in [
            ("up == 0", &["up"][..]),
            (
                "sum by (job, le) (rate(a_total{b=~\"5..\"}[5m])) / 0.01 > 1e3",
                &["a_total"],
            ),
            (
                "histogram_quantile(0.95, sum(rate(x_bucket[5m])) without (le))",
                &["x_bucket"],
            ),
            (
                "a + b:c > 2 and on (job) d unless e",
                &["a", "b:c", "d", "e"],
            ),
        ] {
            assert_eq!(names(expression), wanted, "{expression}");
        }
    }

    #[test]
    fn expressions_of_one_and_of_many_lines_are_read() {
        let text = "rules:\n  - alert: A\n    expr: one > 0\n    for: 1m\n  - alert: B\n    expr: |\n      two\n        / three\n    labels: {}\n";
        assert_eq!(expressions(text), ["one > 0", " two / three"]);
    }

    #[test]
    fn the_rules_ask_for_metrics_of_both_services() {
        let metrics = metrics();
        let alerts = RULES.matches("- alert:").count();
        assert_eq!(expressions(RULES).len(), alerts);
        for name in [
            "http_requests_total",
            "generation_jobs",
            "episode_number_gaps",
        ] {
            assert!(metrics.contains(name), "{metrics:?}");
        }
        assert!(metrics.iter().all(|name| name.contains('_')), "{metrics:?}");
    }
}
