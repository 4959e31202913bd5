//! Plugins that are pinned: locked, fetched, verified, and run from the cache and nothing else.

mod registry;
mod standing;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{fixtures::fixture, invocation::host};

/// A project with two plugins and a cache of compiled code that all tests share.
struct Project {
    folder: TempDir,
}

/// What a command told.
struct Told {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

const NAMES: [&str; 2] = ["faulty", "noop"];

impl Project {
    /// With this in `assay.toml` beside the cache.
    fn with(text: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let plugins = folder.path().join("plugins");
        fs::create_dir(&plugins).expect("a folder");
        for name in NAMES {
            fs::copy(fixture(name), plugins.join(format!("{name}.wasm"))).expect("a copy");
        }
        let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        let text = format!(
            "[run]\ncache-dir = {:?}\n{text}",
            compiled.display().to_string()
        );
        fs::write(folder.path().join("assay.toml"), text).expect("a file");
        Self { folder }
    }

    fn new() -> Self {
        Self::with("")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = host();
        command
            .current_dir(self.folder.path())
            .env("DOCKER_CONFIG", self.folder.path())
            .args(arguments);
        command
    }

    fn told(&self, arguments: &[&str]) -> Told {
        let output = self.command(arguments).output().expect("the host starts");
        Told {
            exit: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Does it, or fails the test.
    fn done(&self, arguments: &[&str]) -> Told {
        let told = self.told(arguments);
        assert_eq!(told.exit, Some(0), "{arguments:?}: {}", told.stderr);
        told
    }

    fn assert_refused(&self, arguments: &[&str], exit: i32, parts: &[&str]) {
        let told = self.told(arguments);
        assert_eq!(told.exit, Some(exit), "{arguments:?}: {}", told.stderr);
        for part in parts {
            assert!(
                told.stderr.contains(part),
                "{arguments:?} does not say {part:?}: {}",
                told.stderr
            );
        }
    }

    /// The one file of the cache that has these bytes.
    fn cached(&self, plugin: &str) -> PathBuf {
        self.path(".assay/plugins/blobs/sha256")
            .join(digest_of(&self.path(plugin)))
    }
}

/// SHA-256 of a file, hexadecimal.
fn digest_of(file: &Path) -> String {
    assay_host::plugin::digest::of(&fs::read(file).expect("a file"))
}

/// Changes one byte in the middle.
fn flip(file: &Path) {
    let mut bytes = fs::read(file).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).expect("a file");
}

/// Adds a section that nobody knows, with nothing in it: the same suite in other bytes.
fn make_other(plugin: &Path) {
    let mut bytes = fs::read(plugin).expect("a file");
    bytes.extend([0, 2, 1, b'x']);
    fs::write(plugin, bytes).expect("a file");
}

const RUN: [&str; 5] = ["run", "--locked", "--no-history", "--filter", "noop/*"];

#[test]
fn what_is_locked_runs_from_the_cache_though_its_file_is_gone() {
    let project = Project::new();
    let told = project.done(&["lock", "plugins"]);
    assert!(told.stderr.contains("2 plugins pinned"), "{}", told.stderr);
    fs::remove_dir_all(project.path("plugins")).expect("a folder");
    let told = project.done(&RUN);
    assert!(told.stdout.contains("noop/does-nothing") || told.stderr.contains("noop/does-nothing"));
    let listed = project.done(&["list", "--locked"]);
    assert!(listed.stdout.contains("faulty/"), "{}", listed.stdout);
}

#[test]
fn one_flipped_byte_of_a_plugin_is_refused_with_the_digest_that_was_wanted_and_the_one_that_is() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    let plugin = project.path("plugins/noop.wasm");
    let wanted = digest_of(&plugin);
    flip(&plugin);
    let got = digest_of(&plugin);
    for arguments in [
        &["run", "--locked", "plugins/noop.wasm"][..],
        &["list", "--locked", "plugins/noop.wasm"],
        &["verify"],
        &["verify", "plugins/noop.wasm"],
    ] {
        project.assert_refused(arguments, 4, &[&wanted, &got, "noop", "hint"]);
    }
    let told = project.told(&["verify"]);
    for line in [
        format!("sha256:{wanted} (in the cache)\n"),
        "(in the cache, ./plugins/faulty.wasm)\n".to_owned(),
    ] {
        assert!(told.stdout.contains(&line), "{line}: {}", told.stdout);
    }
    assert!(!project.path("reports").exists(), "nothing was run");
}

#[test]
fn one_flipped_byte_of_the_cache_is_refused_and_fetched_anew() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    let cached = project.cached("plugins/noop.wasm");
    let wanted = digest_of(&cached);
    flip(&cached);
    let got = digest_of(&cached);
    project.assert_refused(&RUN, 4, &[&wanted, &got, "host fetch"]);
    let fetched = project.done(&["fetch"]);
    assert!(fetched.stderr.contains("was damaged"), "{}", fetched.stderr);
    project.done(&RUN);
}

