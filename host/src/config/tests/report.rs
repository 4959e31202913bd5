//! `[report]`: which documents a run leaves behind, and where.

use std::path::PathBuf;

use assay_report::{Document, Form};

use super::{assert_refused, inputs, origin};
use crate::config::{Inputs, Overrides, resolve};

fn given(text: &str, report: &[(&'static str, &str)]) -> Inputs {
    let report = report.iter().map(|(key, path)| (*key, (*path).to_owned()));
    Inputs {
        overrides: Overrides {
            report: report.collect(),
            ..Overrides::default()
        },
        ..inputs(text)
    }
}

fn at(form: Form, path: &str) -> Document {
    Document {
        form,
        path: PathBuf::from(path),
    }
}

#[test]
fn nothing_is_made_that_nobody_asked_for() {
    assert_eq!(resolve(inputs("")).unwrap().documents, []);
}

#[test]
fn an_argument_counts_more_than_the_file_and_each_path_starts_where_it_was_written() {
    let file = "[report]\njunit = \"out/junit.xml\"\ncsv = \"out\"\n";
    let settings = resolve(given(file, &[("csv", "tables"), ("tap", "/run.tap")])).unwrap();
    assert_eq!(
        settings.documents,
        [
            at(Form::Junit, "/project/out/junit.xml"),
            at(Form::Tap, "/run.tap"),
            at(Form::Csv, "/project/below/tables"),
        ]
    );
    assert_eq!(origin(&settings, "report.junit"), "assay.toml:2");
    assert_eq!(origin(&settings, "report.csv"), "argument --csv");
}

#[test]
fn what_is_no_report_or_in_the_way_of_another_one_is_refused() {
    assert_refused(&[
        (
            "[report]\njunti = \"a\"",
            "assay.toml:2: `junti` is no key of `[report]`",
            "did you mean `junit`?",
        ),
        (
            "[report]\njunit = \"\"",
            "assay.toml:2: `junit`: no place is named",
            "",
        ),
        (
            "[report]\njunit = 1",
            "assay.toml:2: `junit`: `1` is not a text in quotes",
            "",
        ),
        (
            "[report]\ntap = \"a\"\njunit = \"a\"",
            "assay.toml:2: `tap`: `a` is the place of another report",
            "name another file",
        ),
        (
            "[report]\nhtml = \"reports/report.html\"",
            "assay.toml:2: `html`: `reports/report.html` is the place of another report",
            "name another file",
        ),
        (
            "[report]\njson = \"reports/events.jsonl\"",
            "assay.toml:2: `json`: `reports/events.jsonl` is the place of another report",
            "name another file",
        ),
    ]);
}
