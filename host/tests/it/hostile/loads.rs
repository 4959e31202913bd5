//! More load than is granted: with more users, faster, longer, without an end, and by many loads where one is granted.

use super::{
    answers::{assert_contained, assert_granted, events, refusals, refused, told},
    project::Project,
};

/// A project that grants a little load.
fn project() -> Project {
    let load = r#"{ vus = 2, rate = 10, duration = "1s" }"#;
    Project::new().granting("load", load)
}

#[test]
fn a_load_beyond_its_ceiling_never_begins_and_the_refusal_has_the_ceiling_that_would_do() {
    let cases = [
        (
            "has-too-many-users",
            r#"{ vus = 50, duration = "1s" }"#,
            r#"{ vus = 50, rate = 10, duration = "1s" }"#,
        ),
        (
            "starts-too-fast",
            r#"{ vus = 2, rate = 500, duration = "100ms" }"#,
            r#"{ vus = 2, rate = 500, duration = "1s" }"#,
        ),
        (
            "becomes-too-fast",
            r#"{ vus = 2, rate = 500, duration = "200ms" }"#,
            r#"{ vus = 2, rate = 500, duration = "1s" }"#,
        ),
        (
            "takes-too-long",
            r#"{ vus = 1, duration = "1day" }"#,
            r#"{ vus = 2, rate = 10, duration = "1day" }"#,
        ),
    ];
    let names = cases.map(|(name, ..)| name);
    let answer = project().run(&names);
    for (name, wanted, ceiling) in cases {
        assert_contained(&answer, name);
        let line = format!("load = {ceiling}");
        assert_eq!(refusals(&answer, name), [refused("load", wanted, &line, 1)]);
    }
    assert!(events(&answer, "load_started").is_empty());
}

#[test]
fn the_line_of_a_refused_load_grants_it() {
    let cases = ["has-too-many-users", "starts-too-fast", "becomes-too-fast"];
    for case in cases {
        let mut project = project();
        let answer = project.run(&[case]);
        assert_contained(&answer, case);
        project.grant_what_was_refused(&answer);
        assert_granted(&project.run(&[case]), case);
    }
}

#[test]
fn a_load_without_a_clock_is_stopped_at_its_ceiling() {
    let answer = project().run(&["has-no-clock"]);
    assert_contained(&answer, "has-no-clock");
    let line = r#"load = { vus = 2, rate = 10, duration = "2s" }"#;
    let expected = refused("load", r#"{ vus = 1, duration = "2s" }"#, line, 1);
    assert_eq!(refusals(&answer, "has-no-clock"), [expected]);
    let told = told(&answer, "has-no-clock");
    assert!(told[0].contains("denied: "), "{told:?}");
}

#[test]
fn a_warm_up_is_part_of_the_duration() {
    let answer = project()
        .with(&["--timeout", "3s"])
        .run(&["is-warmed-up-too-long"]);
    assert_contained(&answer, "is-warmed-up-too-long");
    assert!(events(&answer, "load_started").is_empty());
}

#[test]
fn many_loads_at_once_are_together_no_more_than_one() {
    let answer = project().run(&["makes-many-loads-at-once"]);
    assert_contained(&answer, "makes-many-loads-at-once");
    let told = told(&answer, "makes-many-loads-at-once");
    let done = told
        .iter()
        .filter(|line| line.starts_with("done: "))
        .count();
    assert_eq!(done, 1, "{told:?}");
}

#[test]
fn a_virtual_user_makes_no_load() {
    let answer = project().run(&["multiplies"]);
    assert_granted(&answer, "multiplies");
    let told = told(&answer, "multiplies");
    let users: Vec<_> = told
        .iter()
        .filter(|line| line.contains("load of a load"))
        .collect();
    assert_eq!(users.len(), 2, "{told:?}");
    assert!(
        users.iter().all(|line| line.contains("unsupported")),
        "{users:?}"
    );
    assert_eq!(events(&answer, "load_started").len(), 1);
}