#[test]
fn one_flipped_byte_of_the_lock_is_refused_with_both_digests() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    flip(&project.path("assay.lock"));
    project.assert_refused(&RUN, 3, &["was changed", "sha256:", "and it is sha256:"]);
}

#[test]
fn what_is_not_locked_does_not_run_and_neither_does_anything_without_a_lock() {
    let project = Project::new();
    project.assert_refused(&RUN, 3, &["there is no lock", "host lock"]);
    project.done(&["lock", "plugins/noop.wasm"]);
    let digest = digest_of(&project.path("plugins/faulty.wasm"));
    project.assert_refused(
        &["run", "--locked", "plugins/faulty.wasm"],
        4,
        &["is not locked", &digest],
    );
    project.done(&["run", "--locked", "--no-history", "plugins/noop.wasm"]);
}

#[test]
fn a_plugin_that_is_pinned_and_not_fetched_is_named_with_what_to_do() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    fs::remove_file(project.cached("plugins/noop.wasm")).expect("a file");
    project.assert_refused(&RUN, 4, &["noop", "not in the cache", "host fetch"]);
    project.done(&["fetch"]);
    project.done(&RUN);
}

#[test]
fn a_plugin_that_was_built_anew_is_pinned_by_an_update_that_says_so() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    let nothing = project.done(&["update"]);
    assert!(
        nothing.stderr.contains("nothing is other"),
        "{}",
        nothing.stderr
    );
    let plugin = project.path("plugins/noop.wasm");
    make_other(&plugin);
    let before = fs::read(project.path("assay.lock")).expect("a lock");
    let dry = project.done(&["update", "--dry-run"]);
    let digest = digest_of(&plugin);
    assert!(dry.stderr.contains(&digest), "{}", dry.stderr);
    assert_eq!(
        fs::read(project.path("assay.lock")).expect("a lock"),
        before
    );
    project.done(&["update", "noop"]);
    project.done(&["run", "--locked", "--no-history", "plugins/noop.wasm"]);
    project.assert_refused(&["update", "nop"], 2, &["did you mean `noop`?"]);
}

#[test]
fn a_lock_can_grow_and_two_files_of_one_suite_are_refused_by_their_names() {
    let project = Project::new();
    project.done(&["lock", "plugins/noop.wasm"]);
    project.done(&["lock", "--add", "plugins/faulty.wasm"]);
    let lock = fs::read_to_string(project.path("assay.lock")).expect("a lock");
    for name in NAMES {
        assert!(lock.contains(&format!("./plugins/{name}.wasm")), "{lock}");
    }
    let (noop, other) = ("plugins/noop.wasm", "plugins/other.wasm");
    fs::copy(project.path(noop), project.path(other)).expect("a copy");
    let lock = ["lock", "plugins"];
    project.assert_refused(&lock, 4, &[noop, other, "are the same plugin"]);
    make_other(&project.path(other));
    project.assert_refused(&lock, 4, &[noop, other, "has the suite `noop`"]);
}

