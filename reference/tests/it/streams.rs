//! The event stream: order, ids, replay, heartbeats, many readers.

use std::time::Duration;

use futures::future::join_all;

use crate::frames::{Frame, events};
use crate::system::Setup;

#[tokio::test]
async fn a_stream_tells_everything_in_order_and_then_ends() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let frames = system.stream(&id, None).await.rest().await;
    assert_eq!(frames[0], Frame::Retry(1000));
    let events = events(&frames);
    let names: Vec<_> = events.iter().map(|(_, name, _)| name.as_str()).collect();
    let mut wanted = ["progress", "preview"].repeat(6);
    wanted.extend(["progress", "completed"]);
    assert_eq!(names, wanted);

    let whole = events.last().unwrap().2["content"]["markdown"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut percents = Vec::new();
    let mut shown = "";
    for (index, (event_id, name, data)) in events.iter().enumerate() {
        assert_eq!(*event_id, format!("{id}:{}", index + 1));
        assert_eq!(data["jobId"], id.as_str());
        assert_eq!(data["sequence"], index + 1);
        assert_eq!(
            data["status"],
            if name == "completed" {
                "completed"
            } else {
                "streaming"
            }
        );
        let content = &data["content"];
        match name.as_str() {
            "progress" => {
                percents.push(content["progressPercentage"].as_u64().unwrap());
                assert_eq!(content["stepsCompleted"], percents.len());
                assert_eq!(content["totalSteps"], 7);
            }
            "preview" => {
                let text = content["markdown"].as_str().unwrap();
                assert!(whole.starts_with(text) && text.starts_with(shown));
                assert_eq!(content["isPartial"], true);
                assert_eq!(content["wordCount"], text.split_whitespace().count());
                shown = text;
            }
            _ => {}
        }
    }
    assert_eq!(percents, [10, 25, 40, 60, 75, 90, 100]);
}

#[tokio::test]
async fn every_reader_sees_the_same_whenever_it_came() {
    let system = Setup {
        step_ms: 30,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let mut first = system.stream(&id, None).await;
    let begun = first.event().await;
    let readers =
        join_all((0..5).map(|_| async { system.stream(&id, None).await.rest().await })).await;
    let late = system.stream(&id, None).await.rest().await;
    for reader in &readers {
        assert_eq!(*reader, late);
    }
    let mut seen = vec![begun];
    seen.extend(events(&first.rest().await));
    assert_eq!(seen, events(&late));
}

#[tokio::test]
async fn a_reader_that_comes_back_misses_nothing_and_sees_nothing_twice() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let all = events(&system.stream(&id, None).await.rest().await);
    for after in 1..=all.len() {
        let rest = system
            .stream(&id, Some(&all[after - 1].0))
            .await
            .rest()
            .await;
        assert_eq!(events(&rest), all[after..], "after {after}");
    }
}

#[tokio::test]
async fn a_last_event_id_that_is_not_known_is_ignored() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let all = events(&system.stream(&id, None).await.rest().await);
    for unknown in [
        format!("{id}:0"),
        format!("{id}:15"),
        format!("{id}:x"),
        "job_1:3".to_owned(),
        "7".to_owned(),
    ] {
        let given = events(&system.stream(&id, Some(&unknown)).await.rest().await);
        assert_eq!(given, all, "{unknown}");
    }
}

#[tokio::test]
async fn heartbeats_come_at_a_fixed_period_for_the_whole_life_of_a_stream() {
    let setup = Setup {
        step_ms: 130,
        heartbeat_ms: 100,
        ..Setup::default()
    };
    let system = setup.start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let mut stream = system.stream(&id, None).await;
    let times = stream.comment_times(8).await;
    // Events in between do not put heartbeats off: 8 of them span 7 periods, however late a single one is.
    let span = times[7] - times[0];
    assert!(
        span > Duration::from_millis(600) && span < Duration::from_millis(820),
        "{span:?}"
    );
}

#[tokio::test]
async fn fifty_streams_of_fifty_generations_are_open_at_once() {
    let system = Setup {
        step_ms: 60,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let streams = join_all((0..50).map(|number| {
        let (system, project) = (&system, &project);
        async move {
            let id = system.generation(project, &format!("T{number}")).await;
            let mut stream = system.stream(&id, None).await;
            stream.event().await;
            (id, stream)
        }
    }))
    .await;
    let metrics = system.generations.get("/metrics").await.raw;
    assert!(metrics.contains("\nsse_streams_open 50\n"), "{metrics}");
    for (id, stream) in streams {
        let events = events(&stream.rest().await);
        assert_eq!(events.last().unwrap().0, format!("{id}:14"));
        assert_eq!(events.last().unwrap().1, "completed");
    }
    let metrics = system.generations.get("/metrics").await.raw;
    assert!(metrics.contains("\nsse_streams_open 0\n"), "{metrics}");
}
