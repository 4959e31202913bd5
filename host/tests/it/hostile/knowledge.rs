//! What a stranger asks about others: their settings, their secrets, their services, and faults on those.

use super::{
    answers::{Refused, assert_contained, assert_granted, events, refusals, refused, told},
    project::Project,
};

/// A service that the host starts, and a link to it.
const ENVIRONMENT: &str = r#"
[environments.hostile.services.cache]
command = ["{exe-dir}/reference", "cache", "--listen", "127.0.0.1:{port}"]
ready-line = "listening on "
scheme = "redis"
[environments.hostile.links]
"client->cache" = {}
"#;
/// The secret of this suite, and the setting of another one.
const HUSH: &str = "hush-4c1f-hush";
const SHOP: &str = "shop-9b7e-shop";

fn project() -> Project {
    Project::new().granting("load", r#"{ vus = 2, duration = "20s" }"#)
}

#[test]
fn settings_of_others_and_secrets_are_refused_to_cases_and_virtual_users() {
    let names = [
        "shop",
        "shop.token",
        "hostile.token",
        "hostile",
        "hostile.token.more",
        "*",
        "shop.*",
        "hostile.missing",
        "missing",
        "HOSTILE.token",
        "hostile..token",
        " hostile.token",
        ".shop",
    ];
    let tables =
        format!("[settings.shop]\ntoken = \"{SHOP}\"\n[redact]\nsettings = [\"hostile.token\"]\n");
    let mut project = project()
        .having(&tables)
        .told("token", HUSH)
        .told("names", &names);
    let answer = project.run(&["reads-settings"]);
    assert_contained(&answer, "reads-settings");
    assert_eq!(
        refusals(&answer, "reads-settings"),
        [
            refused("setting", "shop", "settings = [\"shop\"]", 2),
            refused("setting", "shop.token", "settings = [\"shop.token\"]", 2),
            refused(
                "secret",
                "hostile.token",
                "secrets = [\"hostile.token\"]",
                4
            ),
        ]
    );
    let read = told(&answer, "reads-settings");
    let read: Vec<_> = read
        .iter()
        .filter(|line| line.starts_with("done: "))
        .collect();
    assert_eq!(read, ["done: load reads"], "nothing was read");
    let log = std::fs::read_to_string(answer.folder().join("events.jsonl")).unwrap();
    assert!(!log.contains(HUSH) && !log.contains(SHOP));
    project.grant_what_was_refused(&answer);
    let answer = project.run(&["reads-settings"]);
    assert_granted(&answer, "reads-settings");
    let read = told(&answer, "reads-settings");
    for name in &names[..4] {
        let line = format!("done: setting {name}");
        let times = read.iter().filter(|told| **told == line).count();
        assert_eq!(times, 2, "{name}: {read:?}");
    }
}

#[test]
fn a_service_that_is_not_granted_tells_nothing_and_its_line_opens_it() {
    let mut project = project()
        .having(ENVIRONMENT)
        .told("services", &["cache", "client->cache", "nobody", "*", "->"]);
    let answer = project.run(&["looks-at-services"]);
    assert_contained(&answer, "looks-at-services");
    for line in told(&answer, "looks-at-services") {
        let refused = line.contains("denied: ") || line.starts_with("nothing: ");
        assert!(refused, "{line}");
    }
    let subjects = |kind: &str| -> Vec<Refused> {
        let all = refusals(&answer, "looks-at-services").into_iter();
        all.filter(|refusal| refusal.kind == kind).collect()
    };
    let services = subjects("service");
    assert_eq!(
        services[0],
        refused("service", "cache", "services = [\"cache\"]", 4)
    );
    // That there is no such service is not told either; and nobody is proposed to grant all.
    assert_eq!(services[1].subject, "nobody");
    assert_eq!(
        (services[2].subject.as_str(), services[2].grant.as_str()),
        ("*", "")
    );
    assert!(
        subjects("link")
            .iter()
            .all(|link| !link.grant.contains('*'))
    );
    project.grant_what_was_refused(&answer);
    let project = project.told("services", &["cache"]);
    let answer = project.run(&["looks-at-services"]);
    assert_granted(&answer, "looks-at-services");
    let told = told(&answer, "looks-at-services");
    assert!(
        told.iter().all(|line| line.starts_with("done: ")),
        "{told:?}"
    );
}

#[test]
fn a_fault_that_is_not_granted_is_not_made_and_one_that_is_left_behind_is_healed() {
    let mut project = project()
        .having(ENVIRONMENT)
        .told("services", &["cache"])
        .told("links", &["client->cache"]);
    let answer = project.run(&["makes-faults"]);
    assert_contained(&answer, "makes-faults");
    let subjects: Vec<_> = refusals(&answer, "makes-faults")
        .into_iter()
        .map(|refusal| (refusal.kind, refusal.subject))
        .collect();
    let expected = [
        "pause on cache",
        "restart on cache",
        "reset on client->cache",
    ];
    assert_eq!(
        subjects,
        expected.map(|subject| ("fault".to_owned(), subject.to_owned()))
    );
    assert!(events(&answer, "fault_injected").is_empty());
    assert!(events(&answer, "fault_failed").is_empty());
    project.grant_what_was_refused(&answer);
    let answer = project.run(&["makes-faults"]);
    assert_eq!(refusals(&answer, "makes-faults"), [], "{}", answer.seen());
    let made = events(&answer, "fault_injected").len();
    assert!(made > 0, "{}", answer.seen());
    assert_eq!(
        events(&answer, "fault_healed").len(),
        made,
        "the host healed them"
    );
}

#[test]
fn a_kind_of_fault_grants_no_service_and_a_service_grants_no_fault() {
    for (key, value, subject, line) in [
        (
            "faults",
            r#"["pause", "restart"]"#,
            "cache",
            "services = [\"cache\"]",
        ),
        (
            "services",
            r#"["cache"]"#,
            "pause on cache",
            "faults = [\"pause\"]",
        ),
    ] {
        let answer = project()
            .having(ENVIRONMENT)
            .told("services", &["cache"])
            .granting(key, value)
            .run(&["makes-faults"]);
        assert_contained(&answer, "makes-faults");
        let first = &refusals(&answer, "makes-faults")[0];
        assert_eq!(
            (first.subject.as_str(), first.grant.as_str()),
            (subject, &*format!("grants.hostile.{line}"))
        );
        assert!(events(&answer, "fault_injected").is_empty());
    }
}
