//! Whose a pinned plugin is, and what it may do by that.

use std::fs;

use tempfile::TempDir;

use super::{Project, make_other};

#[test]
fn a_restriction_of_a_plugin_holds_under_each_name_that_it_goes_by() {
    let inspected = |table: &str, locked: bool| {
        let project = Project::with(&format!("[grants.{table}]\nattachments = true\n"));
        let (old, new) = ("plugins/noop.wasm", "plugins/no_op.wasm");
        fs::rename(project.path(old), project.path(new)).expect("a file");
        if locked {
            project.done(&["lock", new]);
            make_other(&project.path(new));
        }
        let told = project
            .command(&["inspect", new])
            .env_remove("ASSAY_TRUST")
            .output();
        String::from_utf8_lossy(&told.expect("the host starts").stdout).into_owned()
    };
    for table in ["noop", "no_op"] {
        for locked in [false, true] {
            let told = inspected(table, locked);
            assert!(
                told.contains("granted: attachments = true"),
                "{table} {locked}: {told}"
            );
        }
    }
    assert!(inspected("other", false).contains("which may do everything"));
}

#[test]
fn other_bytes_under_the_name_of_a_locked_plugin_have_nothing_of_its_grants() {
    let project = Project::with("[grants.noop]\nattachments = true\n");
    project.done(&["lock", "plugins"]);
    let elsewhere = TempDir::new().expect("a temporary folder");
    let stranger = elsewhere.path().join("noop.wasm");
    fs::copy(project.path("plugins/noop.wasm"), &stranger).expect("a copy");
    make_other(&stranger);
    let stranger = stranger.display().to_string();
    let told = project
        .command(&["inspect", &stranger])
        .env_remove("ASSAY_TRUST")
        .output();
    let told = String::from_utf8_lossy(&told.expect("the host starts").stdout).into_owned();
    assert!(told.contains("grants it nothing"), "{told}");
}

#[test]
fn what_is_pinned_from_the_projects_own_folder_is_its_own_in_the_cache_too() {
    let project = Project::new();
    project.done(&["lock", "plugins"]);
    for is_there in [true, false] {
        if !is_there {
            fs::remove_dir_all(project.path("plugins")).expect("a folder");
        }
        let cached = project.path(".assay/plugins/blobs/sha256");
        for entry in fs::read_dir(cached).expect("the cache") {
            let file = entry.expect("a file").path().display().to_string();
            let told = project
                .command(&["inspect", &file])
                .env_remove("ASSAY_TRUST")
                .output();
            let told = String::from_utf8_lossy(&told.expect("the host starts").stdout).into_owned();
            assert!(
                told.contains("which may do everything"),
                "{is_there}: {told}"
            );
        }
    }
}

#[test]
fn a_link_in_the_projects_folder_that_leads_out_of_it_makes_nothing_the_projects_own() {
    let project = Project::new();
    let inspected = || {
        let told = project
            .command(&["inspect", "plugins/noop.wasm"])
            .env_remove("ASSAY_TRUST")
            .output();
        String::from_utf8_lossy(&told.expect("the host starts").stdout).into_owned()
    };
    assert!(inspected().contains("which may do everything"));
    let elsewhere = TempDir::new().expect("a temporary folder");
    let real = elsewhere.path().join("real.wasm");
    fs::rename(project.path("plugins/noop.wasm"), &real).expect("a file");
    std::os::unix::fs::symlink(&real, project.path("plugins/noop.wasm")).expect("a link");
    // Of its bytes everything is known by now, and nothing of its place.
    assert!(inspected().contains("grants it nothing"));
}
