//! Defects of the streams: their ids, their replay, their ends and their signs of life.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::frames::{Frame, events};
use crate::system::{Setup, System};

#[tokio::test]
async fn d5_who_comes_back_gets_only_the_newest_progress_and_the_end() {
    only_with!("D5", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let all = events(&system.stream(&id, None).await.rest().await);
        assert_eq!(all.len(), 14);
        let mut lost = Vec::new();
        for last in [format!("{id}:3"), "unknown".to_owned()] {
            let rest = events(&system.stream(&id, Some(&last)).await.rest().await);
            lost.push(rest == all[12..]);
        }
        assert_eq!(lost[0], lost[1]);
        lost[0]
    });
}

#[tokio::test]
async fn d6_event_ids_differ_from_reader_to_reader_and_have_gaps() {
    only_with!("D6", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let events = events(&system.stream(&id, None).await.rest().await);
            ids.push(
                events
                    .into_iter()
                    .map(|(event_id, ..)| event_id)
                    .collect::<Vec<_>>(),
            );
        }
        let dense: Vec<_> = (1..=14).map(|number| format!("{id}:{number}")).collect();
        assert_eq!(ids[0] == dense, ids[0] == ids[1]);
        ids[0] != dense
    });
}

#[tokio::test]
async fn d7_a_restart_leaves_a_generation_that_never_ends() {
    let setup = Setup {
        step_ms: 40,
        heartbeat_ms: 50,
        ..Setup::default()
    };
    only_with!("D7", setup, async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let seen = system.stream(&id, None).await.event().await;
        system.stop_generation_service().await;
        system.start_generation_service().await;
        let mut stream = system.stream(&id, Some(&seen.0)).await;
        // Many times longer without an event than a step takes.
        let mut heartbeats = 0;
        while heartbeats < 12 {
            match stream.next().await.unwrap() {
                Some(Frame::Comment(_)) => heartbeats += 1,
                Some(_) => heartbeats = 0,
                None => return false,
            }
        }
        let path = format!("/api/v1/generations/{id}");
        system.generations.get(&path).await.body["data"]["status"] == "streaming"
    });
}

#[tokio::test]
async fn d8_there_is_no_heartbeat_and_no_retry() {
    let setup = Setup {
        step_ms: 40,
        heartbeat_ms: 20,
        ..Setup::default()
    };
    only_with!("D8", setup, async |system: &mut System| {
        let project = system.project("P").await;
        let id = system.generation(&project, "A").await;
        let frames = system.stream(&id, None).await.rest().await;
        let has = |wanted: fn(&Frame) -> bool| frames.iter().any(wanted);
        let comments = has(|frame| matches!(frame, Frame::Comment(_)));
        assert_eq!(comments, has(|frame| matches!(frame, Frame::Retry(_))));
        !comments
    });
}

#[tokio::test]
async fn d21_a_stream_on_a_used_connection_is_cut() {
    only_with!(
        "D21",
        Setup {
            step_ms: 30,
            ..Setup::default()
        },
        async |system: &mut System| {
            let project = system.project("P").await;
            let mut ends = Vec::new();
            for used_before in [false, true] {
                let id = system.generation(&project, "A").await;
                let address = system.generations.url.trim_start_matches("http://");
                let mut stream = TcpStream::connect(address).await.unwrap();
                if used_before {
                    stream
                        .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
                        .await
                        .unwrap();
                }
                let request = format!(
                    "GET /api/v1/generations/{id}/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut bytes = Vec::new();
                let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes))
                    .await
                    .unwrap();
                // The last chunk of an orderly end.
                ends.push(read.is_ok() && bytes.ends_with(b"0\r\n\r\n"));
            }
            assert!(ends[0]);
            !ends[1]
        }
    );
}
