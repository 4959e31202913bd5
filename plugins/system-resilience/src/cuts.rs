//! Streams that the network cuts.

use assay_client::{Api, NewGeneration, Transcript, User};
use assay_sdk::chaos::{Action, CLIENT, Delay};
use assay_sdk::prelude::*;
use assay_sdk::{join, join3};

use crate::faults::{self, GENERATION_SERVICE, VECTOR_STORE};
use crate::links::over_client_links;
use crate::reading::{self, Reader};
use crate::{jobs, promises};

/// After how many bytes a connection is cut: in the head, in the first events, in the middle, near the end.
const POSITIONS: [u64; 8] = [1, 300, 700, 1_100, 1_600, 2_300, 3_200, 4_500];
/// Attempts to save that are let fail while a slow stream is watched.
const FAILED: u32 = 2;

/// A stream that the network cuts at any byte goes on, after the last id, where it was: in the middle of an event that event comes again whole
#[case(tags = ["stream", "link"], timeout = "60s", exclusive, needs = ["project-service", "generation-service"])]
async fn a_stream_that_is_cut_at_any_byte_goes_on(api: Api) -> Result<()> {
    let near = api.user("reader nearby");
    let far = over_client_links(&api)?.user("reader far away");
    let project = near.temporary_project("cut at bytes").await?.id;
    let mut counts = Vec::new();
    for position in POSITIONS {
        let job = start(&near, &project, &format!("Cut after {position} bytes")).await?;
        let fault = cut(Action::CutAfterBytes(position)).await?;
        let mut reader = Reader::new(&far, &job);
        let (read, whole) =
            join(reader.read_as_far_as_it_goes(), reading::whole(&near, &job)).await;
        read?;
        let whole = whole?;
        ensure_eq!(
            (reader.broken, reader.is_complete()),
            (1, false),
            "the stream breaks after {position} bytes, with {} events",
            reader.count()
        );
        counts.push(reader.count());
        faults::recover(fault, "link-recovery", || far.job(&job)).await?;
        reader.read_to_the_end().await?;
        reader.check_same_as(&whole, &format!("when it is cut after {position} bytes"));
    }
    check!(
        counts.is_sorted() && counts.first() < counts.last(),
        "the cuts were at different events: {counts:?}"
    );
    Ok(())
}

/// Of two readers one is cut off in the middle and comes back, and the other one does not notice
#[case(tags = ["stream", "link"], timeout = "30s", exclusive, needs = ["project-service", "generation-service"])]
async fn a_reader_who_is_cut_off_disturbs_nobody(api: Api) -> Result<()> {
    let near = api.user("reader nearby");
    let far = over_client_links(&api)?.user("reader far away");
    let project = near.temporary_project("one of two cut").await?.id;
    let job = start(&near, &project, "Two readers").await?;
    let mut reader = Reader::new(&far, &job);
    let cut_off = async {
        let mut stream = reader.open().await?;
        stream.next_event().await?.context("the first event")?;
        let (fault, read) = join(cut(Action::Reset), reader.go_on_with(stream)).await;
        read?;
        let fault = fault?;
        ensure_eq!(
            (reader.broken, reader.is_complete()),
            (1, false),
            "the reset meets it"
        );
        // It comes back to a stream that went on without it.
        eventually(promises::PATIENCE, || async {
            let job = near.job(&job).await?;
            ensure!(
                jobs::has_ended(&job),
                "the generation goes on: {:?}",
                job.status
            );
            Ok(())
        })
        .await?;
        let recovery = fault.heal().await?;
        let back = reader.open().await?;
        reader.go_on_with(back).await?;
        Ok::<_, Problem>(recovery)
    };
    let (recovery, undisturbed) = join(cut_off, reading::whole(&near, &job)).await;
    let first = recovery?
        .first_success()
        .context("a request succeeds after the heal")?;
    metrics::judge("stream-recovery", first.as_secs_f64() * 1e3, 1)?;
    check!(reader.ended, "the reader who came back sees the end");
    reader.check_same_as(&undisturbed?, "when a reset cut it");
    Ok(())
}

/// Over a slow link a stream comes late and whole, and shows that it lives while its generation waits for the vector store
#[case(tags = ["stream", "link"], timeout = "30s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_stream_over_a_slow_link_is_late_and_whole(api: Api) -> Result<()> {
    let near = api.user("reader nearby");
    let far = over_client_links(&api)?.user("reader far away");
    let project = near.temporary_project("slow link").await?.id;
    let (milliseconds, jitter) = (100, 40);
    let delay = Action::Latency(Delay {
        milliseconds,
        jitter,
    });
    let slow = cut(delay).await?;
    let outage = faults::on_service(VECTOR_STORE, Action::Stop).await?;
    let job = start(&near, &project, "Slow").await?;
    let stream = far.follow(&job).await?;
    let opened = stream.stream().opened_after();
    let least = Duration::from_millis(u64::from(milliseconds - jitter) * 2);
    check!(
        opened >= least,
        "the head of the stream is late by both ways: {opened:?}"
    );
    let waits = async {
        jobs::ensure_tried(&near, &job, FAILED).await?;
        faults::recover(outage, "vector-store-recovery", || near.project(&project)).await
    };
    let reads = within(promises::until_saved()?, stream.to_the_end());
    let (waited, seen, whole) = join3(waits, reads, reading::whole(&near, &job)).await;
    waited?;
    let (seen, whole) = (seen??, whole?);
    reading::check_whole(&seen, &job)?;
    check_eq!(
        seen.numbers(),
        whole.numbers(),
        "no event is lost on the slow link"
    );
    check_alive(&seen, opened)?;
    faults::recover(slow, "link-recovery", || far.job(&job)).await?;
    Ok(())
}

/// In as many periods as the stream was open, a heartbeat came in half of them at least.
fn check_alive(seen: &Transcript, opened: Duration) -> Result<()> {
    let last = seen.events.last().context("a final event")?.at;
    let periods = last.saturating_sub(opened).as_nanos() / promises::heartbeat()?.as_nanos();
    let beats = reading::heartbeats(seen);
    check!(
        beats as u128 >= periods / 2,
        "in {periods} periods there are heartbeats: {beats}"
    );
    check_eq!(
        seen.retry,
        Some(Duration::from_secs(1)),
        "the stream says when to come back"
    );
    Ok(())
}

async fn cut(action: Action) -> Result<chaos::Fault> {
    faults::on_link(&chaos::link(CLIENT, GENERATION_SERVICE), action).await
}

async fn start(user: &User, project: &str, title: &str) -> Result<String> {
    let new = NewGeneration {
        length_target: 400,
        ..NewGeneration::new(project, title)
    };
    Ok(user.start(&new).await?.job_id)
}
