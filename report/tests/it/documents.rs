//! Documents of a whole run: each in its place, and one that cannot be written beside the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::Path,
};

use assay_report::{Document, Documents, Fanout, Form, event::Event, in_the_way};
use tempfile::TempDir;

use super::situations;

/// The files that a form makes of a run, by their names.
pub(crate) fn made(form: Form, events: &[Event]) -> BTreeMap<String, String> {
    let folder = TempDir::new().unwrap();
    let path = match form {
        Form::Csv | Form::Hdr => folder.path().to_owned(),
        _ => folder.path().join("document"),
    };
    let mut documents = Documents::new(vec![Document { form, path }]);
    for event in events {
        documents.event(event);
    }
    assert_eq!(documents.finish().len(), 0);
    files(folder.path())
}

/// The one file that a form makes of a run.
pub(crate) fn text(form: Form, events: &[Event]) -> String {
    made(form, events).remove("document").unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn all_in(folder: &Path) -> Vec<Document> {
    Form::ALL
        .into_iter()
        .map(|form| Document {
            form,
            path: folder.join(form.word()),
        })
        .collect()
}

#[test]
fn a_document_that_cannot_be_written_is_told_and_keeps_no_other_from_it() {
    for broken in Form::ALL {
        let folder = TempDir::new().unwrap();
        let mut documents = all_in(folder.path());
        let in_the_way = folder.path().join("in-the-way");
        fs::write(&in_the_way, "").unwrap();
        for document in &mut documents {
            if document.form == broken {
                document.path = in_the_way.join("below");
            }
        }
        let mut fanout = Fanout::new(Vec::new(), documents.clone());
        for event in situations::passed_run() {
            fanout.event(&event);
        }
        let errors = fanout.finish();
        assert_eq!(errors.len(), 1, "{broken:?}: {errors:?}");
        assert!(errors[0].to_string().contains("in-the-way"), "{errors:?}");
        for document in documents {
            assert_eq!(
                document.path.exists(),
                document.form != broken,
                "{broken:?}: {document:?}"
            );
        }
    }
}

#[test]
fn what_a_former_run_left_is_gone_as_soon_as_the_next_one_starts() {
    let folder = TempDir::new().unwrap();
    let documents = all_in(folder.path());
    let events = situations::passed_run();
    let mut fanout = Fanout::new(Vec::new(), documents.clone());
    for event in &events {
        fanout.event(event);
    }
    assert_eq!(fanout.finish().len(), 0);
    let others = folder.path().join("csv/mine.csv");
    fs::write(&others, "").unwrap();

    Fanout::new(Vec::new(), documents).event(&events[0]);
    let left: BTreeSet<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, BTreeSet::from(["csv".into(), "hdr".into()]));
    assert_eq!(files(&folder.path().join("hdr")).len(), 0);
    assert_eq!(files(&folder.path().join("csv")).len(), 1);
    assert!(others.exists(), "what is not ours stays");
}

/// As root, a report for `/dev/null` was put in the place of the device.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_written_into_and_never_replaced() {
    use std::os::unix::fs::FileTypeExt as _;

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let end = path.clone();
    let reader = std::thread::spawn(move || fs::read_to_string(end).unwrap());
    let mut fanout = Fanout::new(
        Vec::new(),
        vec![Document {
            form: Form::Tap,
            path: path.clone(),
        }],
    );
    for event in &situations::passed_run() {
        fanout.event(event);
    }
    assert_eq!(fanout.finish().len(), 0);
    assert!(reader.join().unwrap().starts_with("TAP version 14"));
    assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
}

/// A report for `/dev/stdout`, which the shell had redirected to a file, was put in the place of `/dev/stdout`.
#[cfg(target_os = "linux")]
#[test]
fn an_open_file_is_written_into_by_its_number_and_its_link_stays() {
    use std::os::fd::AsRawFd as _;

    for root in ["/proc/self/fd", "/dev/fd"] {
        let mut opened = tempfile::NamedTempFile::new().unwrap();
        writeln!(opened, "what was there").unwrap();
        let number = opened.as_file().as_raw_fd();
        let document = Document {
            form: Form::Tap,
            path: format!("{root}/{number}").into(),
        };
        let mut fanout = Fanout::new(Vec::new(), vec![document]);
        for event in &situations::passed_run() {
            fanout.event(event);
        }
        let errors = fanout.finish();
        assert_eq!(errors.len(), 0, "{root}: {errors:?}");
        let text = fs::read_to_string(opened.path()).unwrap();
        assert!(text.starts_with("what was there\nTAP version 14"), "{text}");
    }
}

/// Tells the test below, which runs itself once more, to write its document there.
#[cfg(unix)]
const UMASKED: &str = "ASSAY_TEST_UMASKED";

/// Everybody could read reports, with the bodies of requests in them, whatever the umask was.
#[cfg(unix)]
#[test]
fn who_may_read_a_document_is_said_by_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;

    if let Some(path) = std::env::var_os(UMASKED) {
        let document = Document {
            form: Form::Tap,
            path: path.into(),
        };
        assert_eq!(Fanout::new(Vec::new(), vec![document]).finish().len(), 0);
        return;
    }
    let folder = TempDir::new().unwrap();
    for (umask, expected) in [("077", 0o600), ("022", 0o644), ("002", 0o664)] {
        let path = folder.path().join(umask);
        // Of this process it would be that of all tests.
        let ended = std::process::Command::new("sh")
            .args([
                "-c",
                "umask \"$1\" && exec \"$2\" --exact \"$3\"",
                "sh",
                umask,
            ])
            .arg(std::env::current_exe().unwrap())
            .arg("documents::who_may_read_a_document_is_said_by_the_umask")
            .env(UMASKED, &path)
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, expected, "{umask}");
    }
}

#[test]
fn documents_that_are_only_gathered_touch_nothing_before_the_end() {
    let folder = TempDir::new().unwrap();
    let events = situations::passed_run();
    let path = folder.path().join("report.xml");
    fs::write(&path, "the former one").unwrap();
    let mut documents = Documents::new(vec![Document {
        form: Form::Junit,
        path: path.clone(),
    }]);
    for event in &events {
        documents.event(event);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "the former one");
    assert_eq!(documents.finish().len(), 0);
    assert!(fs::read_to_string(&path).unwrap().contains("<testsuites"));
}

#[test]
fn a_document_in_the_place_of_another_one_is_found() {
    let at = |form, path: &str| Document {
        form,
        path: path.into(),
    };
    let documents = [
        at(Form::Json, "a"),
        at(Form::Tap, "./a"),
        at(Form::Csv, "b"),
    ];
    assert_eq!(in_the_way(&documents, &[]), Some(&documents[1]));
    assert_eq!(in_the_way(&documents[1..], &[]), None);
    let here = std::env::current_dir().unwrap().join("b");
    assert_eq!(in_the_way(&documents[1..], &[&here]), Some(&documents[2]));
}
