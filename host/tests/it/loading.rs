//! What is loaded, and all that is known of it then.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cache;
mod refusals;

use std::{collections::BTreeMap, fs, path::Path};

use assay_host::{
    plan,
    plugin::{Admission, Plugin, cache::Use, error::Problem, load::load},
};

use crate::fixtures::{engine, file, fixture};

async fn load_one(cache: Option<&Path>, path: &Path) -> Plugin {
    load(&engine(cache), &[path.to_owned()], &Admission::open())
        .await
        .unwrap()
        .remove(0)
}

#[tokio::test]
async fn a_plugin_is_loaded_with_all_that_it_says_of_itself() {
    let path = fixture("faulty");
    let plugin = load_one(None, &path).await;
    assert_eq!(plugin.file, path);
    assert_eq!(plugin.size, fs::metadata(&path).unwrap().len());
    assert_eq!(plugin.digest.len(), 64);
    assert_eq!(plugin.contract, "assay:suite@0.1.1");
    assert_eq!(plugin.cached, Use::Off);
    assert!(
        plugin
            .imports
            .contains(&"assay:suite/context@0.1.1".to_owned())
    );
    assert!(plugin.imports.is_sorted());
    let description = &plugin.description;
    assert_eq!(plugin.suite(), "faulty");
    assert!(description.has_setup && description.has_teardown);
    assert_eq!(description.baselines[0].name, "patience");
    let case = |name: &str| {
        let found = description.cases.iter().find(|case| case.name == name);
        found.unwrap()
    };
    assert_eq!(case("loops-forever").timeout.unwrap().as_millis(), 500);
    assert_eq!(case("panics").timeout, None);
    assert_eq!(case("needs-what-is-missing").needs, ["unobtainable"]);
    assert!(case("wants-to-be-alone").exclusive && !case("passes").exclusive);
    assert_eq!(case("passes").tags, ["good"]);
    assert!(
        case("passes")
            .location
            .as_ref()
            .unwrap()
            .contains("outcome.rs:")
    );
    let plan = plan::build([&*plugin], &[], &BTreeMap::new()).unwrap();
    assert_eq!(plan.suites[0].info().cases.len(), description.cases.len());
}

#[tokio::test]
async fn a_component_without_the_sdk_is_loaded_too() {
    let plugin = load_one(None, &fixture("odd")).await;
    assert_eq!(plugin.suite(), "odd");
}

#[tokio::test]
async fn plugins_come_in_the_order_in_which_they_are_named() {
    let files = [fixture("odd"), fixture("faulty"), fixture("noop")];
    let plugins = load(&engine(None), &files, &Admission::open())
        .await
        .unwrap();
    let suites: Vec<_> = plugins.iter().map(|plugin| plugin.suite()).collect();
    assert_eq!(suites, ["odd", "faulty", "noop"]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        folder.path().join("missing.wasm"),
        fixture("noop"),
        file(folder.path(), "empty.wasm", ""),
    ];
    let errors = load(&engine(None), &files, &Admission::open())
        .await
        .unwrap_err();
    let problems: Vec<_> = errors.iter().map(|error| &error.problem).collect();
    assert!(
        matches!(problems[..], [Problem::Missing, Problem::Empty]),
        "{problems:?}"
    );
}

#[tokio::test]
async fn two_plugins_with_one_suite_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.wasm");
    fs::copy(fixture("noop"), &copy).unwrap();
    let errors = load(
        &engine(None),
        &[fixture("noop"), copy.clone()],
        &Admission::open(),
    )
    .await
    .unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        errors[0].to_string(),
        format!(
            "{} has the suite `noop`, as has {}",
            copy.display(),
            fixture("noop").display()
        )
    );
}
