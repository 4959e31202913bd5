//! Defects of what happens to a text that is made: when it is stored, and what becomes of a save that fails.

use serde_json::json;

use crate::frames::{Frame, events};
use crate::saves::{attempted, attempts, job, ms_between, report};
use crate::system::{Setup, System, eventually};

#[tokio::test]
async fn d1_completed_comes_before_the_episode() {
    only_with!("D1", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let events = events(&system.stream(&id, None).await.rest().await);
        assert_eq!(events.last().unwrap().1, "completed");
        let early = system.numbers(&project).await.is_empty();
        eventually("the episode is stored", || async {
            system.numbers(&project).await == [1]
        })
        .await;
        early
    });
}

#[tokio::test]
async fn d2_a_failed_save_is_completed() {
    only_with!(
        "D2",
        Setup {
            step_ms: 40,
            ..Setup::default()
        },
        async |system: &mut System| {
            let project = system.project("P").await;
            let id = system.generation(&project, "A").await;
            system
                .projects
                .delete(&format!("/api/v1/projects/{project}"))
                .await;
            let job = system.finished(&id).await;
            job["status"] == "completed" && job["episodeId"].is_null()
        }
    );
}

#[tokio::test]
async fn d25_a_failed_save_is_in_no_queue_and_never_tried_again() {
    let setup = Setup {
        heartbeat_ms: 20,
        retry_base_ms: 5,
        retry_attempts: 20,
        ..Setup::default()
    };
    only_with!("D25", setup, async |system: &mut System| {
        let project = system.project("P").await;
        system.stop_vector_store().await;
        let id = system.generation(&project, "A").await;
        let mut stream = system.stream(&id, None).await;
        stream.ensure_text_made().await;
        let lost = async || {
            // In this order: a job that is `saving` is in the queue, or lost.
            job(&system.generations, &id).await["status"] == "saving"
                && report(&system.generations, &id).await["state"] == "none"
        };
        eventually("it is tried a second time, or given up", || async {
            let report = report(&system.generations, &id).await;
            report["attempts"].as_u64() >= Some(2) || lost().await
        })
        .await;
        let lost = lost().await;
        system.start_vector_store().await;
        let mut heartbeats = 0;
        let most = if lost { 25 } else { 500 };
        let ended = loop {
            match stream.next().await.unwrap() {
                Some(Frame::Comment(_)) => heartbeats += 1,
                Some(_) => {}
                None => break true,
            }
            // Many times longer than the longest wait, once the vector store is back.
            if heartbeats == most {
                break false;
            }
        };
        assert_eq!(ended, !lost);
        let job = job(&system.generations, &id).await;
        assert_eq!(job["status"] == "saving", lost);
        assert_eq!(job["saveAttempts"] == json!([]), lost);
        lost
    });
}

#[tokio::test]
async fn d26_the_first_wait_is_twice_as_long() {
    let setup = Setup {
        retry_base_ms: 600_000,
        ..Setup::default()
    };
    only_with!("D26", setup, async |system: &mut System| {
        let project = system.project("P").await;
        system.stop_vector_store().await;
        let id = system.generation(&project, "A").await;
        attempted(&system.generations, &id, 1).await;
        let report = report(&system.generations, &id).await;
        let attempt = &attempts(&report)[0];
        let wait = ms_between(&attempt["endedAt"], &attempt["nextAttemptAt"]);
        assert!((600_000..=1_320_000).contains(&wait), "{wait}");
        wait >= 1_200_000
    });
}
