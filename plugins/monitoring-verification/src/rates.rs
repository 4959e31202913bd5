//! The alerts of rates and times: above their threshold and not at it, once, with the right rule and severity, and none for healthy data.
//!
//! The service is started with thresholds that can be reached: 20 % failures, 5 % conflicts, a P95 of 2 s.

use assay_client::{Alert, Api, Interference, NewEpisode, Service, User};
use assay_sdk::prelude::*;
use serde_json::json;

use crate::episodes::{conflict, create, create_many, create_with_key, fail, key, quiet};

/// How often what was raised is evaluated again.
const AGAIN: usize = 5;

/// What a rule is to say.
struct Expected {
    rule: &'static str,
    severity: &'static str,
    threshold: f64,
}

const FAILURES: Expected = Expected {
    rule: "episode-failure-rate",
    severity: "warning",
    threshold: 20.0,
};
const LATENCY: Expected = Expected {
    rule: "episode-creation-latency",
    severity: "warning",
    threshold: 2.0,
};
const CONFLICTS: Expected = Expected {
    rule: "episode-conflict-rate",
    severity: "critical",
    threshold: 5.0,
};

/// 2 failures of 10 are 20 % and raise nothing; the third raises one warning, which ends when successes bring the rate back to 20 %
#[case(tags = ["alerts"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn failures_raise_an_alert_above_their_threshold(api: Api) -> Result<()> {
    let user = api.user("operator");
    quiet(&user).await?;
    let project = user.temporary_project("failures").await?.id;
    create_many(&user, &project, 8).await?;
    for _ in 0..2 {
        fail(&user, &project).await?;
    }
    check_silent(&user, &FAILURES, Some(20.0), 10).await?;
    fail(&user, &project).await?;
    check_raised(&user, &FAILURES, 300.0 / 11.0).await?;
    create_many(&user, &project, 4).await?;
    check_silent(&user, &FAILURES, Some(20.0), 15).await?;
    let numbers: Vec<u64> = user
        .episodes(&project)
        .await?
        .iter()
        .map(|episode| episode.number)
        .collect();
    check_eq!(
        numbers,
        (1..=12).collect::<Vec<u64>>(),
        "failures have used no number"
    );
    Ok(())
}

/// One slow creation raises one warning, which ends when the 19th fast one makes it less than one of twenty
#[case(tags = ["alerts"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn slow_creations_raise_an_alert_above_their_threshold(api: Api) -> Result<()> {
    let user = api.user("operator");
    quiet(&user).await?;
    let project = user.temporary_project("slow").await?.id;
    delay(&user, 100).await?;
    create(&user, &project).await?;
    let reading = reading(&user, &LATENCY).await?;
    check!(
        reading >= Some(0.1),
        "a delay of 0.1 s is in the P95: {reading:?}"
    );
    check_no_alert(&user, &LATENCY).await?;
    user.forget_operations().await?;

    delay(&user, 2_100).await?;
    create(&user, &project).await?;
    delay(&user, 0).await?;
    check_raised(&user, &LATENCY, 2.1).await?;
    create_many(&user, &project, 18).await?;
    check_raised(&user, &LATENCY, 2.1).await?;
    create(&user, &project).await?;
    check_no_alert(&user, &LATENCY).await
}

/// 1 conflict of 20 is 5 % and raises nothing; the second raises one critical alert, which ends when successes bring the rate back to 5 %
#[case(tags = ["alerts"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn conflicts_raise_an_alert_above_their_threshold(api: Api) -> Result<()> {
    let user = api.user("operator");
    quiet(&user).await?;
    let project = user.temporary_project("conflicts").await?.id;
    let key = key(&user);
    let made = create_with_key(&user, &project, &key, "# The first").await?;
    ensure_eq!(made.status(), 201);
    create_many(&user, &project, 18).await?;
    conflict(&user, &project, &key).await?;
    check_silent(&user, &CONFLICTS, Some(5.0), 20).await?;
    conflict(&user, &project, &key).await?;
    check_raised(&user, &CONFLICTS, 200.0 / 21.0).await?;
    create_many(&user, &project, 19).await?;
    check_silent(&user, &CONFLICTS, Some(5.0), 40).await
}

