//! The command line and the configuration, through the built `host`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    process::{Command, Output, Stdio},
};

/// The host in an empty folder, with an `assay.toml` and without variables of ours.
fn host(file: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("assay.toml"), file).unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ASSAY_") {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

#[test]
fn every_value_is_shown_with_its_origin() {
    let (code, shown, error) = host(
        "[run]\njobs = 2\n",
        &["config", "--set", "a.b=1", "--service", "web=http://a"],
    );
    assert_eq!((code, error.as_str()), (Some(0), ""));
    let squeezed: Vec<_> = shown
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in [
        "run.environment = \"none\" # default",
        "run.jobs = 2 # assay.toml:2",
        "settings.a.b = 1 # argument --set a.b=1",
        "environments.none.services.web.url = \"http://a\" # argument --service web=http://a",
    ] {
        assert!(
            squeezed.iter().any(|shown| shown == line),
            "{line} is not in\n{shown}"
        );
    }
}

#[test]
fn a_wrong_file_is_told_with_its_line_and_a_hint() {
    let (code, data, error) = host("[run]\nretires = 1\n", &["config"]);
    assert_eq!((code, data.as_str()), (Some(3), ""));
    assert_eq!(
        error,
        "error: assay.toml:2: `retires` is no key of `[run]`\nhint: did you mean `retries`?\n"
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let (code, _, error) = host("", &["config", "--config", "other.toml"]);
    assert_eq!(code, Some(3));
    assert!(error.starts_with("error: argument --config: `"), "{error}");
}

#[test]
fn the_file_is_found_from_a_folder_below() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("assay.toml"), "[run]\njobs = 9\n").unwrap();
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let Output { stdout, .. } = command(&["config"]).current_dir(below).output().unwrap();
    assert!(String::from_utf8(stdout).unwrap().contains("run.jobs = 9"));
}

#[test]
fn a_wrong_command_line_is_a_usage_error_and_help_is_data() {
    for (arguments, code, on_stdout) in [
        (&["run"][..], 2, false),
        (&["nonsense"], 2, false),
        (&["run", "--jobs", "many", "a.wasm"], 2, false),
        (&["--help"], 0, true),
        (&["--version"], 0, true),
        (&["completions", "bash"], 0, true),
    ] {
        let (ended, data, error) = host("", arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {error}");
        assert_eq!(
            (!data.is_empty(), error.is_empty()),
            (on_stdout, on_stdout),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut host = command(&["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(host.stdout.take());
    let Output { status, stderr, .. } = host.wait_with_output().unwrap();
    assert_eq!(
        (status.code(), String::from_utf8(stderr).unwrap().as_str()),
        (Some(0), "")
    );
}
