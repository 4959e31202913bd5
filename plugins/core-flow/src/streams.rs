//! What every reader of a generation's stream can rely on.

use std::time::Duration;

use assay_client::{Api, NewGeneration, Published, Service, Transcript};
use assay_sdk::prelude::*;
use assay_sdk::{join, try_join};

use crate::script;

/// The steps of a generation.
const STEPS: u64 = 7;
/// Streams that are read on a connection that was used before.
const ROUNDS: u32 = 3;

/// Two readers at a time, and a third one afterwards, see the same ids, events and texts
#[case(tags = ["stream"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn two_readers_see_the_same_stream(api: Api) -> Result<()> {
    let author = api.user("author");
    let project = author.temporary_project("two readers").await?.id;
    let job = author
        .start(&NewGeneration::new(&project, "Seen twice"))
        .await?
        .job_id;
    let (reader, other) = (api.user("reader"), api.user("other reader"));
    let (stream, other_stream) = try_join(reader.follow(&job), other.follow(&job)).await?;
    let (seen, other_seen) = join(stream.to_the_end(), other_stream.to_the_end()).await;
    let (seen, other_seen) = (seen?, other_seen?);
    script::check_whole(&seen, &job)?;
    check_same("the other reader", &other_seen, &seen);
    let late = author.follow(&job).await?.to_the_end().await?;
    check_same("a reader who comes afterwards", &late, &seen);
    Ok(())
}

/// The stream begins with the time after which a reader that lost it should come back: one second
#[case(tags = ["stream"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_stream_says_when_to_come_back(api: Api) -> Result<()> {
    let seen = follow_one(&api, "Come back").await?;
    check_eq!(
        seen.retry,
        Some(Duration::from_secs(1)),
        "`retry` says 1000 ms"
    );
    Ok(())
}

/// A stream on which nothing happens shows that it lives: a heartbeat in every period
#[case(tags = ["stream"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_stream_sends_heartbeats(api: Api) -> Result<()> {
    let period = Duration::from_millis(
        context::optional_setting("reference.heartbeat-ms")?.unwrap_or(15_000),
    );
    let step = Duration::from_millis(context::optional_setting("reference.step-ms")?.unwrap_or(40));
    let whole = step * u32::try_from(STEPS)?;
    if whole < period * 2 {
        skip!(
            "a generation takes {whole:?} and a heartbeat comes every {period:?}: set `reference.heartbeat-ms` to less than half of it"
        );
    }
    let seen = follow_one(&api, "Heartbeats").await?;
    let beats: Vec<Duration> = seen
        .comments
        .iter()
        .filter(|comment| comment.text.trim() == "heartbeat")
        .map(|comment| comment.at)
        .collect();
    let lasted = seen.events.last().map_or(Duration::ZERO, |event| event.at);
    let periods = lasted.as_nanos() / period.as_nanos();
    check!(
        beats.len() as u128 >= periods / 2,
        "{lasted:?} have a heartbeat every {period:?}: {beats:?}"
    );
    check!(!beats.is_empty(), "there is a heartbeat");
    check!(
        beats.len() as u128 <= periods + 2,
        "heartbeats come once in a period: {beats:?}"
    );
    Ok(())
}

/// A stream on a kept-alive connection that carried other requests before comes to its end
#[case(tags = ["stream"], timeout = "40s", needs = ["project-service", "generation-service"])]
async fn a_stream_on_a_used_connection_is_whole(api: Api) -> Result<()> {
    let user = api.user("reader").keeping_connections();
    let project = user.temporary_project("used connection").await?.id;
    let mut kept = 0;
    for round in 1..=ROUNDS {
        let job = user
            .start(&NewGeneration::new(&project, format!("Round {round}")))
            .await?
            .job_id;
        let path = format!("/generations/{job}");
        let normal = user
            .request("GET", Service::Generation, &path)
            .send()
            .await?
            .expect_status(200)?;
        kept += u32::from(normal.timings().connect.is_none());
        let seen = user.follow(&job).await?.to_the_end().await?;
        script::check_whole(&seen, &job)?;
    }
    check!(
        kept > 0,
        "the normal requests went over kept connections: {kept} of {ROUNDS}"
    );
    Ok(())
}

async fn follow_one(api: &Api, title: &str) -> Result<Transcript> {
    let user = api.user("reader");
    let project = user.temporary_project(title).await?.id;
    let job = user
        .start(&NewGeneration::new(&project, title))
        .await?
        .job_id;
    let seen = user.follow(&job).await?.to_the_end().await?;
    ensure!(seen.completed().is_some(), "the generation completes");
    Ok(seen)
}

fn check_same(who: &str, seen: &Transcript, expected: &Transcript) {
    let ids = |transcript: &Transcript| -> Vec<Option<String>> {
        transcript
            .events
            .iter()
            .map(|event| event.id.clone())
            .collect()
    };
    check_eq!(ids(seen), ids(expected), "{who} sees the same ids");
    check_eq!(
        contents(seen),
        contents(expected),
        "{who} sees the same events and texts"
    );
    check!(seen.ended, "{who} sees an orderly end");
}

/// Events without their ids, which are compared apart, and without what depends on when they were read.
fn contents(transcript: &Transcript) -> Vec<Published> {
    let content = |event: &Published| Published {
        id: None,
        at: Duration::ZERO,
        ..event.clone()
    };
    transcript.events.iter().map(content).collect()
}
