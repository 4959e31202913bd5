//! Generations: what each endpoint answers, and that the script is the same everywhere.

use serde_json::{Value, json};

use crate::frames::events;
use crate::system::{Setup, wish};

#[tokio::test]
async fn a_generation_ends_as_an_episode_with_the_same_text_everywhere() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let body = json!({"projectId": project, "title": "Öl", "description": "a \"tale\"\nof two", "scriptType": "Comedy", "model": "m", "temperature": 2, "lengthTarget": 150});
    let asked = system.generations.post("/api/v1/generations", &body).await;
    assert_eq!(asked.status, 201);
    assert_eq!(asked.body["data"]["status"], "queued");
    assert_eq!(asked.body["data"]["estimatedDurationMs"], 35);
    let id = asked.text("/data/jobId");
    assert_eq!(
        asked.text("/data/sseUrl"),
        format!("/api/v1/generations/{id}/events")
    );
    assert_eq!(
        asked.text("/data/cancelUrl"),
        format!("/api/v1/generations/{id}")
    );

    let events = events(&system.stream(&id, None).await.rest().await);
    let (_, name, last) = events.last().unwrap();
    assert_eq!(name, "completed");
    let content = &last["content"];
    let path = format!(
        "/api/v1/projects/{project}/episodes/{}",
        content["episodeId"].as_str().unwrap()
    );
    let episode = system.projects.get(&path).await.body["data"].clone();
    let job = system.finished(&id).await;
    assert_eq!(job["status"], "completed");
    assert_eq!(job["savedToEpisode"], true);
    assert_eq!(job["episodeId"], episode["id"]);
    assert_eq!(job["episodeNumber"], 1);
    assert_eq!(job["script"], episode["script"]);
    assert_eq!(content["markdown"], episode["script"]["markdown"]);
    assert_eq!(content["episodeNumber"], 1);
    assert_eq!(episode["title"], "Öl");
    assert_eq!(episode["promptSnapshot"], "a \"tale\"\nof two");
    let words = episode["script"]["markdown"]
        .as_str()
        .unwrap()
        .split_whitespace()
        .count();
    assert_eq!(
        json!([words, words, words]),
        json!([150, job["wordCount"], content["wordCount"]])
    );
    assert_eq!(
        system.documents(&project).await["documents"],
        json!([content["markdown"]])
    );
}

#[tokio::test]
async fn equal_requests_have_equal_texts_and_different_ones_different_texts() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let mut texts = Vec::new();
    for title in ["A", "A", "B"] {
        let id = system.generation(&project, title).await;
        texts.push(system.finished(&id).await["script"]["markdown"].clone());
    }
    assert_eq!(texts[0], texts[1]);
    assert_ne!(texts[0], texts[2]);
}

#[tokio::test]
async fn generations_are_listed_counted_and_found_while_active() {
    let system = Setup {
        step_ms: 60_000,
        ..Setup::default()
    }
    .start()
    .await;
    let (project, other) = (system.project("P").await, system.project("Q").await);
    let first = system.generation(&project, "A").await;
    let second = system.generation(&other, "B").await;
    let ids = |list: Value| {
        let list = list["data"].as_array().unwrap().clone();
        list.iter()
            .map(|job| job["jobId"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let get = |path: String| {
        let generations = &system.generations;
        async move { generations.get(&path).await.body }
    };
    assert_eq!(
        ids(get("/api/v1/generations".into()).await),
        [second.clone(), first.clone()]
    );
    assert_eq!(
        ids(get("/api/v1/generations?limit=1&skip=1".into()).await),
        [first.as_str()]
    );
    assert_eq!(
        ids(get(format!("/api/v1/generations?projectId={other}")).await),
        [second.as_str()]
    );
    assert_eq!(
        ids(get("/api/v1/generations?status=completed".into()).await),
        [""; 0]
    );
    assert_eq!(
        ids(get("/api/v1/generations/active".into()).await),
        [first.clone(), second]
    );

    let canceled = system
        .generations
        .delete(&format!("/api/v1/generations/{first}"))
        .await;
    assert_eq!(
        canceled.body["data"],
        json!({"jobId": first, "status": "canceled"})
    );
    let stats = get("/api/v1/generations/_stats".into()).await;
    assert_eq!(stats["data"]["total"], 2);
    assert_eq!(stats["data"]["canceled"], 1);
    assert_eq!(stats["data"]["completed"], 0);
    assert_eq!(ids(get("/api/v1/generations/active".into()).await).len(), 1);
}

#[tokio::test]
async fn a_canceled_generation_ends_its_stream_and_makes_no_episode() {
    let system = Setup {
        step_ms: 60_000,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let stream = system.stream(&id, None).await;
    let path = format!("/api/v1/generations/{id}");
    for _ in 0..2 {
        assert_eq!(
            system.generations.delete(&path).await.body["data"]["status"],
            "canceled"
        );
    }
    let events = events(&stream.rest().await);
    let (last_id, name, data) = &events[0];
    assert_eq!((events.len(), name.as_str()), (1, "failed"));
    assert_eq!(*last_id, format!("{id}:1"));
    assert_eq!(data["status"], "canceled");
    assert_eq!(data["content"]["errorCode"], "JOB_CANCELED");
    let job = system.generations.get(&path).await.body["data"].clone();
    assert_eq!(job["status"], "canceled");
    assert_eq!(job["errorCode"], "JOB_CANCELED");
    assert_eq!(job["savedToEpisode"], false);
    assert_eq!(system.numbers(&project).await, [0; 0]);
}

#[tokio::test]
async fn a_finished_generation_stays_as_it_is_when_canceled() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let before = system.finished(&id).await;
    let path = format!("/api/v1/generations/{id}");
    assert_eq!(
        system.generations.delete(&path).await.body["data"]["status"],
        "completed"
    );
    assert_eq!(system.generations.get(&path).await.body["data"], before);
}

#[tokio::test]
async fn an_unknown_generation_is_404_everywhere() {
    let system = Setup::default().start().await;
    for (method, path) in [
        ("GET", "/api/v1/generations/job_0000000000000000"),
        ("GET", "/api/v1/generations/job_0000000000000000/events"),
        ("DELETE", "/api/v1/generations/job_0000000000000000"),
    ] {
        let reply = system.generations.call(method, path, &[], None).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "GENERATION_JOB_NOT_FOUND")
        );
    }
    for id in ["proj_none", "..", "a/b", "%"] {
        let reply = system
            .generations
            .post("/api/v1/generations", &wish(id, "A"))
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "PROJECT_NOT_FOUND"),
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_generation_whose_project_is_gone_fails_for_good() {
    let system = Setup {
        step_ms: 100,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    system
        .projects
        .delete(&format!("/api/v1/projects/{project}"))
        .await;
    let events = events(&system.stream(&id, None).await.rest().await);
    let (_, name, data) = events.last().unwrap();
    assert_eq!(name, "failed");
    assert_eq!(data["status"], "failed");
    assert_eq!(data["content"]["errorCode"], "EPISODE_SAVE_FAILED");
    assert_eq!(data["content"]["retryable"], false);
    assert_eq!(
        system.finished(&id).await["errorCode"],
        "EPISODE_SAVE_FAILED"
    );
}
