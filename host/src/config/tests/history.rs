//! `[history]`: what holds without it, what it says, and what it cannot say.

use std::{path::PathBuf, time::Duration};

use assay_history::regression::{Bound, Percentile};

use super::{assert_refused, inputs, origin};
use crate::config::{Inputs, Overrides, Settings, duration_of_age, resolve};

fn bound(pattern: &str, percentile: Percentile, percent: f64) -> Bound {
    Bound {
        pattern: pattern.to_owned(),
        percentile,
        percent,
    }
}

fn given(text: &str, history: &[(&'static str, &str)]) -> Settings {
    let history = history.iter().map(|(key, text)| (*key, (*text).to_owned()));
    resolve(Inputs {
        overrides: Overrides {
            history: history.collect(),
            ..Overrides::default()
        },
        ..inputs(text)
    })
    .unwrap()
}

#[test]
fn without_a_word_runs_are_kept_and_nothing_is_compared() {
    let settings = given("", &[]);
    let history = &settings.history;
    assert_eq!(history.file, PathBuf::from("/project/.assay/history.db"));
    assert_eq!(
        (history.enabled, history.keep.runs, history.against),
        (true, 1_000, 1)
    );
    assert_eq!(history.keep.age, Duration::from_hours(24 * 365));
    assert_eq!(history.bounds, []);
    assert_eq!(origin(&settings, "history.keep-runs"), "default");
}

#[test]
fn the_file_says_where_and_how_long_and_an_argument_counts_more() {
    let file = "[history]\nfile = \"runs.db\"\nkeep-runs = 5\nkeep-for = \"30d\"\nagainst = 7\n";
    let settings = given(file, &[]);
    let history = &settings.history;
    assert_eq!(history.file, PathBuf::from("/project/runs.db"));
    assert_eq!((history.keep.runs, history.against), (5, 7));
    assert_eq!(history.keep.age, Duration::from_hours(24 * 30));
    assert_eq!(origin(&settings, "history.file"), "assay.toml:2");

    let settings = given(file, &[("file", "mine.db"), ("enabled", "false")]);
    assert_eq!(
        settings.history.file,
        PathBuf::from("/project/below/mine.db")
    );
    assert!(!settings.history.enabled);
    assert_eq!(origin(&settings, "history.file"), "argument --history");
    assert_eq!(
        origin(&settings, "history.enabled"),
        "argument --no-history"
    );
}

#[test]
fn a_bound_is_for_everything_and_a_table_says_more() {
    let simple = given("[history]\nfail-on-regression = \"10 %\"\n", &[]);
    assert_eq!(simple.history.bounds, [bound("*", Percentile::P95, 10.0)]);

    let file = "[history.fail-on-regression]\np50 = \"5%\"\n\"shop/*\" = { p95 = \"12.5 %\", p99 = \"25 %\" }\n";
    let table = given(file, &[]);
    assert_eq!(
        table.history.bounds,
        [
            bound("*", Percentile::P50, 5.0),
            bound("shop/*", Percentile::P95, 12.5),
            bound("shop/*", Percentile::P99, 25.0),
        ]
    );
    assert_eq!(
        origin(&table, "history.fail-on-regression.p50"),
        "assay.toml:2"
    );

    // The whole table is replaced.
    let over = given(file, &[("fail-on-regression", "20%")]);
    assert_eq!(over.history.bounds, [bound("*", Percentile::P95, 20.0)]);
    let shown = origin(&over, "history.fail-on-regression");
    assert_eq!(shown, "argument --fail-on-regression");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_write() {
    let bound = "write a percentage from 1 to 10000 in quotes, such as \"10 %\"";
    assert_refused(&[
        (
            "[history]\nkeep = 1",
            "assay.toml:2: `keep` is no key of `[history]`",
            "",
        ),
        (
            "[history]\nkeep-runs = 0",
            "assay.toml:2: `keep-runs`: `0` is not a whole number from 1 to 100000",
            "",
        ),
        (
            "[history]\nagainst = 51",
            "assay.toml:2: `against`: `51` is not a whole number from 1 to 50",
            "",
        ),
        (
            "[history]\nfile = \"\"",
            "assay.toml:2: `file`: no file is named",
            "name a file, such as \".assay/history.db\", or write `enabled = false`",
        ),
        (
            "[history]\nfail-on-regression = 10",
            "assay.toml:2: `fail-on-regression`: `10` is no bound",
            bound,
        ),
        (
            "[history]\nfail-on-regression = \"0.9 %\"",
            "assay.toml:2: `fail-on-regression`: `\"0.9 %\"` is no bound",
            bound,
        ),
        (
            "[history.fail-on-regression]\np95 = \"NaN %\"",
            "assay.toml:2: `p95`: `\"NaN %\"` is no bound",
            bound,
        ),
        (
            "[history.fail-on-regression]\n\"shop/*\" = { p96 = \"10 %\" }",
            "assay.toml:2: `p96` is no percentile of `fail-on-regression.\"shop/*\"`",
            "",
        ),
    ]);
}

#[test]
fn a_percentile_that_is_misspelt_is_no_pattern() {
    let (told, hint) = super::refused("[history.fail-on-regression]\np9 = \"10 %\"");
    assert!(
        told.contains("`p9` is no key of `fail-on-regression`"),
        "{told}"
    );
    assert!(hint.contains("p9"), "{hint}");
}

#[test]
fn an_age_is_from_an_hour_to_ten_years() {
    for (text, good) in [
        ("59m", false),
        ("1h", true),
        ("3650d", true),
        ("3650d 1s", false),
        ("soon", false),
    ] {
        assert_eq!(duration_of_age(text).is_ok(), good, "{text}");
    }
}
