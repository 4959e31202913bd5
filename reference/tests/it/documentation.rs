//! The `OpenAPI` document: complete, sound, and true in both directions. (That every answer keeps to it is checked by the client
//! of all these tests.)

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::Client;
use crate::system::{Setup, System, wish};

/// Every operation of a document: method in upper case, path, declaration.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap();
            methods
                .iter()
                .map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
        })
        .collect()
}

#[tokio::test]
async fn the_document_is_complete_and_sound() {
    let system = Setup::default().start().await;
    for client in [&system.projects, &system.generations] {
        let document = &client.contract().await.unwrap().0;
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(document) {
            let name = format!("{method} {path}");
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "{name}: the operation's id is there twice"
            );
            assert!(
                operation["summary"].is_string() && operation["tags"].is_array(),
                "{name}"
            );
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let in_path: Vec<_> = parameters
                .iter()
                .filter(|one| one["in"] == "path")
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            let wanted: Vec<_> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            assert_eq!(in_path, wanted, "{name}");
            assert!(
                parameters
                    .iter()
                    .all(|one| one["description"].is_string() && one["schema"].is_object()),
                "{name}"
            );
            let has_body = operation["requestBody"].is_object();
            assert_eq!(
                operation["requestBody"]["required"] == true,
                has_body,
                "{name}"
            );
            assert!(!has_body || matches!(method.as_str(), "POST" | "PUT"));
            let answers = operation["responses"].as_object().unwrap();
            for (status, answer) in answers {
                assert!(
                    answer["description"].is_string()
                        && answer["headers"]["X-Trace-Id"].is_object(),
                    "{name} {status}"
                );
                assert!(
                    answer["content"].is_object() || status == "307",
                    "{name} {status}"
                );
            }
            if has_body {
                for status in ["400", "408", "413", "415", "422"] {
                    assert!(answers.contains_key(status), "{name} {status}");
                }
            }
            if !wanted.is_empty() {
                assert!(answers.contains_key("404"), "{name}");
            }
        }
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        for (name, schema) in schemas {
            assert!(
                text.contains(&format!("\"#/components/schemas/{name}\"")),
                "{name} is described and not used"
            );
            if schema["type"] == "object" {
                assert_eq!(schema["additionalProperties"], false, "{name}");
            }
        }
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(
                schemas.contains_key(name),
                "{name} is used and not described"
            );
        }
    }
}

/// A request that each operation takes, with real ids in it.
async fn request(system: &System, method: &str, path: &str) -> (String, Option<Value>) {
    let project = system.project("P").await;
    let episode = system.episode(&project, "text").await.text("/data/id");
    let job = system.generation(&project, "A").await;
    let alert = alert(system, path).await;
    let path = path
        .replace("{alertId}", &alert)
        .replace("/projects/{id}", &format!("/projects/{project}"))
        .replace("{episodeId}", &episode)
        .replace("{jobId}", &job);
    let body = match (method, path.rsplit('/').next().unwrap()) {
        ("POST", "projects") => Some(json!({"name": "A", "type": "drama"})),
        ("POST", "run-check") => Some(json!({"deep": true})),
        ("POST", "fix-gaps") => Some(json!({"dryRun": true})),
        ("POST", "save" | "check" | "resolve") => None,
        ("PUT", "episode-creations") => Some(json!({"failNext": 0, "delayMs": 0})),
        ("POST", "episodes") if path.contains("/testing/") => Some(json!({"number": 3})),
        ("POST", "generations") => Some(wish(&project, "A")),
        ("POST", _) | ("PUT", "script") => Some(json!({"script": {"markdown": "m"}})),
        ("PUT", _) => Some(json!({"name": "A"})),
        _ => None,
    };
    let query = match path.rsplit('/').next().unwrap() {
        "progress" => "?progress=5",
        "feed" => "?replayOnly=true",
        _ => "",
    };
    (format!("{path}{query}"), body)
}

/// The id of an active alert, if the path asks for one.
async fn alert(system: &System, path: &str) -> String {
    if !path.contains("{alertId}") {
        return String::new();
    }
    let project = system.project("unhealthy").await;
    let inserted = format!("/api/v1/testing/projects/{project}/episodes");
    system.projects.post(&inserted, &json!({"number": 2})).await;
    let check = "/api/v1/monitoring/episodes/alerts/check";
    let reply = system.projects.call("POST", check, &[], None).await;
    reply.text("/data/raised/0/alertId")
}

async fn walk(system: &System, client: &Client) {
    let document = client.contract().await.unwrap().0.clone();
    for (method, path, operation) in operations(&document) {
        let (real, body) = request(system, &method, &path).await;
        let headers = [("content-type", "application/json")];
        let body = body.map(|body| body.to_string());
        let reply = client.call(&method, &real, &headers, body).await;
        let best = operation["responses"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|status| status.as_str() < "400");
        assert!(
            best.into_iter()
                .any(|status| *status == reply.status.to_string()),
            "{method} {real} answered {}",
            reply.status
        );
        assert_eq!(
            client.contract().await.unwrap().template(&real),
            Some(path.clone()),
            "{path} is shadowed"
        );
    }
}

#[tokio::test]
async fn every_documented_operation_succeeds_as_documented() {
    let setup = Setup {
        test_hooks: true,
        ..Setup::default()
    };
    let system = setup.start().await;
    walk(&system, &system.projects).await;
    walk(&system, &system.generations).await;
}

#[tokio::test]
async fn the_page_shows_the_document() {
    let system = Setup::default().start().await;
    let page = system.projects.get("/docs").await;
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.raw.contains("fetch(\"/openapi.json\")"));
}
