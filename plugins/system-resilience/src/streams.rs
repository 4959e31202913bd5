//! Streams that their reader leaves and comes back to.

use assay_client::{Api, NewGeneration, Published, Transcript, User};
use assay_sdk::join;
use assay_sdk::prelude::*;

use crate::reading::{self, Reader};

/// A generation has fewer events; a reader who goes round in circles has more.
const MOST_EVENTS: usize = 50;

/// A reader who leaves a running stream after any of its events, and comes back with the last id, misses nothing and sees nothing twice
#[case(tags = ["stream"], timeout = "60s", needs = ["project-service", "generation-service"])]
async fn a_reader_may_leave_after_any_event(api: Api) -> Result<()> {
    let user = api.user("restless reader");
    let project = user.temporary_project("left").await?.id;
    let events = reading::whole(&user, &start(&user, &project, "Left").await?)
        .await?
        .events
        .len();
    let rounds = (1..events).map(|after| leave_after(&user, &project, after));
    let seen = try_join_all(rounds).await?;
    check_eq!(
        seen.len(),
        events - 1,
        "the stream was left after each of its {events} events but the last"
    );
    Ok(())
}

/// Reads up to one event, leaves, and reads the rest, while another reader never leaves.
async fn leave_after(user: &User, project: &str, after: usize) -> Result<()> {
    let job = start(user, project, &format!("Left after {after}")).await?;
    let restless = async {
        let mut reader = Reader::new(user, &job);
        reader.read_some(after).await?;
        ensure_eq!(reader.count(), after, "it leaves after so many events");
        reader.read_to_the_end().await?;
        Ok::<_, Problem>(reader)
    };
    let (reader, patient) = join(restless, reading::whole(user, &job)).await;
    reader?.check_same_as(&patient?, &format!("when it is left after {after}"));
    Ok(())
}

/// A reader who leaves after every single event and comes back each time still has the whole stream
#[case(tags = ["stream"], timeout = "60s", needs = ["project-service", "generation-service"])]
async fn a_reader_may_leave_after_every_event(api: Api) -> Result<()> {
    let user = api.user("nervous reader");
    let project = user.temporary_project("left always").await?.id;
    let job = start(&user, &project, "Left always").await?;
    let nervous = async {
        let mut reader = Reader::new(&user, &job);
        while !reader.is_complete() {
            let before = reader.count();
            reader.read_some(1).await?;
            ensure_eq!(
                reader.count(),
                before + 1,
                "each connection brings the next event"
            );
            ensure!(
                reader.count() < MOST_EVENTS,
                "a generation has fewer than {MOST_EVENTS} events"
            );
        }
        Ok::<_, Problem>(reader)
    };
    let (reader, patient) = join(nervous, reading::whole(&user, &job)).await;
    reader?.check_same_as(&patient?, "when it is left after every event");
    Ok(())
}

/// The stream of a finished generation can be read from after any of its events: exactly the rest comes, and then the end
#[case(tags = ["stream"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_finished_stream_is_replayed_from_any_event(api: Api) -> Result<()> {
    let user = api.user("late reader");
    let project = user.temporary_project("replayed").await?.id;
    let job = start(&user, &project, "Replayed").await?;
    let whole = reading::whole(&user, &job).await?;
    for (index, event) in whole.events.iter().enumerate() {
        let id = event.id.clone().context("every event has an id")?;
        let rest = replay(&user, &job, &id).await?;
        check!(
            same(&rest.events, &whole.events[index + 1..]),
            "after {id} comes exactly the rest: {:?}",
            rest.numbers()
        );
    }
    for unknown in [
        format!("{job}:{}", whole.events.len() + 1),
        "nonsense".to_owned(),
    ] {
        let all = replay(&user, &job, &unknown).await?;
        check!(
            same(&all.events, &whole.events),
            "after the unknown id {unknown} comes everything: {:?}",
            all.numbers()
        );
    }
    Ok(())
}

async fn replay(user: &User, job: &str, after: &str) -> Result<Transcript> {
    let stream = user.stream(job).last_event_id(after).open().await?;
    let transcript = assay_client::Follower::new(stream).to_the_end().await?;
    ensure!(
        transcript.ended,
        "the replay after {after} comes to its end"
    );
    Ok(transcript)
}

fn same(seen: &[Published], expected: &[Published]) -> bool {
    seen.len() == expected.len()
        && seen.iter().zip(expected).all(|(seen, expected)| {
            let seen = Published {
                at: expected.at,
                ..seen.clone()
            };
            seen == *expected
        })
}

async fn start(user: &User, project: &str, title: &str) -> Result<String> {
    Ok(user
        .start(&NewGeneration::new(project, title))
        .await?
        .job_id)
}
