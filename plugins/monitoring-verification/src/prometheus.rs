//! A real Prometheus, where the environment has one: it watches the services, knows everything that its rules ask for, and a rule
//! fires and ends with what it is about.

use assay_client::{Api, Service};
use assay_sdk::prelude::*;
use serde_json::Value;

use crate::rules;

/// Scraping and evaluating take a second each; everything else waits for them.
const PATIENCE: Duration = Duration::from_secs(20);
/// The services that it watches.
const WATCHED: [Service; 2] = [Service::Project, Service::Generation];

/// It scrapes both services, and both are up
#[case(tags = ["prometheus"], timeout = "40s", needs = ["prometheus"])]
async fn prometheus_watches_both_services(_api: Api) -> Result<()> {
    for service in WATCHED {
        let query = format!("up{{job=\"{}\"}}", service.name());
        eventually(PATIENCE, || async {
            let up: Vec<f64> = metrics::query(&*query)
                .await?
                .iter()
                .map(|one| one.value)
                .collect();
            ensure_eq!(up, [1.0], "{} is up", service.name());
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// It has loaded every rule, each is sound, and every metric that one names has series
#[case(tags = ["prometheus", "rules"], timeout = "40s", needs = ["prometheus"])]
async fn prometheus_knows_what_its_rules_ask_for(_api: Api) -> Result<()> {
    let answer = ask("/api/v1/rules?type=alert").await?;
    let groups = answer["data"]["groups"].as_array().cloned();
    let groups = groups.context("groups of rules")?;
    let loaded: Vec<&Value> = groups
        .iter()
        .filter_map(|group| group["rules"].as_array())
        .flatten()
        .collect();
    let declared = rules::RULES.matches("- alert:").count();
    check_eq!(loaded.len(), declared, "every rule is loaded");
    for rule in loaded {
        check!(
            rule["health"] != "err",
            "{} is sound: {}",
            rule["name"],
            rule["lastError"]
        );
    }
    for metric in rules::metrics() {
        eventually(PATIENCE, || async {
            let series = metrics::query(format!("count({metric})")).await?;
            ensure!(!series.is_empty(), "{metric} has series");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// A gap makes the rule of broken numbers fire as critical, and the repair ends it
#[case(tags = ["prometheus", "rules"], timeout = "60s", needs = ["prometheus", "project-service"], exclusive)]
async fn a_rule_fires_and_ends(_api: Api) -> Result<()> {
    // Not the service of the other cases: the one that Prometheus watches.
    let user = Api::of_environment()?.user("operator");
    let rule = "EpisodeNumbersBroken";
    eventually(PATIENCE, || async {
        ensure_eq!(firing(rule).await?, [""; 0], "it is silent at first");
        Ok(())
    })
    .await?;
    let project = user.temporary_project("seen by prometheus").await?.id;
    user.insert_episode(&project, 2).await?;
    eventually(PATIENCE, || async {
        ensure_eq!(firing(rule).await?, ["critical"], "it fires once");
        Ok(())
    })
    .await?;
    user.fix_gaps(&project, false).await?;
    eventually(PATIENCE, || async {
        ensure_eq!(firing(rule).await?, [""; 0], "it ends with the repair");
        Ok(())
    })
    .await
}

/// The severities of the alerts of a rule that fire.
async fn firing(rule: &str) -> Result<Vec<String>> {
    let answer = ask("/api/v1/alerts").await?;
    let alerts = answer["data"]["alerts"].as_array().context("alerts")?;
    let of_rule = alerts
        .iter()
        .filter(|alert| alert["labels"]["alertname"] == rule && alert["state"] == "firing");
    of_rule
        .map(|alert| {
            let severity = alert["labels"]["severity"].as_str();
            severity.map(str::to_owned).context("it has a severity")
        })
        .collect()
}

async fn ask(path: &str) -> Result<Value> {
    let url = format!("{}{path}", context::service_url("prometheus")?);
    Ok(http::get(url).send().await?.expect_status(200)?.json()?)
}
