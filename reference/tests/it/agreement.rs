//! The store and the vector store hold the same episodes, also after a kill in the middle and a vector store that half works.

use std::collections::BTreeSet;
use std::time::Duration;

use assay_reference::defects::Defects;
use assay_reference::project;
use assay_reference::service::Running;
use futures::future::{join, join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::child::Process;
use crate::client::Client;
use crate::half_working::HalfWorking;
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
    let process = Process::project_service(&system, &data).await;
    let url = format!("{}/api/v1/projects", process.client().url);
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

    let process = Process::project_service(&system, &data).await;
    let projects = process.client();
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

/// A project service with such a vector store, and its client.
async fn with_vector_store(vectors: &HalfWorking) -> (Running, Client, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let service = project::start(project::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: data.path().to_owned(),
        cache_url: "redis://127.0.0.1:1".to_owned(),
        vector_store_url: vectors.serve().await,
        rate_limit: 1_000,
        body_timeout: Duration::from_secs(5),
        dependency_timeout: Duration::from_mins(1),
        test_hooks: false,
        monitoring: crate::system::monitoring(3_600_000),
        defects: Defects::default(),
    })
    .await
    .unwrap();
    let client = Client::new(&service.url());
    (service, client, data)
}

/// The path of the episodes of a new project.
async fn episodes_of_new_project(projects: &Client) -> String {
    let body = json!({"name": "P", "type": "drama"});
    let made = projects.post("/api/v1/projects", &body).await;
    format!("/api/v1/projects/{}/episodes", made.text("/data/id"))
}

async fn ensure_refused(projects: &Client, episodes: &str) {
    let refused = projects.post(episodes, &text()).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "VECTOR_STORE_UNAVAILABLE")
    );
}

fn text() -> Value {
    json!({"script": {"markdown": "m"}})
}

#[tokio::test]
async fn an_episode_that_the_vector_store_may_have_taken_is_taken_out_again() {
    let vectors = HalfWorking::new();
    let (_service, projects, _data) = with_vector_store(&vectors).await;
    let episodes = episodes_of_new_project(&projects).await;
    vectors.puts.refuse(true);
    vectors.removals.refuse(true);
    ensure_refused(&projects, &episodes).await;
    assert_eq!(projects.get(&episodes).await.body["data"], json!([]));
    vectors.removals.refuse(false);
    eventually("the document is removed at another try", || async {
        !vectors.removals.done().is_empty()
    })
    .await;
    let put = vectors.puts.asked();
    assert!(vectors.removals.asked().iter().all(|id| *id == put[0]));
    let next = projects.get(&format!("{episodes}/_next-number")).await;
    assert_eq!(next.body["data"]["nextNumber"], 1);
}

/// How many episodes are left behind, and how many are made meanwhile: their ids are random, and one of the latter has to come after
/// one of the former.
const MANY: usize = 8;

#[tokio::test]
async fn an_episode_that_is_stored_while_others_are_taken_out_stays_in_the_vector_store() {
    let vectors = HalfWorking::new();
    let (_service, projects, _data) = with_vector_store(&vectors).await;
    let refused = episodes_of_new_project(&projects).await;
    vectors.puts.refuse(true);
    vectors.removals.refuse(true);
    for _ in 0..MANY {
        ensure_refused(&projects, &refused).await;
    }
    let left_behind = vectors.puts.asked();
    vectors.puts.hold();
    vectors.puts.refuse(false);
    let mut makings = Vec::new();
    for _ in 0..MANY {
        let episodes = episodes_of_new_project(&projects).await;
        let making = async {
            let episodes = episodes;
            projects.post(&episodes, &text()).await.status
        };
        makings.push(making);
    }
    let taken_out_meanwhile = async {
        eventually("all of them are in the making", || async {
            vectors.puts.asked().len() == 2 * MANY
        })
        .await;
        vectors.removals.hold();
        vectors.removals.refuse(false);
        let tried = vectors.removals.asked().len();
        eventually("what was left behind is looked for", || async {
            vectors.removals.asked().len() > tried
        })
        .await;
        vectors.puts.release();
    };
    let (statuses, ()) = join(join_all(makings), taken_out_meanwhile).await;
    assert_eq!(statuses, [201; MANY]);
    vectors.removals.release();
    eventually("what was left behind is taken out", || async {
        let removed = vectors.removals.done();
        left_behind.iter().all(|id| removed.contains(id))
    })
    .await;
    ensure_one_more_round(&vectors, &projects, &refused).await;
    let made = &vectors.puts.asked()[MANY..2 * MANY];
    let removed = vectors.removals.asked();
    let lost: Vec<_> = made.iter().filter(|id| removed.contains(id)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// Waits until another episode that is left behind is taken out: what began before has come to its end.
async fn ensure_one_more_round(vectors: &HalfWorking, projects: &Client, episodes: &str) {
    vectors.puts.refuse(true);
    vectors.removals.refuse(true);
    ensure_refused(projects, episodes).await;
    vectors.removals.refuse(false);
    let last = vectors.puts.asked().pop().unwrap();
    eventually("one more is taken out", || async {
        vectors.removals.done().contains(&last)
    })
    .await;
}
