//! Defects of how the services stand to what they depend on: health, outages, configuration.

use serde_json::json;

use crate::system::{Setup, System, wish};

#[tokio::test]
async fn d19_health_is_always_healthy_on_port_8000() {
    only_with!("D19", Setup::default(), async |system: &mut System| {
        system.stop_vector_store().await;
        let mut broken = Vec::new();
        for client in [&system.projects, &system.generations] {
            let health = client.get("/health").await;
            broken.push(health.text("/data/status") == "healthy" && health.status == 200);
            broken.push(health.body["data"]["port"] == 8000);
            broken.push(client.get("/readyz").await.status == 200);
        }
        assert!(broken.iter().all(|one| *one == broken[0]), "{broken:?}");
        broken[0]
    });
}

#[tokio::test]
async fn d20_a_redirected_dependency_is_reported_down() {
    only_with!("D20", Setup::default(), async |system: &mut System| {
        let health = system.generations.get("/health").await;
        let down = health.body["data"]["dependencies"]["project-service"]["status"] == "down";
        assert_eq!(system.projects.get("/health").await.status, 200);
        assert_eq!(down, health.status == 503);
        down
    });
}

#[tokio::test]
async fn d22_a_dependency_that_is_down_is_400() {
    only_with!("D22", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        system.stop_vector_store().await;
        let url = format!("{}/api/v1/projects/{project}/episodes", system.projects.url);
        let episode = post_unchecked(&url, json!({"script": {"markdown": "m"}})).await;
        system.stop_project_service().await;
        let url = format!("{}/api/v1/generations", system.generations.url);
        let generation = post_unchecked(&url, wish(&project, "A")).await;
        assert_eq!(episode, generation);
        episode == 400
    });
}

/// The same with a body.
async fn post_unchecked(url: &str, body: serde_json::Value) -> u16 {
    let request = reqwest::Client::new().post(url).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn d23_the_configured_cache_and_vector_store_are_not_used() {
    only_with!("D23", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        assert_eq!(system.episode(&project, "text").await.status, 201);
        let path = format!("/api/v1/projects/{project}");
        system.projects.get(&path).await;
        let nothing_stored = system.documents(&project).await["ids"] == json!([]);
        let client = redis::Client::open(format!("redis://{}", system.cache_address())).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let size: i64 = redis::cmd("DBSIZE")
            .query_async(&mut connection)
            .await
            .unwrap();
        assert_eq!(nothing_stored, size == 0);
        system.stop_cache().await;
        let health = system.projects.get("/health").await;
        assert_eq!(nothing_stored, health.text("/data/status") == "healthy");
        nothing_stored
    });
}
