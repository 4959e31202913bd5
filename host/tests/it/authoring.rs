//! From nothing to a green suite, by the commands that an author types; and the cookbook, whose suite is run.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use assay_report::{json::document::Report, verdict::Verdict};
use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{Invocation, host, repository},
};

/// The host in a folder, as an author calls it: nothing is trusted that is not the project's own.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = host();
    command
        .env_remove("ASSAY_TRUST")
        // What was compiled for another test is compiled.
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("authoring"),
        )
        .current_dir(folder)
        .args(arguments);
    command
}

fn done(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder, arguments)
        .output()
        .expect("the host starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    output
}

#[test]
fn three_commands_lead_from_nothing_to_a_green_suite() {
    let base = TempDir::new().expect("a temporary folder");
    let sdk = repository().join("sdk").display().to_string();
    done(base.path(), &["new", "my-suite", "--sdk", &sdk]);
    let folder = base.path().join("my-suite");
    let built = done(&folder, &["build", "--offline"]);
    let component = String::from_utf8_lossy(&built.stdout).trim().to_owned();
    assert!(component.ends_with("plugins/my-suite.wasm"), "{component}");
    done(&folder, &["run", "plugins/my-suite.wasm"]);
    let report = fs::read(folder.join("reports/report.json")).expect("a report");
    let report: Report = serde_json::from_slice(&report).expect("a report of the published shape");
    let verdicts: Vec<_> = report.suites[0]
        .cases
        .iter()
        .map(|case| case.verdict)
        .collect();
    assert_eq!(verdicts, [Some(Verdict::Passed); 2]);
}

#[test]
fn a_suite_that_is_there_is_not_written_over_and_a_name_that_is_none_is_told() {
    let base = TempDir::new().expect("a temporary folder");
    let folder = base.path().join("my-suite");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("mine"), "mine").expect("a file");
    for (arguments, exit) in [
        (&["new", "my-suite"][..], 2),
        (&["new", "My Suite"], 2),
        (&["new", "other", "--language", "cobol"], 2),
        (&["new", "other", "--sdk", "/nowhere"], 2),
        (&["build", "my-suite"], 2),
    ] {
        let output = command(base.path(), arguments)
            .output()
            .expect("the host starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {stderr}");
        assert!(stderr.contains("hint"), "{arguments:?}: {stderr}");
    }
    assert_eq!(fs::read(folder.join("mine")).expect("a file"), b"mine");
    assert!(!base.path().join("other").exists());
}

#[test]
fn the_contract_is_printed_and_written_as_it_is() {
    let base = TempDir::new().expect("a temporary folder");
    let printed = done(base.path(), &["wit"]).stdout;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    done(base.path(), &["wit", "--folder", "wit"]);
    let contract = repository().join("wit/v0.1");
    for entry in fs::read_dir(&contract).expect("the contract") {
        let name = entry.expect("a file").file_name();
        let text = fs::read_to_string(contract.join(&name)).expect("a file");
        let written = fs::read_to_string(base.path().join("wit").join(&name)).expect("a file");
        assert_eq!(written, text);
        let (_, body) = text.split_once(";\n").expect("a package line");
        assert!(printed.contains(body.trim()), "{name:?}");
    }
}

#[test]
fn each_recipe_of_the_cookbook_holds() {
    let answer = Invocation::run(&[fixture("cookbook")]).answer();
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
    let verdicts = answer.verdicts();
    assert!(verdicts.len() >= 15, "{verdicts:?}");
    // None of them skips outside of `--profile quick`, and none needs a second attempt.
    for (case, verdict) in &verdicts {
        assert_eq!(*verdict, Verdict::Passed, "{case}");
    }
}
