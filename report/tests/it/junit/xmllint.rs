//! JUnit XML held to schemas by libxml2, which knows nothing of the code that writes it: to the published one of this project, and to
//! Jenkins' own `junit-10.xsd` where `JENKINS_JUNIT_XSD` names a copy of it.

#![expect(clippy::print_stderr, reason = "a skipped test has to be loud")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use assay_report::{Form, event::Level, event::ReasonKind, exit::Exit, verdict::Verdict};
use tempfile::TempDir;

use super::super::{
    documents::text,
    recording::{Recording, check, outcome, reason},
    situations,
};

/// Holds documents to schemas.
struct Xmllint {
    program: PathBuf,
    folder: TempDir,
    schemas: Vec<PathBuf>,
}

impl Xmllint {
    /// None, and a line on standard error, where there is none.
    fn find() -> Option<Self> {
        let program = PathBuf::from(env::var_os("XMLLINT").unwrap_or_else(|| "xmllint".into()));
        let version = Command::new(&program).arg("--version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            eprintln!(
                "SKIPPED: JUnit XML is not held to its schema, there is no xmllint; install Debian's package libxml2-utils, or name one with XMLLINT"
            );
            return None;
        }
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/junit.xsd");
        let of_jenkins = env::var_os("JENKINS_JUNIT_XSD").map(PathBuf::from);
        Some(Self {
            program,
            folder: TempDir::new().unwrap(),
            schemas: [own].into_iter().chain(of_jenkins).collect(),
        })
    }

    /// What each schema has against a document; empty for one that has nothing.
    fn complaints(&self, document: &str) -> Vec<String> {
        let path = self.folder.path().join("junit.xml");
        fs::write(&path, document).unwrap();
        let of_schema = |schema: &PathBuf| {
            let output = Command::new(&self.program)
                .args(["--nonet", "--noout", "--schema"])
                .args([schema, &path])
                .output()
                .unwrap();
            match output.status.code() {
                Some(0) => String::new(),
                _ => String::from_utf8_lossy(&output.stderr).into_owned(),
            }
        };
        self.schemas.iter().map(of_schema).collect()
    }

    fn assert_valid(&self, document: &str, name: &str) {
        let complaints = self.complaints(document).concat();
        assert!(complaints.is_empty(), "{name}: {complaints}\n{document}");
    }
}

#[test]
fn every_situation_is_valid() {
    let Some(xmllint) = Xmllint::find() else {
        return;
    };
    for (name, events) in situations::all() {
        xmllint.assert_valid(&text(Form::Junit, &events), name);
    }
}

#[test]
fn text_that_xml_forbids_is_valid_when_it_is_written() {
    let Some(xmllint) = Xmllint::find() else {
        return;
    };
    let evil = "]]></failure><testcase name=\"x\"/> & \u{1b}[2J \0 \u{fffe}\u{ffff} <!-- ]]>";
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, evil));
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |run, source| {
        run.log(source, Level::Error, evil)
            .check(source, check(evil, false));
    });
    let document = text(Form::Junit, &run.end(Exit::Failed));
    xmllint.assert_valid(&document, "text that XML forbids");
}

#[test]
fn a_broken_document_is_refused_by_each_schema() {
    let Some(xmllint) = Xmllint::find() else {
        return;
    };
    let good = text(Form::Junit, &situations::failing_checks());
    xmllint.assert_valid(&good, "before it is broken");
    for (right, wrong) in [
        ("<testsuites ", "<suites "),
        ("<testcase name=", "<testcase title="),
        ("<failure ", "<failures "),
        ("</testsuites>", ""),
        (
            " failures=\"1\" errors=\"0\" skipped",
            " failures=\"1\" skipped",
        ),
        ("<system-err>", "<system-err level=\"1\">"),
        ("time=\"3.204\"", "time=\"3.204 s\""),
    ] {
        assert!(good.contains(right), "{right}: {good}");
        let broken = good.replace(right, wrong);
        for (schema, complaint) in xmllint.schemas.iter().zip(xmllint.complaints(&broken)) {
            assert!(!complaint.is_empty(), "{}: {wrong}", schema.display());
        }
    }
}
