//! Compose projects that stay up when the command that brought them up has ended.

use std::fs;

use assay_host::environment::{identity::Identity, trace::Trace};
use rustix::process::Signal;
use serde_json::Value;

use super::{
    killed::place,
    project::{TestProject, is_possible},
};
use crate::killed::{Place, eventually};

/// What the keeper says of itself.
fn record(place: &Place) -> Value {
    let text = fs::read(place.path().join(".assay/environment/own.json")).expect("a record");
    serde_json::from_slice(&text).expect("JSON")
}

fn up(place: &Place) -> Identity {
    let (exit, _, error) = place.tell(&["environment", "up"]);
    assert_eq!(exit, Some(0), "{error}");
    serde_json::from_value(record(place)["keeper"].clone()).expect("an identity")
}

/// A place whose keeper brought the project up and was killed with SIGKILL.
fn left_by_a_killed_keeper(project: &TestProject) -> (Place, Trace) {
    let place = place(project);
    let keeper = up(&place);
    keeper.signal(Signal::KILL).expect("it lives");
    eventually("the keeper has ended", || !keeper.lives());
    (place, Trace::of(keeper))
}

#[test]
fn a_project_that_is_kept_goes_when_it_is_taken_down() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let place = place(&project);
    let keeper = up(&place);
    assert_eq!(record(&place)["project"], Value::from(project.name.clone()));
    let (exit, told, _) = place.tell(&["doctor"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("is kept up by process"), "{told}");
    assert!(!project.traces().is_empty());
    let (_, table, _) = place.tell(&["environment", "status"]);
    assert!(table.contains("container  ready"), "{table}");
    let (exit, unsets, told) = place.tell(&["environment", "down"]);
    assert_eq!(exit, Some(0), "{told}");
    assert_eq!(unsets, "unset ASSAY_SERVICE_CACHE_URL\n");
    assert_eq!(project.remains(), [""; 0]);
    place.assert_clean(&Trace::of(keeper));
}

#[test]
fn a_project_whose_keeper_was_killed_goes_with_a_heal() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let (place, trace) = left_by_a_killed_keeper(&project);
    let (exit, told, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(0), "{told}{error}");
    assert_eq!(project.remains(), [""; 0]);
    place.assert_clean(&trace);
}

#[test]
fn a_project_that_somebody_made_anew_is_not_the_one_that_a_killed_host_had_brought_up() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let (place, trace) = left_by_a_killed_keeper(&project);
    project.remove();
    project.raise();
    let before = project.traces();
    let (exit, told, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(0), "{told}{error}");
    assert_eq!(project.traces(), before);
    place.assert_clean(&trace);
}

#[tokio::test]
async fn what_another_host_uses_meanwhile_is_not_healed() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let (place, _) = left_by_a_killed_keeper(&project);
    let user = project.up().await.expect("it is up");
    let (exit, _, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(6), "{error}");
    assert!(error.contains("is in use by another host"), "{error}");
    assert!(!project.traces().is_empty());
    user.down().await;
    // The claim goes with it.
    drop(user);
    assert_eq!(place.tell(&["heal"]).0, Some(0));
    assert_eq!(project.remains(), [""; 0]);
}
