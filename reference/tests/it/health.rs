//! What orchestrators ask, with everything up.

use serde_json::json;

use crate::system::Setup;

#[tokio::test]
async fn a_healthy_service_names_itself_and_its_dependencies() {
    let system = Setup::default().start().await;
    for (client, service, required) in [
        (&system.projects, "project-service", "vector-store"),
        (&system.generations, "generation-service", "project-service"),
    ] {
        for path in ["/health", "/health/", "/api/v1/health"] {
            let reply = client.get(path).await;
            let data = &reply.body["data"];
            assert_eq!(reply.status, 200);
            assert_eq!(data["service"], service);
            assert_eq!(data["status"], "healthy");
            assert!(client.url.ends_with(&format!(":{}", data["port"])));
            let dependencies = data["dependencies"].as_object().unwrap();
            assert_eq!(dependencies.keys().collect::<Vec<_>>(), ["cache", required]);
            assert_eq!(dependencies["cache"]["required"], false);
            assert_eq!(dependencies[required]["required"], true);
            assert!(
                dependencies
                    .values()
                    .all(|one| one["status"] == "up" && one["error"].is_null())
            );
        }
        let ready = client.get("/readyz").await;
        assert_eq!(ready.body["data"], json!({"ready": true, "missing": []}));
        assert_eq!(
            client.get("/livez").await.body["data"],
            json!({"alive": true})
        );
        let moved = client.get("/healthz").await;
        assert_eq!(
            (moved.status, moved.header("location")),
            (307, Some("/health"))
        );
    }
}
