//! The file for the node exporter.

use std::{env, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use assay_report::Fanout;
use assay_telemetry::prometheus::{Settings, listeners};
use tempfile::TempDir;

use super::{programs::promtool_check, whole::whole};

fn run<'a>(
    path: &Path,
    events: impl IntoIterator<Item = &'a assay_report::event::Event>,
) -> Vec<String> {
    let settings = Settings {
        textfile: Some(path.to_owned()),
        ..Settings::default()
    };
    let listeners = listeners(&settings).unwrap();
    let mut fanout = Fanout::new(listeners.reporters, Vec::new());
    events.into_iter().for_each(|event| fanout.event(event));
    let failures = fanout.finish();
    failures.iter().map(ToString::to_string).collect()
}

#[test]
fn the_file_has_the_last_state_for_all_to_read_and_nothing_beside_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("assay.prom");
    fs::write(&path, "of a former run").unwrap();
    assert_eq!(run(&path, whole().all()), [""; 0]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\nassay_run_finished 1\n"), "{text}");
    assert!(!text.contains("\nprocess_"), "the exporter has its own");
    if let Some(told) = promtool_check(&text) {
        assert_eq!(told, Ok(()));
    }
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "{mode:o}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The mask is the whole process's: so another one does that test again.
#[test]
fn a_mask_of_the_process_keeps_nobody_from_reading_the_file() {
    let output = Command::new("sh")
        .args(["-c", "umask 077; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "textfile::the_file_has_the_last_state_for_all_to_read_and_nothing_beside_it",
        ])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

#[test]
fn a_run_that_was_stopped_leaves_what_is_known_of_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("assay.prom");
    assert_eq!(run(&path, &whole().first), [""; 0]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\nassay_run_finished 0\n"), "{text}");
    assert!(text.contains("assay_cases_total{suite=\"jobs\",verdict=\"passed\"} 1\n"));
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_the_former_one_stays() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("missing/assay.prom");
    let failures = run(&path, whole().all());
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].contains("assay.prom"), "{failures:?}");
}