/// Creations at once, repeats, deletions and the client's own mistakes are healthy, and raise no alert however often the rules are evaluated
#[case(tags = ["alerts"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn healthy_data_raise_no_alert(api: Api) -> Result<()> {
    let user = api.user("operator");
    quiet(&user).await?;
    check_all_silent(&user, "without an operation").await?;
    let project = user.temporary_project("healthy").await?.id;
    let users: Vec<User> = (1..=10)
        .map(|number| api.user(format!("author {number}")))
        .collect();
    try_join_all(users.iter().map(|user| create(user, &project))).await?;
    check_all_silent(&user, "after creations at once").await?;

    let key = key(&user);
    for expected in [201, 200, 200] {
        let answer = create_with_key(&user, &project, &key, "# The same").await?;
        check_eq!(answer.status(), expected, "a repeat is no conflict");
    }
    let mistakes = format!("/projects/{project}/episodes");
    let nobody = "/projects/proj_00000000-0000-4000-8000-000000000000/episodes";
    for (path, body, expected) in [
        (mistakes.as_str(), json!({}), 422),
        (nobody, json!({"script": {"markdown": "m"}}), 404),
    ] {
        let request = user.request("POST", Service::Project, path).json(&body);
        check_eq!(request.send().await?.status(), expected);
    }
    let last = user
        .create_episode(&project, &NewEpisode::new("To be deleted", "# Soon gone"))
        .await?;
    user.delete_episode(&project, &last.id).await?;
    check_all_silent(&user, "after repeats, mistakes and a deletion").await?;
    let stats = user.performance().await?;
    check_eq!(
        (stats.operations, stats.failed, stats.conflicts),
        (12, 0, 0),
        "repeats and mistakes are no operations"
    );
    Ok(())
}

async fn delay(user: &User, delay_ms: u64) -> Result<()> {
    user.interfere(Interference {
        delay_ms,
        ..Interference::default()
    })
    .await
}

/// No rule fires, and no alert is there, however often it is looked.
async fn check_all_silent(user: &User, when: &str) -> Result<()> {
    for _ in 0..AGAIN {
        let check = user.check_alerts().await?;
        check_eq!(check.firing(), [""; 0], "no rule fires {when}");
        check_eq!(check.raised, [], "no alert is raised {when}");
    }
    check_eq!(user.active_alerts().await?, [], "no alert is active {when}");
    Ok(())
}

/// The rule has measured exactly this of so many operations, and has no alert.
async fn check_silent(
    user: &User,
    expected: &Expected,
    value: Option<f64>,
    operations: u64,
) -> Result<()> {
    let check = user.check_alerts().await?;
    let reading = check.rule(expected.rule).context("the rule is there")?;
    check_eq!(
        (reading.value, reading.operations, reading.threshold),
        (value, operations, expected.threshold),
        "{} has measured what was done",
        expected.rule
    );
    check!(
        !reading.firing,
        "at its threshold {} is silent",
        expected.rule
    );
    check_eq!(check.firing(), [""; 0], "no other rule fires");
    check_no_alert(user, expected).await
}

async fn reading(user: &User, expected: &Expected) -> Result<Option<f64>> {
    let check = user.check_alerts().await?;
    let reading = check.rule(expected.rule).context("the rule is there")?;
    Ok(reading.value)
}

async fn check_no_alert(user: &User, expected: &Expected) -> Result<()> {
    user.check_alerts().await?;
    let active = alerts(user, expected).await?;
    check_eq!(active, [], "{} has no alert", expected.rule);
    Ok(())
}

/// The rule, and no other, has raised one alert of this value at least, and goes on having the same one.
async fn check_raised(user: &User, expected: &Expected, at_least: f64) -> Result<()> {
    let firing = user.check_alerts().await?;
    check_eq!(
        firing.firing(),
        [expected.rule],
        "this rule fires and no other"
    );
    let raised = alerts(user, expected).await?;
    ensure_eq!(raised.len(), 1, "{} has one alert", expected.rule);
    let alert = &raised[0];
    check_eq!(alert.severity, expected.severity);
    check_eq!(alert.project_id, None, "it is about no project");
    check_eq!(alert.threshold, expected.threshold);
    check!(
        alert.value > expected.threshold && alert.value >= at_least - 1e-9,
        "it says what was measured: {}",
        alert.value
    );
    for _ in 0..AGAIN {
        let again = user.check_alerts().await?;
        check_eq!(again.raised, [], "it is not raised again");
    }
    check_eq!(
        alerts(user, expected).await?,
        raised,
        "there is still the same one"
    );
    Ok(())
}

async fn alerts(user: &User, expected: &Expected) -> Result<Vec<Alert>> {
    let mut alerts = user.active_alerts().await?;
    alerts.retain(|alert| alert.rule_id == expected.rule);
    Ok(alerts)
}
