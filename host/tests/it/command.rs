//! What bad input gets: one clear message, something to do about it, an exit code of its own, and nothing left behind.

use std::{fs, path::PathBuf, process::Command};

use tempfile::TempDir;

use crate::{
    fixtures::{file, fixture},
    invocation::{Invocation, host},
};

/// What a command told: its exit code and standard error.
fn told(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().expect("the host starts");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

fn assert_told(arguments: &[&str], exit: i32, parts: &[&str]) {
    let (code, stderr) = told(host().args(arguments));
    assert_eq!(code, Some(exit), "{arguments:?}: {stderr}");
    for part in parts {
        assert!(
            stderr.contains(part),
            "{arguments:?} does not say {part:?}: {stderr}"
        );
    }
}

fn noop() -> String {
    fixture("noop").display().to_string()
}

/// A configuration of its own.
fn config(text: &str) -> (TempDir, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = file(folder.path(), "assay.toml", text);
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn a_wrong_command_line_is_usage() {
    assert_told(&["run"], 2, &["PLUGIN"]);
    assert_told(&["run", &noop(), "--job", "2"], 2, &["--jobs"]);
    assert_told(
        &["run", &noop(), "--filter", "tag:"],
        2,
        &["`tag:`", "hint"],
    );
}

#[test]
fn a_file_that_is_no_plugin_is_named_with_what_to_do() {
    let folder = TempDir::new().expect("a temporary folder");
    let text = file(folder.path(), "text.wasm", "not wasm")
        .display()
        .to_string();
    assert_told(
        &["run", &text],
        4,
        &["text.wasm", "is not WebAssembly", "hint"],
    );
    assert_told(&["run", "nowhere/*.wasm"], 4, &["nowhere/*.wasm", "hint"]);
}

#[test]
fn every_plugin_that_cannot_be_loaded_is_told_in_one_go() {
    let folder = TempDir::new().expect("a temporary folder");
    let bad: Vec<String> = ["one.wasm", "two.wasm"]
        .iter()
        .map(|name| file(folder.path(), name, "").display().to_string())
        .collect();
    assert_told(&["run", &bad[0], &bad[1]], 4, &["one.wasm", "two.wasm"]);
}

#[test]
fn a_filter_that_selects_nothing_has_an_exit_code_of_its_own_and_writes_no_report() {
    let reports = TempDir::new().expect("a temporary folder");
    let reports = reports.path().join("reports");
    let folder = reports.display().to_string();
    assert_told(
        &[
            "run",
            &noop(),
            "--filter",
            "dose-nothing",
            "--report-dir",
            &folder,
        ],
        7,
        &["`dose-nothing`", "noop/does-nothing"],
    );
    assert!(!reports.exists());
}

#[test]
fn an_unreadable_configuration_is_named_with_its_line() {
    let (_folder, path) = config("[run]\njobs = 4\nretires = 1\n");
    assert_told(
        &["config", "--config", &path],
        3,
        &["assay.toml:3", "retires", "retries"],
    );
    let (_folder, path) = config("[run\n");
    assert_told(&["config", "--config", &path], 3, &["assay.toml:1"]);
}

#[test]
fn levels_that_contradict_are_named_with_their_line() {
    let (_folder, path) = config("[baselines.\"faulty/patience\"]\ntarget = 9.0\ncritical = 5.0\n");
    let faulty = fixture("faulty").display().to_string();
    assert_told(
        &["run", &faulty, "--config", &path, "--environment", "none"],
        3,
        &["assay.toml:", "faulty/patience"],
    );
}

#[test]
fn an_unknown_environment_is_told_with_those_that_exist() {
    assert_told(
        &["run", &noop(), "--environment", "embeded"],
        3,
        &["embeded", "embedded"],
    );
}

#[test]
fn an_unknown_service_is_told_with_those_that_exist() {
    assert_told(
        &["run", &noop(), "--service", "projects=http://127.0.0.1:1"],
        3,
        &["projects", "project-service"],
    );
}

#[test]
fn a_service_that_cannot_start_ends_the_run_with_the_environments_exit_code() {
    let (_folder, path) = config(
        "[environments.broken.services.shop]\ncommand = [\"/nowhere/shop\"]\nready-line = \"listening on \"\n",
    );
    let answer = Invocation::run(&[fixture("noop")])
        .with(&["--config", &path, "--environment", "broken"])
        .answer();
    assert_eq!(answer.exit, Some(6), "{}", answer.seen());
    assert!(answer.seen().contains("/nowhere/shop"), "{}", answer.seen());
    let report = answer.report();
    assert!(report.environment.failure.is_some());
    assert_eq!(
        report.suites[0].cases.len(),
        1,
        "the case is told although it never ran"
    );
}

#[test]
fn a_report_folder_that_cannot_be_made_has_an_exit_code_of_its_own() {
    let folder = TempDir::new().expect("a temporary folder");
    let taken: PathBuf = file(folder.path(), "taken", "");
    let inside = taken.join("reports").display().to_string();
    assert_told(
        &[
            "run",
            &noop(),
            "--environment",
            "none",
            "--report-dir",
            &inside,
        ],
        8,
        &["reports", "hint"],
    );
}

#[test]
fn listing_and_inspecting_need_no_environment() {
    let list = host()
        .args(["list", &noop()])
        .output()
        .expect("the host starts");
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(
        text.contains("noop/does-nothing") && text.contains("1 case in 1 suite"),
        "{text}"
    );
    let json = host()
        .args(["list", "--format", "json", &noop()])
        .output()
        .expect("the host starts");
    let plan: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(plan["suites"][0]["cases"][0]["name"], "does-nothing");
    let inspect = host()
        .args(["inspect", &noop()])
        .output()
        .expect("the host starts");
    let text = String::from_utf8_lossy(&inspect.stdout).into_owned();
    for part in [
        "sha256:",
        "assay:suite@0.1.1",
        "assay:suite/context@0.1.1",
        "does-nothing",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_list_takes_the_profiles_of_a_run_and_no_others() {
    let (_folder, path) = config("[profiles.quick.run]\nfail-fast = true\n");
    let arguments = ["list", &noop(), "--config", &path, "--profile"];
    let known = told(host().args(arguments).arg("quick"));
    assert_eq!(known.0, Some(0), "{}", known.1);
    let unknown = [&arguments[..], &["quikc"]].concat();
    assert_told(&unknown, 3, &["quikc", "--profile", "`quick`"]);
}

#[test]
fn the_report_on_the_console_names_the_files_and_what_the_exit_code_means() {
    let answer = Invocation::run(&[fixture("faulty")])
        .with(&["--environment", "none", "--filter", "*/fails-a-check"])
        .answer();
    for part in [
        "fails-a-check",
        "one and one is three",
        "expected",
        "report.json",
        "events.jsonl",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {}", answer.seen());
    }
    assert!(fs::exists(answer.folder().join("events.jsonl")).expect("a folder"));
}
