//! A new suite in Rust, built by cargo.

use std::{fs, path::Path};

use assay_authoring::{
    Toolchain,
    build::{BuildError, BuildOptions, build},
    project::{Project, ProjectError},
    sdk::SdkSource,
    template::{Language, Template},
};
use assay_report::hint::Hinted;

use crate::script;

/// A new suite with the SDK of this repository.
fn new_suite(folder: &Path) -> Project {
    let sdk = SdkSource::Path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk"));
    let name = "my-suite".parse().unwrap();
    let template = Template::render(&name, Language::Rust, &sdk).unwrap();
    template.files().write(folder).unwrap();
    Project::find(folder).unwrap()
}

/// Without a network, in a target folder inside the one of these tests: what was compiled there once is kept.
fn options() -> BuildOptions {
    BuildOptions {
        offline: true,
        target: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("authoring")),
        ..BuildOptions::default()
    }
}

#[tokio::test]
async fn a_new_suite_builds_and_a_mistake_in_it_is_the_compilers_to_tell() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("my-suite");
    let project = new_suite(&folder);
    let built = build(&project, &options()).await.unwrap();
    assert_eq!(
        built.component,
        folder.canonicalize().unwrap().join("plugins/my-suite.wasm")
    );
    let component = fs::read(&built.component).unwrap();
    // The head of a component, and not of a module: layer 1.
    assert_eq!(component[..8], *b"\0asm\x0d\0\x01\0");
    assert!(built.changed);
    assert!(!build(&project, &options()).await.unwrap().changed);

    fs::write(folder.join("src/lib.rs"), "fn broken( {}").unwrap();
    let error = build(&project, &options()).await.unwrap_err();
    assert!(matches!(error, BuildError::Compiler { .. }), "{error}");
    assert!(error.is_of_the_suite());
    let before = fs::read(&built.component).unwrap();
    assert_eq!(before, component, "the last good component stays");
}

#[tokio::test]
async fn without_rust_the_author_is_told_where_it_is() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    for (cargo, rustc) in [("/nowhere/cargo", "rustc"), ("cargo", "/nowhere/rustc")] {
        let toolchain = Toolchain {
            cargo: cargo.into(),
            rustc: rustc.into(),
            ..Toolchain::default()
        };
        let options = BuildOptions {
            toolchain,
            ..options()
        };
        let error = build(&project, &options).await.unwrap_err();
        assert!(matches!(error, BuildError::NoRust { .. }), "{error}");
        assert!(error.hint().unwrap().contains("rustup"), "{error}");
    }
}

#[tokio::test]
async fn without_the_target_the_author_is_told_the_command() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    // A compiler that knows of the target, as each does, and has no library for it.
    let rustc = base.path().join("rustc");
    let empty = base.path().join("no-library").display().to_string();
    script::program(&rustc, &format!("echo '{empty}'"));
    let toolchain = Toolchain {
        rustc,
        ..Toolchain::default()
    };
    let options = BuildOptions {
        toolchain,
        ..options()
    };
    let error = build(&project, &options).await.unwrap_err();
    assert!(matches!(error, BuildError::NoTarget), "{error}");
    assert_eq!(error.hint().unwrap(), "rustup target add wasm32-wasip2");
}

#[test]
fn a_folder_without_a_suite_is_told_so() {
    let base = tempfile::tempdir().unwrap();
    let error = Project::find(base.path()).unwrap_err();
    assert!(matches!(error, ProjectError::Nothing { .. }));
    assert!(error.hint().unwrap().contains("host new"));
}
