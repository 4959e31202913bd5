//! Processes that are killed and started again: what was answered is still true, and what was begun goes on.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::child::{Pace, Process, command};
use crate::frames::{Frame, events};
use crate::system::{Setup, System, wish};

/// A save is tried for as long as a test may take to start what is missing.
async fn generation_process(system: &System, data: &TempDir, step_ms: u64) -> Process {
    let pace = Pace {
        step_ms,
        retry_base_ms: 50,
        retry_attempts: 20,
    };
    Process::generation_service(system, data, pace).await
}

#[tokio::test]
async fn a_generation_that_was_killed_goes_on_from_its_last_step() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let data = tempfile::tempdir().unwrap();
    let process = generation_process(&system, &data, 60).await;
    let generations = process.client();
    let asked = generations
        .post_with_key("/api/v1/generations", "key", &wish(&project, "A"))
        .await;
    let id = asked.text("/data/jobId");
    let mut stream = generations.stream(&id, None).await;
    let mut seen = vec![
        stream.event().await,
        stream.event().await,
        stream.event().await,
    ];
    process.kill().await;
    // What was on its way still counts; then the connection is broken, not ended.
    while let Ok(frame) = stream.next().await {
        seen.extend(events(&[frame.expect("a killed process ends no stream")]));
    }

    let process = generation_process(&system, &data, 60).await;
    let generations = process.client();
    let last = seen.last().unwrap().0.clone();
    let rest = events(&generations.stream(&id, Some(&last)).await.rest().await);
    seen.extend(rest);
    let all = events(&generations.stream(&id, None).await.rest().await);
    assert_eq!(seen, all);
    let ids: Vec<_> = all.iter().map(|(event_id, ..)| event_id.clone()).collect();
    assert_eq!(
        ids,
        (1..=14)
            .map(|number| format!("{id}:{number}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(all.last().unwrap().1, "completed");
    assert_eq!(system.numbers(&project).await, [1]);

    // The key is as durable as the generation.
    let again = generations
        .post_with_key("/api/v1/generations", "key", &wish(&project, "A"))
        .await;
    assert_eq!((again.status, again.raw), (200, asked.raw));
    process.kill().await;
}

#[tokio::test]
async fn what_starts_without_its_dependencies_lives_and_goes_on_when_they_are_there() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    let data = tempfile::tempdir().unwrap();
    let process = generation_process(&system, &data, 60).await;
    let generations = process.client();
    let asked = generations
        .post("/api/v1/generations", &wish(&project, "A"))
        .await;
    let id = asked.text("/data/jobId");
    let mut stream = generations.stream(&id, None).await;
    let seen = stream.event().await;
    process.kill().await;
    system.stop_cache().await;
    system.stop_project_service().await;

    let process = generation_process(&system, &data, 60).await;
    let generations = process.client();
    assert_eq!(generations.get("/livez").await.status, 200);
    let ready = generations.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.code().as_str()),
        (503, "PROJECT_SERVICE_UNAVAILABLE")
    );
    let mut stream = generations.stream(&id, Some(&seen.0)).await;
    stream.ensure_text_made().await;

    system.start_project_service().await;
    system.start_cache();
    assert_eq!(stream.event().await.1, "completed");
    assert_eq!(generations.get("/readyz").await.status, 200);
    assert_eq!(system.numbers(&project).await, [1]);
    process.kill().await;
}

#[tokio::test]
async fn killed_again_and_again_it_still_makes_one_episode_of_each_generation() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let data = tempfile::tempdir().unwrap();
    let mut process = generation_process(&system, &data, 10).await;
    let mut ids = Vec::new();
    for number in 0..8 {
        let generations = process.client();
        let asked = generations
            .post(
                "/api/v1/generations",
                &wish(&project, &format!("T{number}")),
            )
            .await;
        ids.push(asked.text("/data/jobId"));
        // After a different number of events each time, now and then in the middle of a save.
        let mut stream = generations.stream(&ids[number], None).await;
        for _ in 0..=(number * 2).min(12) {
            stream.event().await;
        }
        process.kill().await;
        process = generation_process(&system, &data, 10).await;
    }
    let generations = process.client();
    for id in &ids {
        let all = events(&generations.stream(id, None).await.rest().await);
        assert_eq!(all.len(), 14);
        assert_eq!(all[13].1, "completed");
    }
    assert_eq!(system.numbers(&project).await, (1..=8).collect::<Vec<_>>());
    process.kill().await;
}

#[tokio::test]
async fn what_the_project_service_answered_survives_a_kill() {
    let system = Setup::default().start().await;
    let data = tempfile::tempdir().unwrap();
    let process = Process::project_service(&system, &data).await;
    let projects = process.client();
    let project = projects
        .post("/api/v1/projects", &json!({"name": "A", "type": "drama"}))
        .await;
    let path = format!("/api/v1/projects/{}", project.text("/data/id"));
    let episodes = format!("{path}/episodes");
    let mut made = Vec::new();
    for number in 0..5 {
        let body = json!({"script": {"markdown": format!("text {number}")}});
        made.push(projects.post(&episodes, &body).await.body["data"].clone());
    }
    process.kill().await;

    let process = Process::project_service(&system, &data).await;
    let projects = process.client();
    assert_eq!(projects.get(&path).await.body["data"], project.body["data"]);
    assert_eq!(
        projects.get(&episodes).await.body["data"],
        Value::from(made)
    );
    assert_eq!(
        projects.get(&format!("{episodes}/_next-number")).await.body["data"]["nextNumber"],
        6
    );
    process.kill().await;
}

#[tokio::test]
async fn a_signal_ends_open_streams_and_the_process_in_an_orderly_way() {
    for signal in ["TERM", "INT"] {
        let system = Setup::default().start().await;
        let project = system.project("P").await;
        let data = tempfile::tempdir().unwrap();
        let process = generation_process(&system, &data, 60_000).await;
        let generations = process.client();
        let asked = generations
            .post("/api/v1/generations", &wish(&project, "A"))
            .await;
        let stream = generations.stream(&asked.text("/data/jobId"), None).await;
        process.signal(signal).await;
        assert_eq!(stream.rest().await, [Frame::Retry(1000)]);
        let (status, output) = process.end().await;
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(output, "");
    }
}

#[tokio::test]
async fn what_cannot_start_says_why_and_what_to_do() {
    let system = Setup::default().start().await;
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let taken = system.cache_address().to_string();
    let file = file.to_str().unwrap();
    let free = "127.0.0.1:0";
    let cache_url = [
        "project-service",
        "--listen",
        free,
        "--data",
        data.path().to_str().unwrap(),
        "--cache-url",
        "nonsense",
        "--vector-store-url",
        "http://x",
    ];
    for (arguments, code, message) in [
        (
            &["cache", "--listen", &taken][..],
            1,
            "give another address with --listen",
        ),
        (
            &["vector-store", "--listen", free, "--data", file],
            1,
            "give a folder that can be written with --data",
        ),
        (&cache_url, 1, "give --cache-url redis://HOST:PORT"),
        (
            &["cache", "--defects", "D99"],
            2,
            "unknown defect D99: known are D1, D2, ",
        ),
        (&["project-service"], 2, "--data <DIR>"),
        (&[], 2, "Usage: reference"),
    ] {
        let output = command(arguments).output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(message), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}
