//! What is loaded and what is refused, and what is kept of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path};

use assay_host::{
    exit::Exit,
    hint::Hinted as _,
    plan,
    plugin::{
        LoadError, Outline, Plugin,
        cache::Use,
        error::Problem,
        load::{load, outlines},
    },
};

use crate::fixtures::{engine, engine_options, file, fixture, odd};

async fn refused(path: &Path) -> LoadError {
    let mut errors = load(&engine(None), &[path.to_owned()]).await.unwrap_err();
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

async fn load_one(cache: Option<&Path>, path: &Path) -> Plugin {
    load(&engine(cache), &[path.to_owned()])
        .await
        .unwrap()
        .remove(0)
}

#[tokio::test]
async fn a_plugin_is_loaded_with_all_that_it_says_of_itself() {
    let path = fixture("faulty");
    let plugin = load_one(None, &path).await;
    assert_eq!(plugin.file, path);
    assert_eq!(plugin.size, fs::metadata(&path).unwrap().len());
    assert_eq!(plugin.digest.len(), 64);
    assert_eq!(plugin.contract, "assay:suite@0.1.0");
    assert_eq!(plugin.cached, Use::Off);
    assert!(
        plugin
            .imports
            .contains(&"assay:suite/context@0.1.0".to_owned())
    );
    assert!(plugin.imports.is_sorted());
    let description = &plugin.description;
    assert_eq!(plugin.suite(), "faulty");
    assert!(description.has_setup && description.has_teardown);
    assert_eq!(description.baselines[0].name, "patience");
    let case = |name: &str| {
        let found = description.cases.iter().find(|case| case.name == name);
        found.unwrap()
    };
    assert_eq!(case("loops-forever").timeout.unwrap().as_millis(), 500);
    assert_eq!(case("panics").timeout, None);
    assert_eq!(case("needs-what-is-missing").needs, ["unobtainable"]);
    assert!(case("wants-to-be-alone").exclusive && !case("passes").exclusive);
    assert_eq!(case("passes").tags, ["good"]);
    assert!(
        case("passes")
            .location
            .as_ref()
            .unwrap()
            .contains("outcome.rs:")
    );
    let plan = plan::build([&*plugin], &[], &BTreeMap::new()).unwrap();
    assert_eq!(plan.suites[0].info().cases.len(), description.cases.len());
}

#[tokio::test]
async fn a_component_without_the_sdk_is_loaded_too() {
    let plugin = load_one(None, &fixture("odd")).await;
    assert_eq!(plugin.suite(), "odd");
}

#[tokio::test]
async fn plugins_come_in_the_order_in_which_they_are_named() {
    let files = [fixture("odd"), fixture("faulty"), fixture("noop")];
    let plugins = load(&engine(None), &files).await.unwrap();
    let suites: Vec<_> = plugins.iter().map(|plugin| plugin.suite()).collect();
    assert_eq!(suites, ["odd", "faulty", "noop"]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        folder.path().join("missing.wasm"),
        fixture("noop"),
        file(folder.path(), "empty.wasm", ""),
    ];
    let errors = load(&engine(None), &files).await.unwrap_err();
    let problems: Vec<_> = errors.iter().map(|error| &error.problem).collect();
    assert!(
        matches!(problems[..], [Problem::Missing, Problem::Empty]),
        "{problems:?}"
    );
}

#[tokio::test]
async fn two_plugins_with_one_suite_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.wasm");
    fs::copy(fixture("noop"), &copy).unwrap();
    let errors = load(&engine(None), &[fixture("noop"), copy.clone()])
        .await
        .unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        errors[0].to_string(),
        format!(
            "{} has the suite `noop`, as has {}",
            copy.display(),
            fixture("noop").display()
        )
    );
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
            "was built for `assay:suite@0.2.0`, and this host speaks `assay:suite@0.1.0`"
        );
    }
}

#[tokio::test]
async fn a_component_that_is_no_suite_is_refused() {
    for text in [
        "(component)",
        r#"(component (instance $i) (export "assay:suite/context@0.1.0" (instance $i)))"#,
    ] {
        assert_eq!(
            refused_text("none.wasm", component(text)).await,
            "does not export `assay:suite/suite@0.1.0`"
        );
    }
}

#[tokio::test]
async fn a_suite_in_name_only_is_refused() {
    let text =
        r#"(component (instance $suite) (export "assay:suite/suite@0.1.0" (instance $suite)))"#;
    let message = refused_text("name.wasm", component(text)).await;
    assert!(
        message.starts_with(
            "exports `assay:suite/suite@0.1.0` with another type than the contract has: "
        ) && message.contains("`describe`"),
        "{message}"
    );
}

