//! A new suite in Rust, built by cargo.

use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// A compiler that has the library of the target, and a cargo that says what it is told to.
fn scripted(base: &Path, cargo: &str) -> Toolchain {
    let libraries = base.join("lib/self-contained");
    fs::create_dir_all(&libraries).unwrap();
    fs::write(libraries.join("libc.a"), "").unwrap();
    let toolchain = Toolchain {
        cargo: base.join("cargo"),
        rustc: base.join("rustc"),
        ..Toolchain::default()
    };
    script::program(&toolchain.cargo, cargo);
    let folder = base.join("lib").display().to_string();
    script::program(&toolchain.rustc, &format!("echo '{folder}'"));
    toolchain
}

/// The same folder as seen from that in which this test runs.
fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap();
    let up = here.components().skip(1).map(|_| "..").collect::<PathBuf>();
    up.join(path.strip_prefix("/").unwrap())
}

#[tokio::test]
async fn relative_folders_are_meant_from_the_callers_and_not_from_the_suites() {
    let base = tempfile::tempdir().unwrap();
    let at = base.path().canonicalize().unwrap();
    let project = new_suite(&at.join("deep/down/my-suite"));
    let cargo = format!(
        r#"for word; do [ "$before" = --target-dir ] && target=$word; before=$word; done
        mkdir -p "$target" && echo made > "$target/my_suite.wasm"
        echo '{{"reason":"compiler-artifact","manifest_path":"{}/Cargo.toml","filenames":["'"$target"'/my_suite.wasm"]}}'"#,
        project.folder.display()
    );
    let options = BuildOptions {
        out: Some(relative(&at.join("out"))),
        target: Some(relative(&at.join("target"))),
        toolchain: scripted(&at, &cargo),
        ..BuildOptions::default()
    };
    let built = build(&project, &options).await.unwrap();
    assert!(at.join("target/my_suite.wasm").exists());
    assert!(at.join("out/my-suite.wasm").exists());
    // A host is started in the suite's folder, and is given this.
    assert!(built.component.is_absolute(), "{:?}", built.component);
}

#[tokio::test]
async fn a_crate_that_is_no_component_any_more_waits_for_its_author() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    let options = BuildOptions {
        toolchain: scripted(base.path(), ""),
        ..BuildOptions::default()
    };
    let error = build(&project, &options).await.unwrap_err();
    assert!(matches!(error, BuildError::NoComponent), "{error}");
    assert!(error.is_of_the_suite());
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
