//! What is no suite, or none of this contract, is refused and told.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use assay_host::plugin::{Admission, LoadError, error::Problem, load::load};
use assay_report::{exit::Exit, hint::Hinted as _};

use crate::fixtures::{engine, file, fixture, odd};

async fn refused(path: &Path) -> LoadError {
    let mut errors = load(&engine(None), &[path.to_owned()], &Admission::open())
        .await
        .unwrap_err();
    assert_eq!(errors.len(), 1);
    let error = errors.remove(0);
    assert_eq!(error.file.as_deref(), Some(path));
    assert_eq!(error.exit(), Exit::Plugin);
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error}");
    error
}

async fn refused_text(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), name, content);
    let error = refused(&path).await.to_string();
    error.replace(&format!("{} ", path.display()), "")
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[tokio::test]
async fn what_is_no_component_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error.problem, Problem::NotAFile("a folder")));
    for (name, content, message) in [
        ("empty.wasm", Vec::new(), "is empty"),
        ("text.wasm", b"(module)".to_vec(), "is not WebAssembly"),
        (
            "module.wasm",
            component("(module)"),
            "is a core WebAssembly module, not a component",
        ),
    ] {
        assert_eq!(refused_text(name, content).await, message);
    }
}

#[tokio::test]
async fn a_damaged_component_is_refused() {
    let mut bytes = fs::read(fixture("noop")).unwrap();
    bytes.truncate(bytes.len() / 2);
    let message = refused_text("half.wasm", bytes).await;
    assert!(
        message.starts_with("is not a valid component: "),
        "{message}"
    );
}

#[tokio::test]
async fn a_file_without_permission_to_read_is_refused() {
    if rustix_is_root() {
        // Root reads everything; there is nothing to see.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "secret.wasm", "x");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    assert!(matches!(
        refused(&path).await.problem,
        Problem::Unreadable(_)
    ));
}

fn rustix_is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

#[tokio::test]
async fn a_component_of_another_line_of_the_contract_is_refused() {
    for text in [
        r#"(component (import "assay:suite/http@0.2.0" (instance)))"#,
        r#"(component (instance $suite) (export "assay:suite/suite@0.2.0" (instance $suite)))"#,
    ] {
        assert_eq!(
            refused_text("other.wasm", component(text)).await,
            "was built for `assay:suite@0.2.0`, and this host speaks `assay:suite@0.1.1`"
        );
    }
}

#[tokio::test]
async fn an_older_line_and_a_newer_one_are_told_what_to_do_about() {
    let folder = tempfile::tempdir().unwrap();
    for (version, hint) in [
        (
            "0.0.9",
            "build it again with the SDK of this host's version",
        ),
        ("0.2.0", "update the host"),
        ("1.0.0", "update the host"),
    ] {
        let text = format!(r#"(component (import "assay:suite/http@{version}" (instance)))"#);
        let path = file(folder.path(), "other.wasm", component(&text));
        let told = refused(&path).await.hint().unwrap_or_default();
        assert!(told.starts_with(hint), "{version}: {told}");
    }
}

#[tokio::test]
async fn a_later_version_of_the_line_is_named_where_it_imports_what_came_with_it() {
    let text = r#"(component
        (import "assay:suite/context@0.1.7" (instance (export "read-mind" (func))))
        (instance $suite) (export "assay:suite/suite@0.1.7" (instance $suite)))"#;
    assert_eq!(
        refused_text("later.wasm", component(text)).await,
        "was built for `assay:suite@0.1.7` and imports `read-mind` of `assay:suite/context@0.1.7`, and this host speaks `assay:suite@0.1.1`"
    );
}

#[tokio::test]
async fn a_component_that_is_no_suite_is_refused() {
    for text in [
        "(component)",
        r#"(component (instance $i) (export "assay:suite/context@0.1.1" (instance $i)))"#,
    ] {
        assert_eq!(
            refused_text("none.wasm", component(text)).await,
            "does not export `assay:suite/suite@0.1.1`"
        );
    }
}

#[tokio::test]
async fn a_suite_in_name_only_is_refused() {
    let text =
        r#"(component (instance $suite) (export "assay:suite/suite@0.1.1" (instance $suite)))"#;
    let message = refused_text("name.wasm", component(text)).await;
    assert!(
        message.starts_with(
            "exports `assay:suite/suite@0.1.1` with another type than the contract has: "
        ) && message.contains("`describe`"),
        "{message}"
    );
}

#[tokio::test]
async fn an_import_that_the_host_does_not_have_is_named_with_its_item() {
    let suite = r#"(instance $suite) (export "assay:suite/suite@0.1.1" (instance $suite))"#;
    for (import, named) in [
        (
            r#"(import "wasi:keyvalue/store@0.2.0" (instance (export "open" (func (param "name" string)))))"#,
            "`open` of `wasi:keyvalue/store@0.2.0`",
        ),
        (
            r#"(import "assay:suite/context@0.1.1" (instance (export "read-mind" (func))))"#,
            "`read-mind` of `assay:suite/context@0.1.1`",
        ),
        (
            r#"(import "assay:suite/context@0.1.1" (instance (export "panicked" (func (param "loud" bool)))))"#,
            "`panicked` of `assay:suite/context@0.1.1`",
        ),
        (r#"(import "mystery" (func))"#, "`mystery`"),
    ] {
        let message = refused_text(
            "import.wasm",
            component(&format!("(component {import} {suite})")),
        )
        .await;
        assert!(
            message.starts_with(&format!("imports {named}, which this host does not have")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_description_beyond_the_contract_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (word, message) in [
        ("twice", "there are two cases called `once`"),
        ("shouts", "the case `Loud` is not in kebab-case"),
        (
            "reserved",
            "a case is called `setup`, which is the name of another entry",
        ),
        ("many", "there are 1001 cases, and there may be 1000"),
        (
            "contradicts",
            "the baseline `latency` contradicts itself: it is to be at most 500, and critical is the better level 100",
        ),
    ] {
        let error = refused(&odd(folder.path(), word)).await;
        assert!(
            error.to_string().ends_with(&format!(
                "breaks the contract with its description: {message}"
            )),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_suite_that_breaks_when_it_describes_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (word, message) in [
        (
            "traps",
            "cannot be described: wasm `unreachable` instruction executed",
        ),
        ("panics", "cannot be described: it panicked at "),
        ("grows", "cannot be described: the plugin asked for "),
    ] {
        let error = refused(&odd(folder.path(), word)).await;
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[tokio::test]
async fn a_suite_that_describes_itself_without_end_is_stopped_after_five_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&odd(folder.path(), "spins")).await;
    assert!(
        error
            .to_string()
            .ends_with("took more than 5s to describe itself"),
        "{error}"
    );
}
