//! A new suite in Python, built with what the index of Python's packages has. Where that cannot be fetched, it is said.

#![expect(clippy::print_stderr, reason = "a test that cannot be made says so")]

use std::{fs, path::Path};

use assay_authoring::{
    Toolchain,
    build::{BuildError, BuildOptions, build},
    project::Project,
    sdk::SdkSource,
    template::{Language, Template},
};
use assay_report::hint::Hinted;

use crate::script;

fn new_suite(folder: &Path) -> Project {
    let name = "my-suite".parse().unwrap();
    let template = Template::render(&name, Language::Python, &SdkSource::Version).unwrap();
    template.files().write(folder).unwrap();
    Project::find(folder).unwrap()
}

/// In a target folder inside the one of these tests: what was fetched there once is kept.
fn options() -> BuildOptions {
    BuildOptions {
        target: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("authoring")),
        ..BuildOptions::default()
    }
}

#[tokio::test]
async fn a_new_suite_builds_and_what_it_cannot_be_is_told_while_it_is_built() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("my-suite");
    new_suite(&folder);
    let manifest = folder.join("pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let wants = "[tool.assay.wants]\nservices = [\"example\"]\n";
    fs::write(&manifest, format!("{text}\n{wants}")).unwrap();
    let project = Project::find(&folder).unwrap();
    let built = match build(&project, &options()).await {
        Err(error @ (BuildError::Requirements { .. } | BuildError::NoPython { .. })) => {
            eprintln!("not tried: {error}");
            return;
        }
        built => built.unwrap(),
    };
    let component = fs::read(&built.component).unwrap();
    assert_eq!(component[..8], *b"\0asm\x0d\0\x01\0");
    let declared = assay_grants::declaration::declared(&component).unwrap();
    let lines = assay_grants::text::lines(&declared.unwrap());
    assert_eq!(lines, ["services = [\"example\"]"]);

    let suite = fs::read_to_string(folder.join("suite.py")).unwrap();
    let wrong = suite.replace("timeout=10", "timeout=-1");
    assert_ne!(suite, wrong);
    fs::write(folder.join("suite.py"), wrong).unwrap();
    let error = build(&project, &options()).await.unwrap_err();
    assert!(matches!(error, BuildError::Compiler { .. }), "{error}");
}

#[tokio::test]
async fn without_python_the_author_is_told_what_to_install() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    let options = BuildOptions {
        toolchain: Toolchain {
            python: "/nowhere/python3".into(),
            ..Toolchain::default()
        },
        ..BuildOptions::default()
    };
    let error = build(&project, &options).await.unwrap_err();
    assert!(matches!(error, BuildError::NoPython { .. }), "{error}");
    assert!(error.hint().unwrap().contains("Python 3.11"));
}

#[tokio::test]
async fn requirements_that_cannot_be_had_are_told_and_nothing_half_made_is_believed() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    // A Python that makes an environment, in which pip reaches nobody.
    let python = base.path().join("python");
    let pip = "#!/bin/sh\\nexit 1\\n";
    let make = format!(
        "mkdir -p \"$3/bin\" && printf '{pip}' > \"$3/bin/python\" && chmod 755 \"$3/bin/python\""
    );
    script::program(&python, &make);
    for offline in [false, true, false] {
        let options = BuildOptions {
            offline,
            toolchain: Toolchain {
                python: python.clone(),
                ..Toolchain::default()
            },
            ..BuildOptions::default()
        };
        let error = build(&project, &options).await.unwrap_err();
        assert!(matches!(error, BuildError::Requirements { .. }), "{error}");
        let hint = error.hint().unwrap();
        assert_eq!(hint.contains("once with a network"), offline, "{hint}");
    }
}
