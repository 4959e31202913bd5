//! Fields and parameters that are missing, wrong or out of range: refused with 422, each by its name, and by the document too.

use serde_json::{Value, json};

use crate::client::Client;
use crate::system::Setup;

/// Every field with every value, put into a good body, is refused by the service and not allowed by its document.
async fn are_refused(
    client: &Client,
    (method, path): (&str, &str),
    good: &Value,
    changes: &[(&str, Vec<Value>)],
) {
    let contract = client.contract().await.unwrap();
    let operation = contract.operation(method, path).unwrap();
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    contract.validate(schema, good).unwrap();
    for (field, values) in changes {
        for value in values {
            let mut body = good.clone();
            body[*field] = value.clone();
            let reply = client.json(method, path, &body).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (422, "VALIDATION_FAILED"),
                "{body}"
            );
            let fields = reply.fields();
            assert!(
                fields
                    .iter()
                    .any(|name| name.split('.').next() == Some(field)),
                "{field}: {fields:?}"
            );
            assert!(
                contract.validate(schema, &body).is_err(),
                "the document allows {field} = {value}"
            );
        }
    }
    assert_eq!(
        client.json(method, path, &json!([])).await.fields()[0],
        "body"
    );
}

/// What is asked for when nothing is given.
async fn required(client: &Client, method: &str, path: &str) -> Vec<String> {
    client.json(method, path, &json!({})).await.fields()
}

fn long(length: usize) -> Value {
    json!("x".repeat(length))
}

#[tokio::test]
async fn a_project_needs_a_name_and_a_known_type() {
    let system = Setup::default().start().await;
    let place = ("POST", "/api/v1/projects");
    let good = json!({"name": "A", "type": "drama"});
    let changes = [
        ("name", vec![json!(null), json!(""), long(201), json!(5)]),
        ("type", vec![json!(null), json!("epic"), json!(1)]),
        ("description", vec![long(5_001), json!([])]),
        ("number", vec![json!(1)]),
    ];
    are_refused(&system.projects, place, &good, &changes).await;
    assert_eq!(
        required(&system.projects, place.0, place.1).await,
        ["name", "type"]
    );
    let longest = json!({"name": long(200), "type": "drama", "description": long(5_000)});
    assert_eq!(system.projects.post(place.1, &longest).await.status, 201);
}

#[tokio::test]
async fn a_change_of_a_project_is_checked_like_its_making() {
    let system = Setup::default().start().await;
    let path = format!("/api/v1/projects/{}", system.project("P").await);
    let changes = [
        ("name", vec![json!(""), long(201)]),
        ("type", vec![json!("epic")]),
        ("status", vec![json!("done")]),
        ("progress", vec![json!(5)]),
    ];
    are_refused(
        &system.projects,
        ("PUT", &path),
        &json!({"name": "A"}),
        &changes,
    )
    .await;
    assert_eq!(system.projects.get(&path).await.text("/data/name"), "P");
}

#[tokio::test]
async fn an_episode_needs_a_script_and_takes_no_number() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let episodes = format!("/api/v1/projects/{project}/episodes");
    let good = json!({"script": {"markdown": "m"}});
    let scripts = vec![
        json!(null),
        json!("text"),
        json!({}),
        json!({"markdown": ""}),
        json!({"markdown": 1}),
        json!({"markdown": "m", "tokens": -1}),
    ];
    let changes = [
        ("title", vec![long(201)]),
        ("script", scripts.clone()),
        ("promptSnapshot", vec![json!(1)]),
        ("number", vec![json!(1)]),
    ];
    are_refused(&system.projects, ("POST", &episodes), &good, &changes).await;
    assert_eq!(
        required(&system.projects, "POST", &episodes).await,
        ["script"]
    );
    assert_eq!(system.numbers(&project).await, [0; 0]);

    let id = system.episode(&project, "text").await.text("/data/id");
    let path = format!("{episodes}/{id}/script");
    let changes = [("script", scripts), ("title", vec![json!("T")])];
    are_refused(&system.projects, ("PUT", &path), &good, &changes).await;
}

#[tokio::test]
async fn a_generation_needs_a_project_and_a_description() {
    let system = Setup::default().start().await;
    let place = ("POST", "/api/v1/generations");
    let project = system.project("P").await;
    let good = json!({"projectId": project, "description": "d"});
    let changes = [
        ("projectId", vec![json!(null), json!("")]),
        ("description", vec![json!(null), json!(""), long(5_001)]),
        ("title", vec![long(201)]),
        ("scriptType", vec![json!("epic")]),
        ("temperature", vec![json!(-0.1), json!(2.1), json!("hot")]),
        ("lengthTarget", vec![json!(99), json!(10_001), json!(100.5)]),
        ("episodeNumber", vec![json!(1)]),
    ];
    are_refused(&system.generations, place, &good, &changes).await;
    assert_eq!(
        required(&system.generations, place.0, place.1).await,
        ["projectId", "description"]
    );
    for (temperature, length) in [(0.0, 100), (2.0, 10_000)] {
        let edge = json!({"projectId": project, "description": long(5_000), "temperature": temperature, "lengthTarget": length});
        assert_eq!(system.generations.post(place.1, &edge).await.status, 201);
    }
}

#[tokio::test]
async fn parameters_that_are_wrong_are_named() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let progress = format!("/api/v1/projects/{project}/progress");
    for (method, path, field) in [
        ("GET", "/api/v1/projects?skip=-1".to_owned(), "skip"),
        ("GET", "/api/v1/projects?limit=0".to_owned(), "limit"),
        ("GET", "/api/v1/projects?limit=101".to_owned(), "limit"),
        ("GET", "/api/v1/projects?limit=ten".to_owned(), "limit"),
        ("GET", "/api/v1/projects?type=epic".to_owned(), "type"),
        ("GET", "/api/v1/projects?status=done".to_owned(), "status"),
        (
            "GET",
            "/api/v1/projects/recent?limit=101".to_owned(),
            "limit",
        ),
        ("PATCH", progress.clone(), "progress"),
        ("PATCH", format!("{progress}?progress=101"), "progress"),
        ("PATCH", format!("{progress}?progress=1.5"), "progress"),
    ] {
        let reply = system.projects.call(method, &path, &[], None).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "VALIDATION_FAILED"),
            "{path}"
        );
        assert_eq!(reply.fields(), [field]);
    }
    for query in ["status=done", "limit=0", "skip=x"] {
        let reply = system
            .generations
            .get(&format!("/api/v1/generations?{query}"))
            .await;
        assert_eq!(reply.status, 422, "{query}");
    }
}
