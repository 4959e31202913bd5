//! A run beside the one before it: read from its report or from its log, and what the page says of the two.

use std::{fs, path::Path};

use assay_report::{
    Document, Documents, Fanout, Form, Former, FormerError, FormerFile, Reporter as _,
    event::Event, hint::Hinted as _, log::Log,
};
use tempfile::TempDir;

use super::{documents::text, situations};

fn page_against(events: &[Event], former: Option<Former>) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("page");
    let mut documents = Documents::new(vec![Document {
        form: Form::Html,
        path: path.clone(),
    }])
    .against(former);
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

/// The page of a run that is told to a fanout, which removes what was there before.
fn page_of_a_run(folder: &Path, former: Option<FormerFile>) -> String {
    let documents = [(Form::Json, "report.json"), (Form::Html, "report.html")];
    let documents = documents.map(|(form, name)| Document {
        form,
        path: folder.join(name),
    });
    let mut fanout = Fanout::new(Vec::new(), documents.to_vec()).against(former);
    for event in situations::failing_checks() {
        fanout.event(&event);
    }
    assert_eq!(fanout.finish().len(), 0);
    fs::read_to_string(folder.join("report.html")).unwrap()
}

#[test]
fn a_former_report_is_read_after_it_was_replaced() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("report.json");
    fs::write(&path, text(Form::Json, &situations::passed_run())).unwrap();
    let former = FormerFile::find(&path).unwrap();
    let page = page_of_a_run(folder.path(), former);
    assert!(page.contains("1 cases ended as they did then"), "{page}");
    let now = fs::read_to_string(&path).unwrap();
    assert!(now.contains("a-job-completes"), "it was replaced");
}

/// A report out of `<(zcat report.json.gz)` ended in an illegal seek.
#[cfg(unix)]
#[test]
fn a_former_run_may_come_out_of_a_pipe() {
    let folder = TempDir::new().unwrap();
    let events = situations::passed_run();
    let [of_report, _] = both_ways(folder.path(), &events);
    for name in ["report.json", "events.jsonl"] {
        let pipe = folder.path().join(format!("pipe of {name}"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let end = pipe.clone();
        let text = fs::read(folder.path().join(name)).unwrap();
        let writer = std::thread::spawn(move || fs::write(end, text));
        let former = Former::read(&pipe).unwrap();
        assert_eq!(former, of_report, "{name}");
        writer.join().unwrap().unwrap();
    }
}

#[test]
fn a_former_report_that_cannot_be_read_is_told_and_the_run_has_its_page() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("report.json");
    fs::write(&path, "<no report>").unwrap();
    let page = page_of_a_run(folder.path(), FormerFile::find(&path).unwrap());
    assert!(page.contains("<dt>Run before</dt>"), "{page}");
    assert!(page.contains("is no event log and no report"), "{page}");
    assert!(!page.contains("Against the run before"), "{page}");
}

#[test]
fn where_no_run_was_before_there_is_no_file() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("report.json");
    assert!(FormerFile::find(&missing).unwrap().is_none());
    let below_a_file = folder.path().join("file");
    fs::write(&below_a_file, "").unwrap();
    let refused = FormerFile::find(&below_a_file.join("report.json")).unwrap_err();
    assert!(refused.hint().is_some(), "{refused}");
}
