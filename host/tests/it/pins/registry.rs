//! Plugins of an OCI registry: Debian's, on loopback.

use std::fs;

use assay_test_server::registry::Registry;

use super::{Project, RUN, flip, make_other};

/// A registry that has the suite `noop`, a project that pins it from there, and what its plugin is.
fn pinned() -> Option<(Registry, Project, String)> {
    let registry = Registry::start()?;
    let project = Project::new();
    let name = format!("oci://{}/suites/noop:1.0", registry.host);
    let published = project.done(&["publish", "plugins/noop.wasm", &name]);
    let manifest = published.stdout.trim().to_owned();
    assert!(manifest.contains("/suites/noop@sha256:"), "{manifest}");
    project.done(&["lock", &name]);
    fs::remove_dir_all(project.path(".assay")).expect("a folder");
    let digest = super::digest_of(&project.path("plugins/noop.wasm"));
    Some((registry, project, digest))
}

#[test]
fn what_is_published_is_pinned_fetched_and_run() {
    let Some((registry, project, digest)) = pinned() else {
        return;
    };
    project.assert_refused(&RUN, 4, &["not in the cache", &digest]);
    let fetched = project.done(&["fetch"]);
    assert!(
        fetched.stderr.contains(&registry.host),
        "{}",
        fetched.stderr
    );
    project.done(&RUN);
    drop(registry);
    project.done(&RUN);
    let again = project.done(&["fetch"]);
    assert!(again.stderr.contains("is there"), "{}", again.stderr);
}

#[test]
fn a_blob_that_somebody_changed_in_the_registry_is_refused_with_both_digests() {
    let Some((registry, project, digest)) = pinned() else {
        return;
    };
    let blob = registry.blob(&digest);
    flip(&blob);
    let got = super::digest_of(&blob);
    project.assert_refused(&["fetch"], 4, &[&digest, &got]);
    project.assert_refused(&RUN, 4, &["not in the cache"]);
}

#[test]
fn a_tag_that_was_moved_changes_nothing_but_what_an_update_finds() {
    let Some((registry, project, digest)) = pinned() else {
        return;
    };
    let name = format!("oci://{}/suites/noop:1.0", registry.host);
    let (noop, file) = (
        project.path("plugins/noop.wasm"),
        project.path("moved.wasm"),
    );
    fs::copy(noop, &file).expect("a copy");
    make_other(&file);
    project.done(&["publish", "moved.wasm", &name]);
    project.done(&["fetch"]);
    project.done(&RUN);
    let moved = super::digest_of(&project.path("moved.wasm"));
    let told = project.done(&["update", "--dry-run"]);
    assert!(
        told.stderr.contains(&digest) && told.stderr.contains(&moved),
        "{}",
        told.stderr
    );
    project.done(&["update"]);
    let verified = project.done(&["verify"]);
    assert!(verified.stdout.contains(&moved), "{}", verified.stdout);
}

#[test]
fn a_signature_goes_with_a_plugin_through_the_registry() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let project = Project::new();
    let key = project.done(&["key", "key.pem"]).stdout;
    let name = format!("oci://{}/suites/noop:1.0", registry.host);
    project.done(&["publish", "plugins/noop.wasm", &name, "--sign", "key.pem"]);
    project.done(&["lock", &name]);
    let toml = fs::read_to_string(project.path("assay.toml")).expect("a file");
    let demand = format!("{toml}[signatures]\nkeys = [{:?}]\n", key.trim());
    fs::write(project.path("assay.toml"), demand).expect("a file");
    project.done(&RUN);
}

#[test]
fn a_registry_that_wants_a_login_gets_that_of_docker_and_nobody_sees_it() {
    let Some(registry) = Registry::start_guarded() else {
        return;
    };
    let project = Project::new();
    let name = format!("oci://{}/suites/noop:1.0", registry.host);
    let publish = ["publish", "plugins/noop.wasm", &name];
    project.assert_refused(&publish, 4, &["hint"]);
    let logins = format!(
        "{{\"auths\": {{\"{}\": {{\"auth\": \"c29tZWJvZHk6Z2VoZWlt\"}}}}}}",
        registry.host
    );
    fs::write(project.path("config.json"), logins).expect("a file");
    let good = project.done(&publish);
    project.done(&["lock", &name]);
    drop(registry);
    let refused = project.told(&publish);
    assert_ne!(refused.exit, Some(0));
    let lock = fs::read_to_string(project.path("assay.lock")).expect("a lock");
    for text in [
        good.stdout,
        good.stderr,
        refused.stdout,
        refused.stderr,
        lock,
    ] {
        assert!(
            !text.contains("geheim") && !text.contains("c29tZWJvZHk6Z2VoZWlt"),
            "{text}"
        );
    }
}
