//! The event log, there and back.

use std::{fs, path::PathBuf};

use assay_report::{
    Form, Replayed, Reporter as _,
    event::{Event, Grade},
    exit::Exit,
    hint::Hinted as _,
    log::{self, Log, LogError},
    replay,
};
use tempfile::TempDir;

use super::{
    console::rendered,
    documents::made,
    recording::{Recording, passed},
    situations,
};

fn written(events: &[Event]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let mut log = Log::create(&folder.path().join("reports")).unwrap();
    for event in events {
        log.event(event).unwrap();
    }
    let path = log.path().to_owned();
    (folder, path)
}

fn read(path: &std::path::Path) -> Vec<Event> {
    log::read(path).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_log_that_is_read_back_gives_each_report_byte_by_byte() {
    for (name, events) in situations::all() {
        let (_folder, path) = written(&events);
        let replayed = read(&path);
        assert_eq!(replayed, events, "{name}");
        for form in Form::ALL {
            assert_eq!(
                made(form, &replayed),
                made(form, &events),
                "{name}: {}",
                form.word()
            );
        }
        assert_eq!(rendered(&replayed), rendered(&events), "{name}");
    }
}

#[test]
fn a_log_of_a_host_that_knew_no_phases_is_read_and_all_of_it_is_baseline() {
    let events = situations::failing_checks();
    let (_folder, path) = written(&events);
    let text = fs::read_to_string(&path).unwrap();
    let old = text.replace("\"phase\":\"baseline\",", "");
    assert_ne!(old, text);
    fs::write(&path, old).unwrap();
    assert_eq!(read(&path), events);
}

#[test]
fn figures_that_are_no_numbers_and_those_that_are_survive_the_log() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        for value in [f64::NAN, f64::INFINITY, 0.1 + 0.2, f64::MIN_POSITIVE, 1e300] {
            run.judge(source, value, 1, Grade::Target);
        }
    });
    let events = run.end(Exit::Success);
    let (_folder, path) = written(&events);
    let replayed = read(&path);
    assert_eq!(made(Form::Json, &replayed), made(Form::Json, &events));
    assert_eq!(rendered(&replayed), rendered(&events));
}

#[test]
fn each_event_is_in_the_file_as_soon_as_it_is_told() {
    let folder = TempDir::new().unwrap();
    let mut log = Log::create(folder.path()).unwrap();
    for (index, event) in situations::passed_run().iter().enumerate() {
        log.event(event).unwrap();
        let text = fs::read_to_string(log.path()).unwrap();
        assert_eq!(text.lines().count(), index + 1);
        assert!(text.ends_with('\n'));
    }
}

#[test]
fn a_last_line_that_is_cut_ends_the_log_and_is_told() {
    let events = situations::passed_run();
    let (_folder, path) = written(&events);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 10]).unwrap();

    let mut log = log::read(&path).unwrap();
    let read: Vec<_> = log.by_ref().map(Result::unwrap).collect();
    assert_eq!(read, events[..events.len() - 1]);
    assert!(log.is_cut());
}

#[test]
fn a_log_that_only_lacks_its_last_line_end_is_whole() {
    let events = situations::passed_run();
    let (_folder, path) = written(&events);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 1]).unwrap();

    let mut log = log::read(&path).unwrap();
    assert_eq!(log.by_ref().map(Result::unwrap).count(), events.len());
    assert!(!log.is_cut());
}

