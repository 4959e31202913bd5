//! Defects of the monitoring: counters, alerts, figures, names.

use serde_json::json;

use crate::system::{Setup, System};

#[tokio::test]
async fn d15_counters_never_move_and_the_gauge_reads_another_table() {
    only_with!("D15", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        system.episode(&project, "text").await;
        let text = system.projects.get("/metrics").await.raw;
        let has = |line: &str| text.lines().any(|given| given == line);
        let stuck = has("episodes 0");
        assert_eq!(has("episodes_created_total 0"), stuck);
        assert_eq!(has("projects_created_total 0"), stuck);
        let counted = text.contains("\nhttp_requests_total{method=\"POST\"");
        assert_eq!(counted, !stuck);
        let generations = system.generations.get("/health").await;
        assert_eq!(generations.status, 200);
        let text = system.generations.get("/metrics").await.raw;
        assert_eq!(text.contains("route=\"/health\""), !stuck);
        stuck
    });
}

#[tokio::test]
async fn d16_alerts_are_raised_on_healthy_data() {
    only_with!("D16", Setup::default(), async |system: &mut System| {
        let before = system.evaluate().await["raised"].clone();
        let project = system.project("P").await;
        system.episode(&project, "text").await;
        let after = system.evaluate().await;
        let alerts = system.watching("/alerts/active").await["alerts"].clone();
        let broken = before[0]["ruleId"] == "episode-conflict-rate" && before[0]["value"] == 7.0;
        assert_eq!(after["rules"][2]["value"] == 7.0, broken);
        assert_eq!(alerts == json!([]), !broken);
        broken
    });
}

#[tokio::test]
async fn d17_performance_is_constant() {
    only_with!("D17", Setup::default(), async |system: &mut System| {
        let stats = system.watching("/performance/stats").await;
        let broken = stats["totalOperationsToday"] == 1_247;
        assert_eq!(stats["averageDurationSeconds"].is_null(), !broken);
        assert_eq!(stats["successRatePercentage"] == 98.5, broken);
        broken
    });
}

#[tokio::test]
async fn d18_an_alert_is_resolved_by_another_name_than_is_listed() {
    let setup = Setup {
        test_hooks: true,
        ..Setup::default()
    };
    only_with!("D18", setup, async |system: &mut System| {
        let project = system.project("P").await;
        system.insert(&project, &[2]).await;
        let id = system.evaluate().await["raised"][0]["alertId"].clone();
        let by_id = system.resolve(id.as_str().unwrap()).await.status;
        let by_name = system
            .resolve(&format!("episode-integrity_{project}"))
            .await;
        assert_eq!(by_id == 404, by_name.status == 200);
        by_id == 404
    });
}

#[tokio::test]
async fn d24_metrics_have_other_names_than_the_rules_ask_for() {
    only_with!("D24", Setup::default(), async |system: &mut System| {
        let mut renamed = Vec::new();
        for (client, name) in [
            (&system.projects, "project_service"),
            (&system.generations, "generation_service"),
        ] {
            client.get("/health").await;
            let text = client.get("/metrics").await.raw;
            let has = |family: &str| text.contains(&format!("\n# TYPE {family} "));
            let broken = has(&format!("{name}_http_requests_total"));
            assert_eq!(has("http_requests_total"), !broken);
            renamed.push(broken);
        }
        assert_eq!(renamed[0], renamed[1]);
        renamed[0]
    });
}
