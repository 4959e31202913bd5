//! Defects that only show under load: memory that is kept, a cliff, a limit, events that are lost in a crowd. That D28 reads every
//! episode is shown beside the code that does (`numbering.rs`).

use std::pin::pin;

use futures::future::{Either, join_all, select};
use serde_json::json;

use crate::child::Process;
use crate::frames::{Frames, events};
use crate::system::{Setup, System};

/// What D27 keeps of each thing that is made.
const KEPT_OF_EACH: u64 = 16 << 10;

#[tokio::test]
async fn d27_what_is_made_stays_in_memory() {
    const MADE: u64 = 300;
    let system = Setup::default().start().await;
    for (defects, wanted) in [("", false), ("D27", true)] {
        let data = tempfile::tempdir().unwrap();
        let process = Process::project_service_with(&system, &data, defects).await;
        let client = process.client();
        let project = json!({"name": "kept", "type": "drama"});
        let project = client.post("/api/v1/projects", &project).await;
        let path = format!("/api/v1/projects/{}/episodes", project.text("/data/id"));
        let episode = json!({"script": {"markdown": "short"}});
        // What every process takes at first is there after some.
        let mut grown = 0;
        for (count, counts) in [(MADE / 3, false), (MADE, true)] {
            let before = process.memory();
            for _ in 0..count {
                assert_eq!(client.post(&path, &episode).await.status, 201);
            }
            if counts {
                grown = process.memory().saturating_sub(before);
            }
        }
        let kept = grown >= MADE * KEPT_OF_EACH;
        assert_eq!(kept, wanted, "with {defects:?}: {} KiB more", grown >> 10);
    }
}

#[tokio::test]
async fn d29_beyond_a_crowd_each_creation_waits() {
    /// What each waits, in seconds. Creations that do not wait take a hundredth of it, and that many at once a tenth.
    const WAIT: f64 = 6.0;
    let setup = Setup {
        test_hooks: true,
        ..Setup::default()
    };
    only_with!("D29", setup, async |system: &mut System| {
        let project = system.project("P").await;
        // So that all of them are under way before the first one is begun.
        system.interfere(0, 1_000).await;
        let mut waited = Vec::new();
        for crowd in [48, 60] {
            let replies = join_all((0..crowd).map(|_| system.episode(&project, "text"))).await;
            assert!(replies.iter().all(|reply| reply.status == 201));
            let stats = system.watching("/performance/stats").await;
            waited.push(stats["p95DurationSeconds"].as_f64().unwrap() >= WAIT);
        }
        assert!(!waited[0], "48 at once wait for nothing");
        waited[1]
    });
}

#[tokio::test]
async fn d30_a_further_stream_waits_until_one_of_sixteen_ends() {
    const STREAMS: usize = 16;
    const HEARTBEATS: usize = 100;
    let setup = Setup {
        step_ms: 60_000,
        heartbeat_ms: 20,
        ..Setup::default()
    };
    only_with!("D30", setup, async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let mut open = Vec::new();
        for _ in 0..STREAMS {
            open.push(system.stream(&id, None).await);
        }
        let mut further = pin!(system.stream(&id, None));
        let mut first = open.remove(0);
        let waits = match select(further.as_mut(), pin!(first.comment_times(HEARTBEATS))).await {
            Either::Left(_) => false,
            Either::Right(_) => true,
        };
        drop(first);
        if waits {
            further.await.comment_times(1).await;
        }
        waits
    });
}

#[tokio::test]
async fn d31_who_comes_after_sixteen_readers_gets_no_previews() {
    const READERS: usize = 16;
    let setup = Setup {
        step_ms: 200,
        ..Setup::default()
    };
    only_with!("D31", setup, async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let mut readers = Vec::new();
        for _ in 0..=READERS {
            readers.push(system.stream(&id, None).await);
        }
        let read = join_all(readers.into_iter().map(Frames::rest)).await;
        let counts: Vec<_> = read.iter().map(|frames| events(frames).len()).collect();
        let (last, others) = counts.split_last().unwrap();
        assert!(others.iter().all(|count| *count == 14), "{counts:?}");
        assert!([14, 8].contains(last), "{counts:?}");
        *last == 8
    });
}