#[test]
fn what_is_wrong_with_a_log_is_told_with_its_line() {
    let (_folder, path) = written(&situations::passed_run());
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let first = |error: Vec<String>| {
        fs::write(&path, error.join("\n") + "\n").unwrap();
        let mut log = log::read(&path).unwrap();
        let error = log.find_map(Result::err).expect("the log is wrong");
        assert!(log.next().is_none(), "nothing comes after an error");
        error
    };

    let broken = first(vec![lines[0].into(), "{\"sequence\":1}".into()]);
    assert!(
        matches!(broken, LogError::NotAnEvent { line: 2, .. }),
        "{broken}"
    );
    assert!(broken.hint().is_some());

    let gap = first(vec![lines[0].into(), lines[2].into()]);
    assert!(
        matches!(
            gap,
            LogError::OutOfOrder {
                line: 2,
                expected: 1,
                found: 2,
                ..
            }
        ),
        "{gap}"
    );

    let limit = usize::try_from(log::MAX_LINE_BYTES).unwrap();
    let long = first(vec![lines[0].into(), " ".repeat(limit)]);
    assert!(matches!(long, LogError::TooLong { line: 2, .. }), "{long}");

    let padded = " ".repeat(limit - 1 - lines[1].len()) + lines[1];
    fs::write(&path, format!("{}\n{padded}\n", lines[0])).unwrap();
    assert_eq!(read(&path).len(), 2, "a line at the limit is read");
}

#[test]
fn a_log_that_is_not_there_is_told_with_its_name() {
    let error = log::read(std::path::Path::new("/nowhere/events.jsonl")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot open the event log `/nowhere/events.jsonl`"
    );
    assert!(error.hint().is_some());
}

#[test]
fn a_report_folder_that_cannot_be_made_is_an_error_with_a_hint() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Log::create(&file.join("reports")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot create the report folder")
    );
    assert!(error.hint().is_some());
}

#[test]
fn a_log_of_another_version_is_told_with_its_version_and_the_host_that_wrote_it() {
    let (_folder, path) = written(&situations::passed_run());
    let text = fs::read_to_string(&path).unwrap();
    let later = text
        .replace("assay/events/1", "assay/events/2")
        .replace("\"plugins\":", "\"suites\":");
    assert_ne!(later, text);
    fs::write(&path, later).unwrap();
    let error = replay(&path, |_| {}).unwrap_err();
    assert!(error.to_string().contains("`assay/events/2`"), "{error}");
    assert!(error.hint().unwrap().contains("0.1.0"));
}

#[test]
fn a_log_of_a_host_that_named_no_version_is_read() {
    let events = situations::passed_run();
    let (_folder, path) = written(&events);
    let text = fs::read_to_string(&path).unwrap();
    let old = text.replace("\"schema\":\"assay/events/1\",", "");
    assert_ne!(old, text);
    fs::write(&path, old).unwrap();
    assert_eq!(read(&path), events);
}

#[test]
fn a_replay_says_how_much_there_was_and_whether_the_run_had_ended() {
    for (events, is_complete) in [
        (situations::passed_run(), true),
        (situations::stopped(), false),
    ] {
        let (_folder, path) = written(&events);
        let mut told = Vec::new();
        let replayed = replay(&path, |event| told.push(event.clone())).unwrap();
        assert_eq!(told, events);
        let expected = Replayed {
            events: events.len() as u64,
            is_complete,
        };
        assert_eq!(replayed, expected);
    }
}

#[test]
fn a_log_that_is_empty_or_has_no_start_is_no_run() {
    let (_folder, path) = written(&situations::passed_run());
    fs::write(&path, "").unwrap();
    let error = replay(&path, |_| {}).unwrap_err();
    assert!(matches!(error, LogError::Empty { .. }), "{error}");
    assert!(error.hint().is_some());

    let second = Event {
        sequence: 0,
        ..situations::passed_run()[1].clone()
    };
    let (_folder, path) = written(&[second]);
    let error = replay(&path, |_| {}).unwrap_err();
    assert!(matches!(error, LogError::NoStart { .. }), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn what_can_be_read_of_a_damaged_log_is_named() {
    let (_folder, path) = written(&situations::passed_run());
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines[2] = "{}";
    fs::write(&path, lines.join("\n")).unwrap();
    let hint = replay(&path, |_| {}).unwrap_err().hint().unwrap();
    assert!(hint.contains("`head -n 2 "), "{hint}");
}
