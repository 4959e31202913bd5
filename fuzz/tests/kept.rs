//! Replays what is kept in `corpus/`, and mutations of it that are the same each time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use assay_fuzz::{TARGETS, Target, mutation::mutated};

/// Inputs that are kept for a target, and bytes of each.
const MAX_KEPT: usize = 100;
const MAX_BYTES: usize = 4 << 10;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Names of the files in a folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(self::folder(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn kept(target: &Target) -> Vec<Vec<u8>> {
    let of = format!("corpus/{}", target.name);
    let path = |name: &String| folder(&of).join(name);
    let names = names(&of);
    names
        .iter()
        .map(|name| fs::read(path(name)).unwrap())
        .collect()
}

/// Says what the input was if its target panics.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    #[expect(clippy::print_stderr, reason = "only where a test fails")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input was b\"{}\"", self.0.escape_ascii());
        }
    }
}

fn check(target: &Target, input: &[u8]) {
    let shown = Shown(input);
    (target.check)(input);
    drop(shown);
}

fn replayed(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let kept = kept(target);
    check(target, b"");
    for input in &kept {
        check(target, input);
    }
    for number in 0..target.mutations {
        for (place, input) in kept.iter().enumerate() {
            // Another number for each input, or all would be changed alike.
            let number = number * MAX_KEPT as u64 + place as u64;
            check(target, &mutated(input, &kept, number));
        }
    }
}

macro_rules! replays {
    ($($name:ident),+) => {
        $(
            mod $name {
                #[test]
                fn holds_of_what_is_kept_and_of_its_mutations() {
                    super::replayed(stringify!($name));
                }
            }
        )+

        const REPLAYED: &[&str] = &[$(stringify!($name)),+];
    };
}

replays!(
    answer,
    declaration,
    delta,
    event_log,
    grant,
    histogram,
    host,
    lock,
    prometheus,
    registry,
    report,
    source,
    sse,
    told
);

#[test]
fn every_target_is_replayed_and_has_kept_inputs_and_a_fuzzer() {
    let all: BTreeSet<String> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(REPLAYED.len(), all.len());
    assert!(REPLAYED.iter().all(|name| all.contains(*name)));
    assert_eq!(names("corpus"), all);
    let files: BTreeSet<String> = all.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names("libfuzzer/fuzz_targets"), files);
    let manifest = fs::read_to_string(folder("libfuzzer/Cargo.toml")).unwrap();
    for name in all {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

#[test]
fn what_is_kept_is_small_and_of_some_use() {
    for target in TARGETS {
        let kept = kept(&target);
        assert!((1..=MAX_KEPT).contains(&kept.len()), "{}", target.name);
        let longest = kept.iter().map(Vec::len).max().unwrap();
        assert!(longest <= MAX_BYTES, "{}: {longest}", target.name);
    }
}
