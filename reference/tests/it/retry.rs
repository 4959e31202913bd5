//! The retry queue: what cannot be stored now waits for all to see, and is stored, refused or kept as a dead letter.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::child::{Pace, Process};
use crate::client::Client;
use crate::frames::{Frame, events};
use crate::saves::{attempted, attempts, job, ms_between, queue, report, save_again};
use crate::system::{Setup, wish};

fn stats(pending: u64, dead_letter: u64) -> Value {
    json!({"pending": pending, "processing": 0, "deadLetter": dead_letter, "total": pending + dead_letter})
}

/// Each failed attempt names a wait that doubles, at most a tenth longer, and the next one keeps to it.
fn assert_waits(attempts: &[Value], base_ms: u64) {
    for (index, attempt) in attempts.iter().enumerate() {
        assert_eq!(attempt["attempt"], index + 1);
        if attempt["nextAttemptAt"].is_null() {
            continue;
        }
        let wait = ms_between(&attempt["endedAt"], &attempt["nextAttemptAt"]);
        let least = base_ms << index.min(4);
        assert!(
            (least..=least * 11 / 10).contains(&wait),
            "{wait} in {attempts:?}"
        );
        if let Some(next) = attempts.get(index + 1) {
            let late = ms_between(&attempt["nextAttemptAt"], &next["startedAt"]);
            assert!(late < 43_200_000, "too early: {attempts:?}");
        }
    }
}

#[tokio::test]
async fn a_failed_save_is_tried_again_after_doubling_waits_until_it_is_stored() {
    let mut system = Setup {
        heartbeat_ms: 20,
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
    attempted(&system.generations, &id, 3).await;

    let waiting = job(&system.generations, &id).await;
    assert_eq!(waiting["status"], "saving");
    assert_eq!(waiting["progress"], 100);
    assert_eq!(waiting["savedToEpisode"], false);
    let tried = report(&system.generations, &id).await;
    assert_eq!(tried["maxAttempts"], 20);
    assert!(attempts(&tried).iter().all(|one| one["error"].is_string()));
    let queue = queue(&system.generations).await;
    assert_eq!(
        (&queue["total"], &queue["deadLetter"]),
        (&json!(1), &json!(0))
    );
    // Nothing is told while it waits, and the connection is kept alive.
    for _ in 0..2 {
        let heartbeat = Frame::Comment("heartbeat".to_owned());
        assert_eq!(stream.next().await.unwrap(), Some(heartbeat));
    }

    system.start_vector_store().await;
    let (event_id, name, data) = stream.event().await;
    assert_eq!((event_id, name.as_str()), (format!("{id}:14"), "completed"));
    assert_eq!(data["content"]["episodeNumber"], 1);
    let saved = report(&system.generations, &id).await;
    assert_eq!(saved["state"], "saved");
    assert_eq!(saved["lastError"], Value::Null);
    assert_waits(attempts(&saved), 50);
    let job = job(&system.generations, &id).await;
    assert_eq!(job["status"], "completed");
    assert_eq!(job["saveAttempts"], saved["saveAttempts"]);
    assert_eq!(system.numbers(&project).await, [1]);
    assert_eq!(self::queue(&system.generations).await, stats(0, 0));
}

#[tokio::test]
async fn a_save_that_works_at_once_is_one_attempt() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let job = system.finished(&id).await;
    let attempts = attempts(&job);
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0]["error"], Value::Null);
    assert_eq!(attempts[0]["nextAttemptAt"], Value::Null);
}

