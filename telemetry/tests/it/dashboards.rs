//! The dashboards of `deploy/grafana`, as files: what they ask for is there, and each panel can be found and read.

use std::{collections::BTreeSet, fs, path::Path};

use assay_telemetry::prometheus::{Figures, Format};
use serde_json::Value;

use super::whole::whole;

/// A query of a panel.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The dashboard and the panel, for messages.
    pub(crate) panel: String,
    pub(crate) expression: String,
    /// Whether it asks for one moment, and not for a course.
    pub(crate) instant: bool,
}

pub(crate) fn dashboards() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/grafana");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut dashboards: Vec<_> = files
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    dashboards.sort_by(|one, other| one.0.cmp(&other.0));
    dashboards
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The panels that show something.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let panels = list(dashboard, "panels").iter();
    panels.filter(|panel| panel["type"] != "row")
}

pub(crate) fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for (name, dashboard) in dashboards() {
        for panel in panels(&dashboard) {
            for target in list(panel, "targets") {
                queries.push(Query {
                    panel: format!("{name}: {}", panel["title"]),
                    expression: target["expr"].as_str().unwrap().to_owned(),
                    instant: target["instant"] == true,
                });
            }
        }
    }
    queries
}

/// What is marked on all panels of a dashboard.
fn annotations() -> Vec<Query> {
    let mut queries = Vec::new();
    for (name, dashboard) in dashboards() {
        for annotation in list(&dashboard["annotations"], "list") {
            queries.push(Query {
                panel: format!("{name}: {}", annotation["name"]),
                expression: annotation["expr"].as_str().unwrap().to_owned(),
                instant: false,
            });
        }
    }
    queries
}

/// The words of a query that begin as our metrics do.
fn metrics(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|one: char| !(one.is_ascii_alphanumeric() || one == '_'));
    words.filter(|word| word.starts_with("assay_") || word.starts_with("process_"))
}

#[test]
fn there_is_a_dashboard_for_each_of_the_four_questions() {
    let names: Vec<_> = dashboards().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["errors", "performance", "resources", "runs"]);
}

#[test]
fn every_metric_that_a_panel_names_exists() {
    let mut figures = Figures::default();
    whole().all().for_each(|event| figures.event(event));
    let text = Format::Prometheus.text(figures.registry());
    let known: BTreeSet<_> = text.lines().flat_map(metrics).collect();
    // Of the process and of what sends: no event tells them. That they are called so, a real Prometheus shows.
    let others = [
        "process_cpu_seconds_total",
        "process_open_fds",
        "process_resident_memory_bytes",
        "process_threads",
        "assay_remote_write_requests_total",
    ];
    for query in queries().into_iter().chain(annotations()) {
        for metric in metrics(&query.expression) {
            // A pattern: what follows it is no part of the name.
            let pattern = metric.ends_with('_')
                || metric == "assay_baseline_value"
                || metric == "assay_baseline_target"
                || metric == "assay_baseline_critical";
            let exists = known
                .iter()
                .any(|name| *name == metric || (pattern && name.starts_with(metric)));
            assert!(
                exists || others.contains(&metric),
                "{}: {metric}",
                query.panel
            );
        }
    }
}

#[test]
fn every_panel_has_a_title_words_a_unit_and_a_place_of_its_own() {
    let mut uids = BTreeSet::new();
    for (name, dashboard) in dashboards() {
        assert!(uids.insert(dashboard["uid"].as_str().unwrap().to_owned()));
        let mut ids = BTreeSet::new();
        let mut places = BTreeSet::new();
        for panel in list(&dashboard, "panels") {
            let title = panel["title"].as_str().unwrap();
            assert!(
                !title.is_empty() && ids.insert(panel["id"].as_u64()),
                "{name}: {title}"
            );
            let side = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            for row in side("y")..side("y") + side("h") {
                for column in side("x")..side("x") + side("w") {
                    assert!(
                        column < 24 && places.insert((row, column)),
                        "{name}: {title}"
                    );
                }
            }
        }
        for panel in panels(&dashboard) {
            let told = panel["description"].as_str().unwrap();
            assert!(told.ends_with('.'), "{name}: {}", panel["title"]);
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string());
            assert!(!list(panel, "targets").is_empty());
        }
    }
}

#[test]
fn every_panel_asks_the_chosen_source_for_the_chosen_runs() {
    for (name, dashboard) in dashboards() {
        let variables = list(&dashboard["templating"], "list").iter();
        let variables: Vec<_> = variables.map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(variables, ["datasource", "job", "suite"], "{name}");
        for panel in panels(&dashboard) {
            for target in list(panel, "targets") {
                assert_eq!(target["datasource"]["uid"], "${datasource}");
                let expression = target["expr"].as_str().unwrap();
                assert!(expression.contains("job=~\"$job\""), "{name}: {expression}");
            }
        }
    }
}
