//! The monitoring of the episodes: numbers, figures and alerts are those of what happened.

use serde_json::{Value, json};

use crate::client::Reply;
use crate::system::{Setup, System, eventually};

const BASE: &str = "/api/v1/monitoring/episodes";

async fn watched() -> System {
    let setup = Setup {
        test_hooks: true,
        ..Setup::default()
    };
    setup.start().await
}

impl System {
    pub(crate) async fn watching(&self, path: &str) -> Value {
        let reply = self.projects.get(&format!("{BASE}{path}")).await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
        reply.body["data"].clone()
    }

    /// Evaluates the rules.
    pub(crate) async fn evaluate(&self) -> Value {
        let path = format!("{BASE}/alerts/check");
        let reply = self.projects.call("POST", &path, &[], None).await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
        reply.body["data"].clone()
    }

    pub(crate) async fn resolve(&self, id: &str) -> Reply {
        let path = format!("{BASE}/alerts/{id}/resolve");
        self.projects.call("POST", &path, &[], None).await
    }

    pub(crate) async fn insert(&self, project: &str, numbers: &[u64]) {
        let path = format!("/api/v1/testing/projects/{project}/episodes");
        for number in numbers {
            let reply = self.projects.post(&path, &json!({"number": number})).await;
            assert_eq!(reply.status, 201, "{}", reply.raw);
        }
    }

