//! The alert of broken numbers: raised for its project, once, until the numbers are repaired or somebody resolves it.

use assay_client::{Alert, Api, User};
use assay_sdk::prelude::*;

use crate::episodes::create_many;

const RULE: &str = "episode-integrity";
/// How long the service may take to look by itself; it is started to do so every 50 ms.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often what was raised is evaluated again.
const AGAIN: usize = 5;

/// Broken numbers raise one critical alert that names their project, without being asked, and the repair ends it
#[case(tags = ["alerts", "integrity"], timeout = "20s", needs = ["project-service-monitored"])]
async fn broken_numbers_raise_one_alert_of_their_project(api: Api) -> Result<()> {
    let user = api.user("operator");
    let broken = user.temporary_project("raises an alert").await?.id;
    let healthy = user.temporary_project("raises none").await?.id;
    create_many(&user, &healthy, 2).await?;
    user.insert_episode(&broken, 3).await?;
    let raised = alert_without_asking(&user, &broken).await?;
    check_eq!(raised.rule_id, RULE);
    check_eq!(raised.severity, "critical");
    check_eq!(
        (raised.value, raised.threshold),
        (2.0, 0.0),
        "two numbers are missing"
    );
    check!(
        raised.description.contains(&broken),
        "it says of which project"
    );
    check_eq!(raised.resolved_at, None);

    for _ in 0..AGAIN {
        let check = user.check_alerts().await?;
        check!(!mentions(&check.raised, &broken), "it is not raised again");
        check!(check.firing().contains(&RULE), "its rule goes on firing");
    }
    check_eq!(
        alerts_of(&user, &broken).await?,
        [raised],
        "there is one, as it was raised"
    );
    check_eq!(
        alerts_of(&user, &healthy).await?,
        [],
        "the healthy project has none"
    );

    user.fix_gaps(&broken, false).await?;
    eventually(PATIENCE, || async {
        ensure_eq!(
            alerts_of(&user, &broken).await?,
            [],
            "the repair ends the alert"
        );
        Ok(())
    })
    .await
}

/// An alert is resolved by the very id that is listed; it comes again only after its condition was gone, and then as a new one
#[case(tags = ["alerts"], timeout = "20s", needs = ["project-service-monitored"])]
async fn an_alert_is_resolved_by_the_id_that_is_listed(api: Api) -> Result<()> {
    let user = api.user("operator");
    let project = user.temporary_project("resolved by hand").await?.id;
    user.insert_episode(&project, 2).await?;
    let raised = alert_without_asking(&user, &project).await?;

    let resolved = user.resolve_alert(&raised.alert_id).await?;
    let resolved = resolved.context("the id that is listed is known")?;
    check_eq!(resolved.alert_id, raised.alert_id);
    check!(
        resolved.resolved_at.is_some(),
        "it says when it was resolved"
    );
    check_eq!(
        alerts_of(&user, &project).await?,
        [],
        "it is no longer active"
    );
    let again = user.resolve_alert(&raised.alert_id).await?;
    check_eq!(again, None, "it cannot be resolved twice");
    for _ in 0..AGAIN {
        let check = user.check_alerts().await?;
        check!(
            !mentions(&check.raised, &project),
            "the same gap is no new alert"
        );
    }

    user.fix_gaps(&project, false).await?;
    user.check_alerts().await?;
    user.insert_episode(&project, 1).await?;
    let anew = alert_without_asking(&user, &project).await?;
    check!(
        anew.alert_id != raised.alert_id,
        "what is broken again is a new alert"
    );
    Ok(())
}

/// An id that no alert has resolves nothing
#[case(tags = ["alerts"], timeout = "20s", needs = ["project-service-monitored"])]
async fn an_unknown_alert_cannot_be_resolved(api: Api) -> Result<()> {
    let user = api.user("operator");
    let project = user.temporary_project("stays unresolved").await?.id;
    user.insert_episode(&project, 2).await?;
    let raised = alert_without_asking(&user, &project).await?;
    let by_rule = format!("{RULE}_{project}");
    for id in ["alert_00000000-0000-4000-8000-000000000000", &by_rule, RULE] {
        check_eq!(user.resolve_alert(id).await?, None, "{id} is no alert's id");
    }
    check_eq!(
        alerts_of(&user, &project).await?,
        [raised],
        "the alert is as it was"
    );
    Ok(())
}

/// The one alert of a project, which the service raises by itself.
async fn alert_without_asking(user: &User, project: &str) -> Result<Alert> {
    eventually(PATIENCE, || async {
        let mut alerts = alerts_of(user, project).await?;
        ensure_eq!(alerts.len(), 1, "the project has one alert");
        Ok(alerts.remove(0))
    })
    .await
}

async fn alerts_of(user: &User, project: &str) -> Result<Vec<Alert>> {
    let mut alerts = user.active_alerts().await?;
    alerts.retain(|alert| is_of(alert, project));
    Ok(alerts)
}

fn mentions(alerts: &[Alert], project: &str) -> bool {
    alerts.iter().any(|alert| is_of(alert, project))
}

fn is_of(alert: &Alert, project: &str) -> bool {
    alert.project_id.as_deref() == Some(project)
}
