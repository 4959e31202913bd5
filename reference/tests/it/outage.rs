//! What happens while a dependency is down, and that it passes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::client::Client;
use crate::frames::events;
use crate::system::{Setup, System, eventually, wish};

async fn status(client: &Client) -> (u16, String) {
    let reply = client.get("/health").await;
    (reply.status, reply.text("/data/status"))
}

#[tokio::test]
async fn without_the_vector_store_an_episode_is_503_and_uses_no_number() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.episode(&project, "one").await.text("/data/id");
    system.stop_vector_store().await;
    let refused = system.episode(&project, "two").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "VECTOR_STORE_UNAVAILABLE")
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    let one = format!("/api/v1/projects/{project}");
    for path in [one.clone(), format!("{one}/episodes/{id}")] {
        assert_eq!(
            system.projects.delete(&path).await.code(),
            "VECTOR_STORE_UNAVAILABLE"
        );
    }
    let change = json!({"script": {"markdown": "m"}});
    let path = format!("{one}/episodes/{id}/script");
    assert_eq!(
        system.projects.json("PUT", &path, &change).await.status,
        503
    );
    assert_eq!(
        system
            .projects
            .get(&format!("{one}/episodes/_next-number"))
            .await
            .body["data"]["nextNumber"],
        2
    );
    assert_eq!(
        status(&system.projects).await,
        (503, "unhealthy".to_owned())
    );
    let ready = system.projects.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.code().as_str()),
        (503, "VECTOR_STORE_UNAVAILABLE")
    );
    assert_eq!(
        ready.body["data"],
        json!({"ready": false, "missing": ["vector-store"]})
    );
    assert_eq!(system.projects.get("/livez").await.status, 200);

    system.start_vector_store().await;
    assert_eq!(
        system.episode(&project, "two").await.body["data"]["number"],
        2
    );
    assert_eq!(system.numbers(&project).await, [1, 2]);
    assert_eq!(
        system.documents(&project).await["ids"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(status(&system.projects).await, (200, "healthy".to_owned()));
}

#[tokio::test]
async fn without_the_project_service_a_generation_is_503_and_makes_nothing() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    system.stop_project_service().await;
    let refused = system
        .generations
        .post("/api/v1/generations", &wish(&project, "A"))
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "PROJECT_SERVICE_UNAVAILABLE")
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        system.generations.get("/api/v1/generations").await.body["data"],
        json!([])
    );
    assert_eq!(
        status(&system.generations).await,
        (503, "unhealthy".to_owned())
    );
    assert_eq!(system.generations.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn a_short_outage_while_saving_is_waited_out() {
    let mut system = Setup {
        retry_attempts: 20,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    system.stop_vector_store().await;
    let id = system.generation(&project, "A").await;
    let mut stream = system.stream(&id, None).await;
    stream.ensure_text_made().await;
    system.start_vector_store().await;
    assert_eq!(stream.event().await.1, "completed");
    assert_eq!(system.numbers(&project).await, [1]);
}

#[tokio::test]
async fn an_outage_that_lasts_fails_the_generation_as_one_to_retry() {
    let mut system = Setup {
        retry_base_ms: 10,
        step_ms: 30,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    system.stop_project_service().await;
    let events = events(&system.stream(&id, None).await.rest().await);
    let (_, name, data) = events.last().unwrap();
    assert_eq!(name, "failed");
    assert_eq!(data["content"]["errorCode"], "EPISODE_SAVE_FAILED");
    assert_eq!(data["content"]["retryable"], true);
    system.start_project_service().await;
    assert_eq!(system.numbers(&project).await, [0; 0]);
}

/// Takes connections at this address and never says a word on them, as a service behind a broken network; until it is dropped.
async fn silence(address: SocketAddr) -> tokio::task::JoinHandle<()> {
    counted_silence(address).await.0
}

/// The same, and how many connections it took.
async fn counted_silence(address: SocketAddr) -> (tokio::task::JoinHandle<()>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let silence = tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok(connection) = listener.accept().await {
            connections.push(connection);
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (silence, count)
}

/// It was asked a second time, to take out what it might have done: the answer then took twice as long as promised.
#[tokio::test]
async fn a_vector_store_that_hangs_is_asked_once_before_an_episode_is_refused() {
    let mut system = Setup {
        dependency_timeout_ms: 150,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    system.episode(&project, "one").await;
    system.stop_vector_store().await;
    let (silence, asked) = counted_silence(system.vector_store_address()).await;
    let refused = system.episode(&project, "two").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "VECTOR_STORE_UNAVAILABLE")
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    silence.abort();
    let _ = silence.await;
    system.start_vector_store().await;
    assert_eq!(
        system.episode(&project, "two").await.body["data"]["number"],
        2
    );
}

#[tokio::test]
async fn cut_off_from_the_project_service_all_goes_on_but_new_generations() {
    let mut system = Setup {
        step_ms: 50,
        heartbeat_ms: 20,
        retry_base_ms: 20,
        retry_attempts: 20,
        dependency_timeout_ms: 150,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let path = "/api/v1/generations";
    let done = system.generation(&project, "done").await;
    let done = system.finished(&done).await;
    let asked = system
        .generations
        .post_with_key(path, "key", &wish(&project, "under way"))
        .await;
    let id = asked.text("/data/jobId");
    let mut stream = system.stream(&id, None).await;
    stream.event().await;
    system.stop_project_service().await;
    let silence = silence(system.project_service_address()).await;

    let refused = system.generations.post(path, &wish(&project, "new")).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "PROJECT_SERVICE_UNAVAILABLE")
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    let again = system
        .generations
        .post_with_key(path, "key", &wish(&project, "under way"))
        .await;
    assert_eq!((again.status, again.raw), (200, asked.raw));
    let one = format!("{path}/{}", done["jobId"].as_str().unwrap());
    assert_eq!(system.generations.get(&one).await.body["data"], done);
    let list = system.generations.get(path).await;
    assert_eq!(list.body["data"].as_array().unwrap().len(), 2);
    assert_eq!(
        status(&system.generations).await,
        (503, "unhealthy".to_owned())
    );
    assert_eq!(system.generations.get("/livez").await.status, 200);
    // The text is made to its end, and waits while the connection is kept alive.
    stream.ensure_text_made().await;
    assert_eq!(stream.comment_times(3).await.len(), 3);

    silence.abort();
    let _ = silence.await;
    system.start_project_service().await;
    assert_eq!(stream.event().await.1, "completed");
    assert_eq!(system.numbers(&project).await, [1, 2]);
}

/// They stood in line for the key, each for the whole time limit, until the last ones were told that the service is broken.
#[tokio::test]
async fn duplicates_of_a_request_that_cannot_be_done_now_are_all_told_so() {
    let mut system = Setup {
        dependency_timeout_ms: 1_500,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    system.stop_project_service().await;
    let silence = silence(system.project_service_address()).await;
    let body = wish(&project, "A");
    let replies = join_all((0..10).map(|_| {
        system
            .generations
            .post_with_key("/api/v1/generations", "key", &body)
    }))
    .await;
    for reply in replies {
        assert_eq!(reply.status, 503, "{}", reply.body);
    }
    silence.abort();
    let _ = silence.await;
    system.start_project_service().await;
    let made = system
        .generations
        .post_with_key("/api/v1/generations", "key", &body)
        .await;
    assert_eq!(made.status, 201);
}

async fn changes_are_seen_at_once(system: &System, project: &str) {
    let path = format!("/api/v1/projects/{project}");
    for name in ["one", "two", "three"] {
        let changed = system
            .projects
            .json("PUT", &path, &json!({"name": name}))
            .await;
        assert_eq!(changed.status, 200);
        assert_eq!(system.projects.get(&path).await.text("/data/name"), name);
    }
}

#[tokio::test]
async fn a_cache_that_comes_and_goes_never_shows_what_is_old() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    let path = format!("/api/v1/projects/{project}");
    changes_are_seen_at_once(&system, &project).await;
    system.stop_cache().await;
    changes_are_seen_at_once(&system, &project).await;
    assert_eq!(status(&system.projects).await, (200, "degraded".to_owned()));
    assert_eq!(
        status(&system.generations).await,
        (200, "degraded".to_owned())
    );
    system.start_cache();
    changes_are_seen_at_once(&system, &project).await;
    eventually("the cache is up again", || async {
        status(&system.projects).await.1 == "healthy"
    })
    .await;
    system.projects.delete(&path).await;
    assert_eq!(system.projects.get(&path).await.status, 404);
}

/// A cache that takes connections and never says a word is the worst kind: only a time limit helps, and a rest for those who come
/// after the one that met it.
#[tokio::test]
async fn a_cache_that_hangs_keeps_no_request_from_its_answer_and_is_asked_by_few() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    system.stop_cache().await;
    let (held, asked) = counted_silence(system.cache_address()).await;
    let path = format!("/api/v1/projects/{project}");
    let mut answered = 0;
    let asked_thrice = async {
        while asked.load(Ordering::SeqCst) < 3 {
            assert_eq!(system.projects.get(&path).await.status, 200);
            answered += 1;
        }
    };
    let asked_thrice = timeout(Duration::from_mins(1), asked_thrice).await;
    asked_thrice.expect("it is asked again after each rest");
    assert!(!held.is_finished(), "it was silent all the time");
    let asked = asked.load(Ordering::SeqCst);
    assert!(answered > asked, "{answered} answers, {asked} questions");
    held.abort();
}