#[tokio::test]
async fn an_import_that_the_host_does_not_have_is_named_with_its_item() {
    let suite = r#"(instance $suite) (export "assay:suite/suite@0.1.0" (instance $suite))"#;
    for (import, named) in [
        (
            r#"(import "wasi:keyvalue/store@0.2.0" (instance (export "open" (func (param "name" string)))))"#,
            "`open` of `wasi:keyvalue/store@0.2.0`",
        ),
        (
            r#"(import "assay:suite/context@0.1.0" (instance (export "read-mind" (func))))"#,
            "`read-mind` of `assay:suite/context@0.1.0`",
        ),
        (
            r#"(import "assay:suite/context@0.1.0" (instance (export "panicked" (func (param "loud" bool)))))"#,
            "`panicked` of `assay:suite/context@0.1.0`",
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

#[tokio::test]
async fn a_plugin_is_compiled_and_described_once() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let first = load_one(Some(&cache), &fixture("faulty")).await;
    let second = load_one(Some(&cache), &fixture("faulty")).await;
    assert_eq!((&first.cached, &second.cached), (&Use::Stored, &Use::Hit));
    assert_eq!(first.description, second.description);
    assert_eq!(first.imports, second.imports);
    let mode = fs::metadata(&cache).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

/// The one entry of a cache that has just been filled.
fn only_entry(cache: &Path) -> std::path::PathBuf {
    let entries: Vec<_> = fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}

#[tokio::test]
async fn an_entry_that_is_damaged_or_half_written_is_compiled_anew() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    load_one(Some(&cache), &fixture("noop")).await;
    let entry = only_entry(&cache);
    let whole = fs::read(&entry).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for damaged in [&flipped[..], &whole[..middle], b"", b"something else"] {
        fs::write(&entry, damaged).unwrap();
        let plugin = load_one(Some(&cache), &fixture("noop")).await;
        assert_eq!(plugin.cached, Use::Stored);
        assert_eq!(fs::read(&entry).unwrap().len(), whole.len());
    }
    let plugin = load_one(Some(&cache), &fixture("noop")).await;
    assert_eq!(plugin.cached, Use::Hit);
}

#[tokio::test]
async fn an_entry_of_another_plugin_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, other) = (folder.path().join("cache"), folder.path().join("other"));
    load_one(Some(&cache), &fixture("noop")).await;
    load_one(Some(&other), &fixture("odd")).await;
    fs::copy(only_entry(&other), only_entry(&cache)).unwrap();
    let plugin = load_one(Some(&cache), &fixture("noop")).await;
    assert_eq!(
        (plugin.suite(), plugin.cached.clone()),
        ("noop", Use::Stored)
    );
}

#[tokio::test]
async fn an_entry_that_others_may_write_to_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    load_one(Some(&cache), &fixture("noop")).await;
    fs::set_permissions(only_entry(&cache), fs::Permissions::from_mode(0o666)).unwrap();
    let plugin = load_one(Some(&cache), &fixture("noop")).await;
    assert_eq!(plugin.cached, Use::Stored);
    let mode = fs::metadata(only_entry(&cache))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_folder_that_others_may_write_to_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    load_one(Some(&cache), &fixture("noop")).await;
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
    let plugin = load_one(Some(&cache), &fixture("noop")).await;
    let Use::Unusable(why) = &plugin.cached else {
        panic!("{:?}", plugin.cached);
    };
    assert!(
        why.ends_with("is not used: others may write to it"),
        "{why}"
    );
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_costs_a_compilation_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = file(folder.path(), "cache", "a file");
    let plugin = load_one(Some(&in_the_way), &fixture("noop")).await;
    assert!(
        matches!(plugin.cached, Use::Unusable(_)),
        "{:?}",
        plugin.cached
    );
}

#[tokio::test]
async fn a_plugin_whose_description_is_refused_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let path = odd(folder.path(), "twice");
    assert!(load(&engine(Some(&cache)), &[path]).await.is_err());
    assert!(!cache.exists());
}

async fn outline(cache: Option<&Path>, path: &Path) -> Outline {
    outlines(&engine_options(cache), &[path.to_owned()])
        .await
        .unwrap()
        .remove(0)
}

/// Changes the last byte, which is compiled code: what is known of a plugin comes before it.
fn damage_code(entry: &Path) {
    let mut bytes = fs::read(entry).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(entry, bytes).unwrap();
}

#[tokio::test]
async fn what_is_known_of_a_plugin_is_the_same_with_and_without_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let path = fixture("faulty");
    let first = outline(Some(&cache), &path).await;
    let second = outline(Some(&cache), &path).await;
    assert_eq!((&first.cached, &second.cached), (&Use::Stored, &Use::Hit));
    let plugin = load_one(Some(&cache), &path).await;
    assert_eq!(second, *plugin);
    let uncached = outline(None, &path).await;
    assert_eq!(uncached.cached, Use::Off);
    assert_eq!(uncached.description, second.description);
}

#[tokio::test]
async fn damaged_code_is_not_read_to_tell_what_is_known_and_never_run() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let path = fixture("noop");
    load_one(Some(&cache), &path).await;
    damage_code(&only_entry(&cache));
    assert_eq!(outline(Some(&cache), &path).await.cached, Use::Hit);
    assert_eq!(load_one(Some(&cache), &path).await.cached, Use::Stored);
    assert_eq!(load_one(Some(&cache), &path).await.cached, Use::Hit);
}

#[tokio::test]
async fn a_damaged_head_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let path = fixture("noop");
    load_one(Some(&cache), &path).await;
    let entry = only_entry(&cache);
    let text = fs::read(&entry).unwrap();
    let place = text.windows(4).position(|part| part == b"noop").unwrap();
    let mut bytes = text;
    bytes[place] = b'N';
    fs::write(&entry, bytes).unwrap();
    let outline = outline(Some(&cache), &path).await;
    assert_eq!((outline.suite(), &outline.cached), ("noop", &Use::Stored));
}

#[tokio::test]
async fn known_plugins_are_refused_together_as_when_they_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let options = engine_options(Some(&folder.path().join("cache")));
    let noop = fixture("noop");
    let same = folder.path().join("same.wasm");
    fs::copy(&noop, &same).unwrap();
    let missing = folder.path().join("missing.wasm");
    outlines(&options, std::slice::from_ref(&noop))
        .await
        .unwrap();
    for other in [same, missing] {
        let files = [noop.clone(), other.clone()];
        let errors = outlines(&options, &files).await.unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].file, Some(other));
    }
}
