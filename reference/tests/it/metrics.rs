//! The numbers move when things happen, and only then.

use crate::client::Client;
use crate::system::Setup;

async fn value(client: &Client, series: &str) -> Option<f64> {
    let text = client.get("/metrics").await.raw;
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
        .map(|number| number.parse().unwrap())
}

#[tokio::test]
async fn requests_are_counted_by_route_template_and_status() {
    let system = Setup::default().start().await;
    let id = system.project("P").await;
    for path in [&id, "none", &id] {
        system
            .projects
            .get(&format!("/api/v1/projects/{path}"))
            .await;
    }
    system.projects.get("/nothing/at/all").await;
    for (series, wanted) in [
        (
            r#"http_requests_total{method="GET",route="/api/v1/projects/{id}",status="200"}"#,
            2.0,
        ),
        (
            r#"http_requests_total{method="GET",route="/api/v1/projects/{id}",status="404"}"#,
            1.0,
        ),
        (
            r#"http_requests_total{method="GET",route="unmatched",status="404"}"#,
            1.0,
        ),
        (
            r#"http_request_duration_seconds_count{method="GET",route="/api/v1/projects/{id}"}"#,
            3.0,
        ),
        (
            r#"build_info{service="project-service",version="0.1.0"}"#,
            1.0,
        ),
    ] {
        assert_eq!(
            value(&system.projects, series).await,
            Some(wanted),
            "{series}"
        );
    }
    let text = system.projects.get("/metrics").await.raw;
    assert!(!text.contains(&id), "an id makes a series");
}

#[tokio::test]
async fn projects_episodes_and_jobs_are_counted_as_they_are() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.episode(&project, "text").await.text("/data/id");
    for (series, wanted) in [
        ("projects", 1.0),
        ("episodes", 1.0),
        ("episodes_created_total", 1.0),
        (r#"episode_creations_total{outcome="succeeded"}"#, 1.0),
        (r#"episode_creations_total{outcome="failed"}"#, 0.0),
        (r#"episode_creations_total{outcome="conflict"}"#, 0.0),
        ("episode_creation_duration_seconds_count", 1.0),
        ("episode_creations_active", 0.0),
        ("episode_number_gaps", 0.0),
        ("episode_number_duplicates", 0.0),
        (
            r#"alerts_active{rule="episode-integrity",severity="critical"}"#,
            0.0,
        ),
        ("projects_created_total", 1.0),
    ] {
        assert_eq!(
            value(&system.projects, series).await,
            Some(wanted),
            "{series}"
        );
    }
    system
        .projects
        .delete(&format!("/api/v1/projects/{project}/episodes/{id}"))
        .await;
    assert_eq!(value(&system.projects, "episodes").await, Some(0.0));
    assert_eq!(
        value(&system.projects, "episodes_created_total").await,
        Some(1.0)
    );

    let job = system.generation(&project, "A").await;
    system.finished(&job).await;
    for (state, wanted) in [
        ("completed", 1.0),
        ("queued", 0.0),
        ("streaming", 0.0),
        ("failed", 0.0),
        ("canceled", 0.0),
    ] {
        let series = format!("generation_jobs{{state=\"{state}\"}}");
        assert_eq!(
            value(&system.generations, &series).await,
            Some(wanted),
            "{series}"
        );
    }
}

#[tokio::test]
async fn every_family_has_one_help_and_one_type_before_its_samples() {
    let system = Setup::default().start().await;
    system.project("P").await;
    for client in [&system.projects, &system.generations] {
        client.get("/health").await;
        let text = client.get("/metrics").await.raw;
        let mut family = String::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                rest.split(' ').next().unwrap().clone_into(&mut family);
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(name, family);
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert_eq!(text.matches(&format!("{line}\n")).count(), 1);
            } else {
                assert!(line.starts_with(&family), "{line} stands under {family}");
            }
        }
    }
}
