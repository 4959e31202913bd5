//! What is kept of a plugin that was loaded, and when it is not believed.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use assay_host::plugin::{
    Admission, Outline,
    cache::Use,
    load::{compiles, load, outlines},
};

use super::load_one;
use crate::fixtures::{engine, engine_options, file, fixture, odd};

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

/// Whether anything is compiled while a file is loaded.
async fn is_compiled(cache: &Path, file: PathBuf) -> bool {
    let engine = engine(Some(cache));
    let (files, admission) = ([file], Admission::open());
    tokio::select! {
        biased;
        () = compiles(&engine) => true,
        _ = load(&engine, &files, &admission) => false,
    }
}

#[tokio::test]
async fn it_is_known_that_a_plugin_is_compiled_and_not_of_one_that_is_kept_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    assert!(is_compiled(&cache, fixture("noop")).await);
    load_one(Some(&cache), &fixture("noop")).await;
    assert!(!is_compiled(&cache, fixture("noop")).await);
    assert!(!is_compiled(&cache, folder.path().join("nowhere.wasm")).await);
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
    assert!(
        load(&engine(Some(&cache)), &[path], &Admission::open())
            .await
            .is_err()
    );
    assert!(!cache.exists());
}

async fn outline(cache: Option<&Path>, path: &Path) -> Outline {
    outlines(
        &engine_options(cache),
        &[path.to_owned()],
        &Admission::open(),
    )
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
    outlines(&options, std::slice::from_ref(&noop), &Admission::open())
        .await
        .unwrap();
    for other in [same, missing] {
        let files = [noop.clone(), other.clone()];
        let errors = outlines(&options, &files, &Admission::open())
            .await
            .unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].file, Some(other));
    }
}
