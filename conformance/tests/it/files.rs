//! The program, and the files that it is given.

use std::{fs, path::Path, process::Command};

use assay_conformance::{Error, MAX_REPORT, Suite, report};
use assay_report::hint;

use crate::made;

fn ended(arguments: &[&Path]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = command.args(arguments).output().expect("it starts");
    let told = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&told).into_owned(),
    )
}

#[test]
fn the_exit_code_says_whether_all_of_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let mut held = made::report(&made::suite());
    fs::write(&file, serde_json::to_vec(&held).expect("a text")).expect("a file");
    let (code, told) = ended(&[&file]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(" 0 differences"), "{told}");
    held.suites[0].cases[0].verdict = None;
    fs::write(&file, serde_json::to_vec(&held).expect("a text")).expect("a file");
    let (code, told) = ended(&[&file]);
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("a-check-that-does-not-hold: verdict: None instead of Some(Failed)"),
        "{told}"
    );
}

#[test]
fn what_is_no_report_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    for arguments in [&[][..], &[&*file, &*file], &[&file]] {
        assert_eq!(ended(arguments).0, Some(2), "{arguments:?}");
    }
    fs::write(&file, "{}").expect("a file");
    let error = report(&file).expect_err("it has no suites");
    assert!(matches!(error, Error::NoReport { .. }), "{error}");
    assert!(hint::told(&error).contains("\nhint: "));
}

#[test]
fn a_report_may_be_as_large_as_the_limit_and_no_larger() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let mut text = serde_json::to_vec(&made::report(&made::suite())).expect("a text");
    text.resize(usize::try_from(MAX_REPORT).expect("it fits"), b' ');
    fs::write(&file, &text).expect("a file");
    assert!(report(&file).is_ok());
    text.push(b' ');
    fs::write(&file, &text).expect("a file");
    assert!(matches!(report(&file), Err(Error::TooBig { .. })));
}

#[test]
fn a_word_that_the_description_does_not_have_is_refused() {
    let text = "suite = 'a'\nexit-code = 0\n[[cases]]\nname = 'b'\ndoes = ''\nverdict = 'passed'\n";
    assert!(Suite::read(text).is_ok());
    assert!(Suite::read(&format!("{text}mesage = ['c']\n")).is_err());
}