    pub(crate) async fn interfere(&self, fail_next: u64, delay_ms: u64) {
        let body = json!({"failNext": fail_next, "delayMs": delay_ms});
        let path = "/api/v1/testing/episode-creations";
        let reply = self.projects.json("PUT", path, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
    }

    pub(crate) async fn repair(&self, project: &str, dry_run: bool) -> Value {
        let path = format!("{BASE}/integrity/projects/{project}/fix-gaps");
        let reply = self.projects.post(&path, &json!({"dryRun": dry_run})).await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
        reply.body["data"].clone()
    }

    async fn integrity(&self, project: &str) -> Value {
        self.watching(&format!("/integrity/projects/{project}"))
            .await
    }
}

/// The ids of the rules that fire.
fn firing(check: &Value) -> Vec<&str> {
    let rules = check["rules"].as_array().unwrap().iter();
    rules
        .filter(|rule| rule["firing"] == true)
        .map(|rule| rule["ruleId"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn gaps_and_duplicates_of_a_project_are_named_repaired_and_gone() {
    let system = watched().await;
    let (broken, healthy) = (system.project("B").await, system.project("H").await);
    system.episode(&healthy, "text").await;
    system.insert(&broken, &[1, 3, 3, 5]).await;
    let found = system.integrity(&broken).await;
    assert_eq!(found["gaps"], json!([2, 4]));
    assert_eq!(found["duplicates"], json!([3]));
    assert_eq!(found["actualNumbers"], json!([1, 3, 3, 5]));
    assert_eq!(
        (&found["gapCount"], &found["duplicateCount"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(found["healthPercentage"], 25.0);
    assert_eq!(system.integrity(&healthy).await["isHealthy"], true);
    let summary = system.watching("/integrity/summary").await;
    assert_eq!(
        summary["projectsWithIssues"],
        json!([{"projectId": broken, "gaps": [2, 4], "duplicates": [3]}])
    );
    assert_eq!(summary["healthPercentage"], 50.0);

    let wanted = system.repair(&broken, true).await;
    assert_eq!(wanted["changesNeeded"], 2);
    assert_eq!(system.numbers(&broken).await, [1, 3, 3, 5]);
    let done = system.repair(&broken, false).await;
    assert_eq!(done["changes"], wanted["changes"]);
    assert_eq!(system.numbers(&broken).await, [1, 2, 3, 4]);
    assert_eq!(system.integrity(&broken).await["isHealthy"], true);
    assert_eq!(system.repair(&broken, true).await["changesNeeded"], 0);
    let documents = system.documents(&broken).await;
    let mut stored: Vec<_> = documents["metadatas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["number"].as_u64().unwrap())
        .collect();
    stored.sort_unstable();
    assert_eq!(stored, [1, 2, 3, 4], "the vector store has the new numbers");
    assert_eq!(
        system.episode(&broken, "text").await.body["data"]["number"],
        6,
        "5 was given before, and is never given again"
    );
    assert_eq!(system.integrity(&broken).await["isHealthy"], true);
}

#[tokio::test]
async fn a_deletion_leaves_a_rightful_hole() {
    let system = watched().await;
    let project = system.project("P").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(system.episode(&project, "text").await.text("/data/id"));
    }
    for id in [&ids[1], &ids[2]] {
        let path = format!("/api/v1/projects/{project}/episodes/{id}");
        system.projects.delete(&path).await;
    }
    let found = system.integrity(&project).await;
    assert_eq!(
        (&found["isHealthy"], &found["lastNumber"]),
        (&json!(true), &json!(3))
    );
    assert_eq!(system.repair(&project, false).await["changesNeeded"], 0);
    assert_eq!(system.evaluate().await["raised"], json!([]));
}

#[tokio::test]
async fn one_of_two_with_a_number_can_be_deleted_without_a_hole() {
    let system = watched().await;
    let project = system.project("P").await;
    system.insert(&project, &[1, 1]).await;
    let path = format!("/api/v1/projects/{project}/episodes");
    let list = system.projects.get(&path).await;
    for place in 0..2 {
        let id = list.text(&format!("/data/{place}/id"));
        system.projects.delete(&format!("{path}/{id}")).await;
        assert_eq!(system.integrity(&project).await["isHealthy"], true);
    }
}

#[tokio::test]
async fn a_repair_without_the_vector_store_changes_nothing_and_can_be_done_again() {
    let mut system = watched().await;
    let project = system.project("P").await;
    system.insert(&project, &[2]).await;
    system.stop_vector_store().await;
    let path = format!("{BASE}/integrity/projects/{project}/fix-gaps");
    let refused = system.projects.post(&path, &json!({"dryRun": false})).await;
    assert_eq!(refused.code(), "VECTOR_STORE_UNAVAILABLE");
    assert_eq!(system.numbers(&project).await, [2]);
    system.start_vector_store().await;
    system.repair(&project, false).await;
    assert_eq!(system.numbers(&project).await, [1]);
}

#[tokio::test]
async fn an_integrity_alert_names_its_project_comes_once_and_goes_with_the_repair() {
    let system = watched().await;
    let project = system.project("P").await;
    system.insert(&project, &[2]).await;
    let check = system.evaluate().await;
    let alert = &check["raised"][0];
    assert_eq!(firing(&check), ["episode-integrity"]);
    assert_eq!(alert["projectId"], project.as_str());
    assert_eq!(
        (&alert["severity"], &alert["value"]),
        (&json!("critical"), &json!(1.0))
    );
    assert_eq!(system.evaluate().await["raised"], json!([]));
    let active = system.watching("/alerts/active").await;
    assert_eq!(active["alerts"], json!([alert]));
    assert_eq!(
        active["summary"],
        json!({"total": 1, "warning": 0, "critical": 1})
    );

    system.repair(&project, false).await;
    let path = format!("{BASE}/integrity/run-check");
    let reply = system.projects.post(&path, &json!({"deep": true})).await;
    assert_eq!(
        reply.body["data"]["resolved"][0]["alertId"],
        alert["alertId"]
    );
    assert_eq!(reply.body["data"]["projects"], json!([]));
    assert_eq!(system.watching("/alerts/active").await["alerts"], json!([]));
}

#[tokio::test]
async fn an_alert_is_resolved_by_its_id_and_comes_again_only_after_its_condition_was_gone() {
    let system = watched().await;
    let project = system.project("P").await;
    system.insert(&project, &[2]).await;
    let id = system.evaluate().await["raised"][0]["alertId"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(system.resolve("alert_none").await.code(), "ALERT_NOT_FOUND");
    let resolved = system.resolve(id).await;
    assert!(resolved.body["data"]["resolvedAt"].is_string());
    assert_eq!(system.resolve(id).await.code(), "ALERT_NOT_FOUND");
    let check = system.evaluate().await;
    assert_eq!(firing(&check), ["episode-integrity"]);
    assert_eq!(check["raised"], json!([]));
    system.repair(&project, false).await;
    system.evaluate().await;
    system.insert(&project, &[1]).await;
    let again = system.evaluate().await["raised"][0]["alertId"].clone();
    assert!(again.is_string() && again != id);
}

#[tokio::test]
async fn failures_raise_an_alert_above_their_threshold_and_successes_resolve_it() {
    let system = watched().await;
    let project = system.project("P").await;
    for _ in 0..4 {
        system.episode(&project, "text").await;
    }
    system.interfere(1, 0).await;
    assert_eq!(system.episode(&project, "text").await.status, 503);
    let at_the_threshold = system.evaluate().await;
    assert_eq!(at_the_threshold["rules"][0]["value"], 20.0);
    assert_eq!(firing(&at_the_threshold), [""; 0]);
    system.interfere(1, 0).await;
    system.episode(&project, "text").await;
    let above = system.evaluate().await;
    assert_eq!(firing(&above), ["episode-failure-rate"]);
    assert_eq!(above["raised"][0]["severity"], "warning");
    assert_eq!(above["raised"][0]["projectId"], Value::Null);
    for _ in 0..4 {
        system.episode(&project, "text").await;
    }
    let diluted = system.evaluate().await;
    assert_eq!(diluted["resolved"][0]["ruleId"], "episode-failure-rate");
    let stats = system.watching("/performance/stats").await;
    assert_eq!(stats["successRatePercentage"], 80.0);
    assert_eq!(
        (&stats["succeeded"], &stats["failed"]),
        (&json!(8), &json!(2))
    );
}

#[tokio::test]
async fn a_real_outage_of_the_vector_store_raises_the_alert() {
    let mut system = watched().await;
    let project = system.project("P").await;
    system.stop_vector_store().await;
    assert_eq!(system.episode(&project, "text").await.status, 503);
    let check = system.evaluate().await;
    assert_eq!(firing(&check)[0], "episode-failure-rate");
    assert_eq!(check["raised"][0]["value"], 100.0);
}

#[tokio::test]
async fn slow_creations_and_conflicts_raise_their_alerts() {
    let system = watched().await;
    let project = system.project("P").await;
    system.interfere(0, 600).await;
    system.episode(&project, "text").await;
    assert_eq!(
        firing(&system.evaluate().await),
        ["episode-creation-latency"]
    );
    system.interfere(0, 0).await;
    system.projects.delete("/api/v1/testing/operations").await;
    assert_eq!(firing(&system.evaluate().await), [""; 0]);
    let path = format!("/api/v1/projects/{project}/episodes");
    for text in ["one", "other", "one"] {
        let body = json!({"script": {"markdown": text}});
        system.projects.post_with_key(&path, "key", &body).await;
    }
    let check = system.evaluate().await;
    assert_eq!(firing(&check), ["episode-conflict-rate"]);
    assert_eq!(check["rules"][2]["value"], 50.0, "a repeat is no operation");
}

#[tokio::test]
async fn an_active_operation_is_seen_until_it_ends() {
    let system = watched().await;
    let project = system.project("P").await;
    system.interfere(0, 300).await;
    let active = async || system.watching("/performance/stats").await["activeOperations"].clone();
    let seen = eventually("the operation is seen", async || active().await == 1);
    tokio::join!(system.episode(&project, "text"), seen);
    assert_eq!(active().await, 0);
}

#[tokio::test]
async fn the_rules_are_evaluated_without_being_asked() {
    let setup = Setup {
        test_hooks: true,
        alert_period_ms: 10,
        ..Setup::default()
    };
    let system = setup.start().await;
    let project = system.project("P").await;
    system.insert(&project, &[2]).await;
    eventually("the alert is raised", async || {
        system.watching("/alerts/active").await["summary"]["critical"] == 1
    })
    .await;
}

#[tokio::test]
async fn the_hooks_are_only_there_when_they_are_asked_for() {
    let system = Setup::default().start().await;
    for (method, path) in [
        ("POST", "/api/v1/testing/projects/proj_1/episodes"),
        ("PUT", "/api/v1/testing/episode-creations"),
        ("DELETE", "/api/v1/testing/operations"),
    ] {
        let reply = system.projects.call(method, path, &[], None).await;
        assert_eq!(reply.code(), "ROUTE_NOT_FOUND", "{path}");
    }
}
