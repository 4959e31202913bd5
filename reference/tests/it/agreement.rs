//! The store and the vector store hold the same episodes, also after a kill in the middle and a vector store that half works.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assay_reference::defects::Defects;
use assay_reference::project;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::{get, post};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::child::Process;
use crate::client::Client;
use crate::system::{Setup, eventually};

fn ids(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_kill_among_many_creations_leaves_no_gap_and_no_stray_document() {
    let system = Setup::default().start().await;
    let data = tempfile::tempdir().unwrap();
    let cache = format!("redis://{}", system.cache_address());
    let arguments = [
        "project-service",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.path().to_str().unwrap(),
        "--cache-url",
        &cache,
        "--vector-store-url",
        &system.vectors.url,
        "--rate-limit",
        "100000",
    ];
    let process = Process::start(&arguments).await;
    let url = format!("http://{}/api/v1/projects", process.address);
    let http = reqwest::Client::new();
    let body = json!({"name": "P", "type": "drama"});
    let project: Value = http
        .post(&url)
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let project = project["data"]["id"].as_str().unwrap().to_owned();

    let mut creations: FuturesUnordered<_> = (0..40)
        .map(|number| {
            let body = json!({"script": {"markdown": format!("text {number}")}});
            let request = http.post(format!("{url}/{project}/episodes")).json(&body);
            async move { request.send().await?.json::<Value>().await }
        })
        .collect();
    let mut answered = BTreeSet::new();
    for _ in 0..15 {
        let made = creations.next().await.unwrap().unwrap();
        answered.insert(made["data"]["id"].as_str().unwrap().to_owned());
    }
    // The other creations are in every state there is.
    process.kill().await;
    while let Some(Some(Ok(made))) = creations.next().now_or_never() {
        answered.insert(made["data"]["id"].as_str().unwrap().to_owned());
    }

    let process = Process::start(&arguments).await;
    let projects = Client::new(&format!("http://{}", process.address));
    let episodes = projects
        .get(&format!("/api/v1/projects/{project}/episodes"))
        .await
        .body["data"]
        .clone();
    let list = episodes.as_array().unwrap();
    let numbers: Vec<_> = list
        .iter()
        .map(|episode| episode["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let stored: BTreeSet<_> = list
        .iter()
        .map(|episode| episode["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        answered.is_subset(&stored),
        "an episode that was answered is lost"
    );
    eventually("the vector store has the same episodes", || async {
        ids(&system.documents(&project).await["ids"]) == stored
    })
    .await;
    process.kill().await;
}

/// What a vector store was asked to do.
#[derive(Clone, Default)]
struct Asked {
    put: Arc<Mutex<Vec<String>>>,
    removed: Arc<Mutex<Vec<String>>>,
}

/// Takes every document and then says that it failed; fails the first removal too.
async fn half_working_vector_store(asked: Asked) -> String {
    let collections = "/api/v2/tenants/default_tenant/databases/default_database/collections";
    let answer = |State(asked): State<Asked>, uri: Uri, axum::Json(body): axum::Json<Value>| async move {
        let list = if uri.path().ends_with("upsert") {
            &asked.put
        } else {
            &asked.removed
        };
        let mut list = list.lock().unwrap();
        list.push(body["ids"][0].as_str().unwrap().to_owned());
        let works = uri.path().ends_with("delete") && list.len() > 1;
        if works {
            StatusCode::OK
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let router = Router::new()
        .route("/api/v2/heartbeat", get(|| async {}))
        .route(
            collections,
            post(|| async { axum::Json(json!({"id": "c"})) }),
        )
        .route(&format!("{collections}/c/{{action}}"), post(answer))
        .with_state(asked);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (trigger, shutdown) = assay_reference::shutdown::channel();
    tokio::spawn(async move {
        assay_reference::web::serve::serve(listener, router, shutdown).await;
        drop(trigger);
    });
    url
}

#[tokio::test]
async fn an_episode_that_the_vector_store_may_have_taken_is_taken_out_again() {
    let asked = Asked::default();
    let data = tempfile::tempdir().unwrap();
    let service = project::start(project::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: data.path().to_owned(),
        cache_url: "redis://127.0.0.1:1".to_owned(),
        vector_store_url: half_working_vector_store(asked.clone()).await,
        rate_limit: 1_000,
        body_timeout: Duration::from_secs(5),
        dependency_timeout: Duration::from_secs(2),
        test_hooks: false,
        monitoring: crate::system::monitoring(3_600_000),
        defects: Defects::default(),
    })
    .await
    .unwrap();
    let projects = Client::new(&service.url());
    let body = json!({"name": "P", "type": "drama"});
    let project = projects
        .post("/api/v1/projects", &body)
        .await
        .text("/data/id");
    let episodes = format!("/api/v1/projects/{project}/episodes");
    let refused = projects
        .post(&episodes, &json!({"script": {"markdown": "m"}}))
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "VECTOR_STORE_UNAVAILABLE")
    );
    assert_eq!(projects.get(&episodes).await.body["data"], json!([]));
    eventually("the document is removed at the second try", || async {
        asked.removed.lock().unwrap().len() >= 2
    })
    .await;
    let put = asked.put.lock().unwrap().clone();
    assert!(asked.removed.lock().unwrap().iter().all(|id| *id == put[0]));
    let next = projects.get(&format!("{episodes}/_next-number")).await;
    assert_eq!(next.body["data"]["nextNumber"], 1);
}