#[tokio::test]
async fn after_the_last_attempt_it_is_a_dead_letter_that_is_saved_by_hand() {
    let mut system = Setup {
        retry_base_ms: 5,
        retry_attempts: 3,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    system.stop_vector_store().await;
    let id = system.generation(&project, "A").await;
    let failed = events(&system.stream(&id, None).await.rest().await);
    assert_eq!(failed.len(), 14);
    assert_eq!(failed[13].1, "failed");
    assert_eq!(failed[13].2["content"]["retryable"], true);
    let dead = report(&system.generations, &id).await;
    assert_eq!(
        (&dead["state"], &dead["attempts"]),
        (&json!("dead_letter"), &json!(3))
    );
    assert_waits(attempts(&dead), 5);
    assert_eq!(
        job(&system.generations, &id).await["errorCode"],
        "EPISODE_SAVE_FAILED"
    );
    assert_eq!(queue(&system.generations).await, stats(0, 1));
    let metrics = system.generations.get("/metrics").await.raw;
    for (state, count) in [("pending", 0), ("processing", 0), ("dead_letter", 1)] {
        let line = format!("\nretry_queue_jobs{{state=\"{state}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }

    // Too early: it dies once more, and its stream goes on after what was its end.
    let again = save_again(&system.generations, &id).await;
    assert_eq!(
        (again.status, again.text("/data/state").as_str()),
        (202, "pending")
    );
    let rest = events(
        &system
            .stream(&id, Some(&format!("{id}:14")))
            .await
            .rest()
            .await,
    );
    assert_eq!(rest.len(), 1);
    assert_eq!(
        (rest[0].0.clone(), rest[0].1.as_str()),
        (format!("{id}:15"), "failed")
    );
    assert_eq!(report(&system.generations, &id).await["attempts"], 3);
    assert_eq!(queue(&system.generations).await, stats(0, 1));

    system.start_vector_store().await;
    assert_eq!(save_again(&system.generations, &id).await.status, 202);
    let all = events(&system.stream(&id, None).await.rest().await);
    let names: Vec<_> = all[13..].iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, ["failed", "failed", "completed"]);
    let job = job(&system.generations, &id).await;
    assert_eq!(
        (&job["status"], &job["errorCode"]),
        (&json!("completed"), &Value::Null)
    );
    assert_eq!(job["episodeNumber"], 1);
    assert_eq!(attempts(&job).len(), 1);
    assert_eq!(system.numbers(&project).await, [1]);
    assert_eq!(queue(&system.generations).await, stats(0, 0));
}

#[tokio::test]
async fn what_is_no_dead_letter_stays_as_it_is_when_saved_by_hand() {
    let system = Setup {
        step_ms: 50,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let kept = system.generation(&project, "A").await;
    let again = save_again(&system.generations, &kept).await;
    assert_eq!(
        (again.status, again.text("/data/state").as_str()),
        (200, "none")
    );
    system.finished(&kept).await;
    let again = save_again(&system.generations, &kept).await;
    assert_eq!(
        (again.status, again.text("/data/state").as_str()),
        (200, "saved")
    );

    let refused = system.generation(&project, "B").await;
    system
        .projects
        .delete(&format!("/api/v1/projects/{project}"))
        .await;
    system.finished(&refused).await;
    let again = save_again(&system.generations, &refused).await;
    assert_eq!(
        (again.status, again.text("/data/state").as_str()),
        (200, "refused")
    );
    assert_eq!(again.body["data"]["attempts"], 1);
    assert_eq!(queue(&system.generations).await, stats(0, 0));

    let unknown = "job_0000000000000000";
    assert_eq!(
        save_again(&system.generations, unknown).await.code(),
        "GENERATION_JOB_NOT_FOUND"
    );
    let reply = system
        .generations
        .get(&format!("/api/v1/retry/jobs/{unknown}"))
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (404, "GENERATION_JOB_NOT_FOUND")
    );
}

#[tokio::test]
async fn many_who_put_back_one_dead_letter_store_it_once() {
    let mut system = Setup {
        retry_base_ms: 1,
        retry_attempts: 1,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    system.stop_vector_store().await;
    let id = system.generation(&project, "A").await;
    system.finished(&id).await;
    system.start_vector_store().await;
    let replies =
        futures::future::join_all((0..10).map(|_| save_again(&system.generations, &id))).await;
    let accepted = replies.iter().filter(|reply| reply.status == 202).count();
    assert_eq!(accepted, 1);
    assert_eq!(system.finished(&id).await["status"], "completed");
    assert_eq!(system.numbers(&project).await, [1]);
}

#[tokio::test]
async fn a_cancellation_does_not_wait_for_the_queue() {
    let mut system = Setup {
        retry_base_ms: 3_600_000,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    system.stop_vector_store().await;
    let id = system.generation(&project, "A").await;
    attempted(&system.generations, &id, 1).await;
    let path = format!("/api/v1/generations/{id}");
    let canceled = timeout(Duration::from_secs(5), system.generations.delete(&path));
    let canceled = canceled
        .await
        .expect("it does not wait for the next attempt");
    assert_eq!(
        canceled.body["data"],
        json!({"jobId": id, "status": "saving"})
    );
    let stats = system.generations.get("/api/v1/generations/_stats").await;
    assert_eq!(stats.body["data"]["saving"], 1);
    let active = system.generations.get("/api/v1/generations/active").await;
    assert_eq!(active.body["data"][0]["jobId"], id.as_str());
    assert_eq!(queue(&system.generations).await, self::stats(1, 0));
}

/// Fast, with these attempts.
fn pace(retry_base_ms: u64, retry_attempts: u32) -> Pace {
    Pace {
        step_ms: 5,
        retry_base_ms,
        retry_attempts,
    }
}

async fn asked(process: &Process, project: &str) -> (Client, String) {
    let client = process.client();
    let reply = client
        .post("/api/v1/generations", &wish(project, "A"))
        .await;
    let id = reply.text("/data/jobId");
    (client, id)
}

#[tokio::test]
async fn after_a_kill_the_queue_goes_on_counting() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    let data = tempfile::tempdir().unwrap();
    system.stop_vector_store().await;
    let killed = Process::generation_service(&system, &data, pace(60, 20)).await;
    let (client, id) = asked(&killed, &project).await;
    attempted(&client, &id, 2).await;
    killed.kill().await;

    let started = Process::generation_service(&system, &data, pace(60, 20)).await;
    let client = started.client();
    let found = report(&client, &id).await;
    assert!(attempts(&found).len() >= 2, "{found}");
    attempted(&client, &id, attempts(&found).len() + 2).await;
    let later = report(&client, &id).await;
    assert!(attempts(&later).starts_with(attempts(&found)), "{later}");
    assert_waits(attempts(&later), 60);
    system.start_vector_store().await;
    let all = events(&client.stream(&id, None).await.rest().await);
    assert_eq!((all.len(), all[13].1.as_str()), (14, "completed"));
    assert_eq!(system.numbers(&project).await, [1]);
    started.kill().await;
}

#[tokio::test]
async fn a_dead_letter_survives_a_kill() {
    let mut system = Setup::default().start().await;
    let project = system.project("P").await;
    let data = tempfile::tempdir().unwrap();
    system.stop_vector_store().await;
    let killed = Process::generation_service(&system, &data, pace(1, 2)).await;
    let (client, id) = asked(&killed, &project).await;
    client.stream(&id, None).await.rest().await;
    killed.kill().await;

    let started = Process::generation_service(&system, &data, pace(1, 2)).await;
    let client = started.client();
    assert_eq!(queue(&client).await, stats(0, 1));
    system.start_vector_store().await;
    assert_eq!(save_again(&client, &id).await.status, 202);
    let all = events(&client.stream(&id, None).await.rest().await);
    assert_eq!((all.len(), all[14].1.as_str()), (15, "completed"));
    assert_eq!(system.numbers(&project).await, [1]);
    started.kill().await;
}
