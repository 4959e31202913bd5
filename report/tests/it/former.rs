//! A run beside the one before it: read from its report or from its log, and what the page says of the two.

use std::{fs, path::Path};

use assay_report::{
    Document, Documents, Form, Former, FormerError, Reporter as _, event::Event, hint::Hinted as _,
    log::Log,
};
use tempfile::TempDir;

use super::{documents::text, situations};

fn page_against(events: &[Event], former: Option<Former>) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("page");
    let mut documents = Documents::new(vec![Document {
        form: Form::Html,
        path: path.clone(),
    }]);
    documents.against(former);
    for event in events {
        documents.event(event);
    }
    assert_eq!(documents.finish().len(), 0);
    fs::read_to_string(path).unwrap()
}

/// The former run, read from its report and from its log.
fn both_ways(folder: &Path, events: &[Event]) -> [Former; 2] {
    let report = folder.join("report.json");
    fs::write(&report, text(Form::Json, events)).unwrap();
    let mut log = Log::create(folder).unwrap();
    for event in events {
        log.event(event).unwrap();
    }
    [report, log.path().to_owned()].map(|path| Former::read(&path).unwrap())
}

#[test]
fn a_run_is_read_from_its_report_as_from_its_log() {
    let folder = TempDir::new().unwrap();
    for (name, events) in situations::all() {
        let [of_report, of_log] = both_ways(folder.path(), &events);
        assert_eq!(of_report, of_log, "{name}");
    }
}

#[test]
fn a_case_that_ended_otherwise_is_named_and_one_that_did_not_is_only_counted() {
    let folder = TempDir::new().unwrap();
    let [former, _] = both_ways(folder.path(), &situations::passed_run());
    let page = page_against(&situations::failing_checks(), Some(former.clone()));
    assert!(page.contains("Against the run before"), "{page}");
    assert!(page.contains("1 cases ended as they did then"), "{page}");
    assert!(page.contains("in this one alone"), "{page}");
    let same = page_against(&situations::passed_run(), Some(former));
    assert!(same.contains("No case ended otherwise."), "{same}");
    assert!(same.contains("12.5 ms (target)"), "{same}");
    let alone = page_against(&situations::passed_run(), None);
    assert!(!alone.contains("Against the run before"));
}

#[test]
fn what_got_worse_is_told_as_worse() {
    let folder = TempDir::new().unwrap();
    let [flaky, _] = both_ways(folder.path(), &situations::flaky());
    let page = page_against(&situations::timeout(), Some(flaky));
    assert!(page.contains("<td>worse</td>"), "{page}");
}

#[test]
fn what_is_no_run_is_refused_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("former");
    let refused = |content: &str| {
        fs::write(&path, content).unwrap();
        Former::read(&path).unwrap_err()
    };
    for (content, told) in [
        ("", "no event log and no report"),
        ("{}", "no event log and no report"),
        (
            "{\"schema\":\"assay/report/9\"}",
            "no event log and no report",
        ),
        ("{\"sequence\":7}\n", "line 1"),
    ] {
        let error = refused(content);
        assert!(error.to_string().contains(told), "{content}: {error}");
        assert!(error.hint().is_some(), "{content}: {error}");
    }
    fs::remove_file(&path).unwrap();
    let missing = Former::read(&path).unwrap_err();
    assert!(matches!(missing, FormerError::Read { .. }), "{missing:?}");
}
