//! A new suite in Python, built with what PyPI has. Where that cannot be fetched, it is said.

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

fn new_suite(folder: &Path) -> Project {
    let name = "my-suite".parse().unwrap();
    let template = Template::render(&name, Language::Python, &SdkSource::Version).unwrap();
    template.files().write(folder).unwrap();
    Project::find(folder).unwrap()
}

/// In a target folder beside the one of these tests: what was fetched there once is kept.
fn options() -> BuildOptions {
    let kept = std::env::current_exe().unwrap();
    let target = kept
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .expect("the tests are in a target folder");
    BuildOptions {
        target: Some(target.join("authoring")),
        ..BuildOptions::default()
    }
}

#[tokio::test]
async fn a_new_suite_builds_and_what_it_cannot_be_is_told_while_it_is_built() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("my-suite");
    let project = new_suite(&folder);
    let built = match build(&project, &options()).await {
        Err(error @ (BuildError::Requirements { .. } | BuildError::NoPython { .. })) => {
            eprintln!("not tried: {error}");
            return;
        }
        built => built.unwrap(),
    };
    let component = fs::read(&built.component).unwrap();
    assert_eq!(component[..8], *b"\0asm\x0d\0\x01\0");

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
    let folder = base.path().join("my-suite");
    let project = new_suite(&folder);
    // Nothing is fetched for it: a version without a hash is refused before that.
    fs::write(folder.join("requirements.txt"), "componentize-py==0.25.1\n").unwrap();
    for _ in 0..2 {
        match build(&project, &BuildOptions::default()).await.unwrap_err() {
            error @ BuildError::NoPython { .. } => eprintln!("not tried: {error}"),
            error => assert!(matches!(error, BuildError::Requirements { .. }), "{error}"),
        }
    }
}