#[test]
fn only_what_a_trusted_key_signed_runs_where_that_is_demanded() {
    let project = Project::new();
    let key = project.done(&["key", "key.pem"]).stdout;
    assert_eq!(project.done(&["key", "key.pem"]).stdout, key);
    let toml = fs::read_to_string(project.path("assay.toml")).expect("a file");
    let demand = |policy: &str| {
        let signatures = format!(
            "[signatures]\npolicy = {policy:?}\nkeys = [{:?}]\n",
            key.trim()
        );
        fs::write(project.path("assay.toml"), format!("{toml}{signatures}")).expect("a file");
    };
    let quiet = project.done(&["lock", "plugins"]);
    assert!(!quiet.stderr.contains("warning"), "{}", quiet.stderr);
    demand("require");
    let warned = project.done(&["lock", "plugins"]).stderr;
    for told in [
        "`noop` will not run with `--locked`: it is not signed",
        "host lock --sign",
    ] {
        assert!(warned.contains(told), "{warned}");
    }
    project.assert_refused(&RUN, 4, &["may not run", "not signed"]);
    demand("warn");
    let warned = project.done(&RUN);
    assert!(
        warned.stderr.contains("nobody vouches for `noop`"),
        "{}",
        warned.stderr
    );
    demand("require");
    let signed = project.done(&["lock", "plugins", "--sign", "key.pem"]);
    assert!(!signed.stderr.contains("warning"), "{}", signed.stderr);
    let signed = project.done(&RUN);
    assert!(!signed.stderr.contains("vouches"), "{}", signed.stderr);
    let verified = project.done(&["verify"]);
    assert_eq!(
        verified.stdout.matches(key.trim()).count(),
        2,
        "{}",
        verified.stdout
    );
}

#[test]
fn a_plugin_whose_outline_is_kept_is_refused_as_well_if_it_is_not_locked() {
    let project = Project::new();
    project.done(&["list", "plugins/faulty.wasm"]);
    project.done(&["lock", "plugins/noop.wasm"]);
    for command in ["list", "inspect"] {
        let arguments = [command, "--locked", "plugins/faulty.wasm"];
        project.assert_refused(&arguments, 4, &["is not locked"]);
    }
}

#[test]
fn a_name_that_is_pinned_is_not_taken_over_by_another_source() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    fs::copy(
        project.path("plugins/noop.wasm"),
        project.path("other.wasm"),
    )
    .expect("a copy");
    make_other(&project.path("other.wasm"));
    let arguments = ["lock", "--add", "other.wasm"];
    project.assert_refused(
        &arguments,
        4,
        &["`noop` is pinned already", "plugins/noop.wasm"],
    );
    // A source whose plugin calls itself otherwise now does not choose other grants.
    fs::copy(
        project.path("plugins/faulty.wasm"),
        project.path("plugins/noop.wasm"),
    )
    .expect("a copy");
    make_other(&project.path("plugins/noop.wasm"));
    project.assert_refused(&["update", "noop"], 4, &["`noop`", "calls itself `faulty`"]);
}

#[test]
fn a_plugin_that_is_locked_again_keeps_its_signatures_and_is_no_other() {
    let project = Project::new();
    project.done(&["lock", "plugins", "--sign", &key(&project)]);
    let lock = fs::read(project.path("assay.lock")).expect("a lock");
    for again in [
        &["lock", "plugins"][..],
        &["lock", "--add", "plugins/noop.wasm"],
    ] {
        let told = project.done(again);
        assert!(!told.stderr.contains("instead of"), "{}", told.stderr);
        assert_eq!(fs::read(project.path("assay.lock")).expect("a lock"), lock);
    }
}

/// A new key of a project.
fn key(project: &Project) -> String {
    project.done(&["key", "key.pem"]);
    project.path("key.pem").display().to_string()
}
