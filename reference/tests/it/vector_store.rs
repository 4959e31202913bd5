//! The vector store, as a client of Chroma's HTTP API sees it.

use serde_json::{Value, json};

use assay_reference::vector_store::{Options, start};

use crate::child::Process;
use crate::client::{Client, Reply};

const DATABASE: &str = "/api/v2/tenants/default_tenant/databases/default_database";

async fn collection(client: &Client, name: &str) -> String {
    let reply = client
        .post(&format!("{DATABASE}/collections"), &json!({"name": name}))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    format!("{DATABASE}/collections/{}", reply.text("/id"))
}

fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, reply.text("/error"))
}

#[tokio::test]
async fn it_says_that_it_is_there() {
    let data = tempfile::tempdir().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let store = start(Options {
        listen,
        data: data.path().to_owned(),
    })
    .await
    .unwrap();
    let client = Client::new(&store.url());
    let beat = client.get("/api/v2/heartbeat").await;
    assert!(beat.body["nanosecond heartbeat"].as_u64().unwrap() > 1_700_000_000_000_000_000);
    assert!(client.get("/api/v2/version").await.body.is_string());
    assert_eq!(
        client.get("/api/v2/tenants/default_tenant").await.body,
        json!({"name": "default_tenant"})
    );
    assert_eq!(client.get(DATABASE).await.text("/name"), "default_database");
    assert_eq!(client.get("/api/v2/tenants/other").await.status, 404);
    assert_eq!(
        refusal(&client.get("/nothing").await),
        (404, "NotFoundError".to_owned())
    );
}

#[tokio::test]
async fn collections_are_made_once_listed_and_deleted_by_name() {
    let data = tempfile::tempdir().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let store = start(Options {
        listen,
        data: data.path().to_owned(),
    })
    .await
    .unwrap();
    let client = Client::new(&store.url());
    let collections = format!("{DATABASE}/collections");
    let first = client
        .post(&collections, &json!({"name": "abc", "metadata": {"a": 1}}))
        .await;
    let again = client.post(&collections, &json!({"name": "abc"})).await;
    assert_eq!(refusal(&again), (409, "UniqueConstraintError".to_owned()));
    let got = client
        .post(&collections, &json!({"name": "abc", "get_or_create": true}))
        .await;
    assert_eq!(got.body, first.body);
    assert_eq!(
        client.get(&format!("{collections}/abc")).await.body,
        first.body
    );
    assert_eq!(client.get(&collections).await.body, json!([first.body]));
    assert_eq!(
        client
            .post(&collections, &json!({"name": "ab"}))
            .await
            .status,
        400
    );
    assert_eq!(
        client.delete(&format!("{collections}/abc")).await.status,
        200
    );
    assert_eq!(
        refusal(&client.delete(&format!("{collections}/abc")).await),
        (404, "NotFoundError".to_owned())
    );
    let path = format!("{collections}/{}/count", first.text("/id"));
    assert_eq!(client.get(&path).await.status, 404);
}

#[tokio::test]
async fn documents_are_added_replaced_found_by_metadata_and_deleted() {
    let data = tempfile::tempdir().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let store = start(Options {
        listen,
        data: data.path().to_owned(),
    })
    .await
    .unwrap();
    let client = Client::new(&store.url());
    let path = collection(&client, "abc").await;
    let neighbour = collection(&client, "abd").await;
    let body = |texts: [&str; 3]| {
        json!({
            "ids": ["a", "b", "c"], "embeddings": [[1, 0], [0, 1], [0.5, 0.25]], "documents": texts,
            "metadatas": [{"p": "x", "n": 1}, {"p": "y", "n": 2}, {"p": "x", "n": 3}],
        })
    };
    assert_eq!(
        client
            .post(&format!("{path}/add"), &body(["1", "2", "3"]))
            .await
            .status,
        201
    );
    assert_eq!(
        client
            .post(&format!("{neighbour}/add"), &body(["1", "2", "3"]))
            .await
            .status,
        201
    );
    // What is there already is left alone by `add`, and replaced by `upsert`.
    client
        .post(&format!("{path}/add"), &body(["4", "5", "6"]))
        .await;
    let get = |body: Value| {
        let (client, path) = (&client, &path);
        async move { client.post(&format!("{path}/get"), &body).await.body }
    };
    assert_eq!(get(json!({})).await["documents"], json!(["1", "2", "3"]));
    client
        .post(&format!("{path}/upsert"), &body(["4", "5", "6"]))
        .await;
    let found =
        get(json!({"where": {"p": "x"}, "include": ["documents", "embeddings", "metadatas"]}))
            .await;
    assert_eq!(found["ids"], json!(["a", "c"]));
    assert_eq!(found["documents"], json!(["4", "6"]));
    assert_eq!(found["embeddings"], json!([[1.0, 0.0], [0.5, 0.25]]));
    assert_eq!(found["metadatas"][1], json!({"p": "x", "n": 3}));
    assert_eq!(
        get(json!({"ids": ["c", "none", "b"]})).await["ids"],
        json!(["c", "b"])
    );
    assert_eq!(
        get(json!({"limit": 1, "offset": 1})).await["ids"],
        json!(["b"])
    );
    assert_eq!(
        get(json!({"where": {"$and": [{"p": "x"}, {"n": {"$gt": 1}}]}})).await["ids"],
        json!(["c"])
    );
    assert_eq!(client.get(&format!("{path}/count")).await.body, 3);
    client
        .post(&format!("{path}/delete"), &json!({"where": {"p": "x"}}))
        .await;
    assert_eq!(get(json!({})).await["ids"], json!(["b"]));
    assert_eq!(client.get(&format!("{neighbour}/count")).await.body, 3);
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let store = start(Options {
        listen,
        data: data.path().to_owned(),
    })
    .await
    .unwrap();
    let client = Client::new(&store.url());
    let path = collection(&client, "abc").await;
    client
        .post(
            &format!("{path}/add"),
            &json!({"ids": ["a"], "embeddings": [[1, 0]]}),
        )
        .await;
    for (action, body) in [
        ("add", json!({"ids": ["b"], "embeddings": [[1, 0, 0]]})),
        ("add", json!({"ids": ["b", "c"], "embeddings": [[1, 0]]})),
        ("add", json!({"ids": [], "embeddings": []})),
        ("add", json!({"ids": ["b"], "embeddings": [[]]})),
        ("add", json!({"ids": ["b"]})),
        ("get", json!({"where": {"a": 1, "b": 2}})),
        ("delete", json!({})),
    ] {
        let reply = client.post(&format!("{path}/{action}"), &body).await;
        assert_eq!(
            refusal(&reply),
            (400, "InvalidArgumentError".to_owned()),
            "{action} {body}"
        );
    }
    assert_eq!(client.get(&format!("{path}/count")).await.body, 1);
}

#[tokio::test]
async fn documents_survive_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let arguments = [
        "vector-store",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.path().to_str().unwrap(),
    ];
    let process = Process::start(&arguments).await;
    let client = process.client();
    let path = collection(&client, "abc").await;
    client
        .post(
            &format!("{path}/add"),
            &json!({"ids": ["a"], "embeddings": [[1, 0]]}),
        )
        .await;
    process.kill().await;
    let process = Process::start(&arguments).await;
    let client = process.client();
    assert_eq!(client.get(&format!("{path}/count")).await.body, 1);
    process.kill().await;
}
