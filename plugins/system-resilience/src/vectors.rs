//! The vector store is down: what needs it is refused or waits, attempt by attempt, and is stored once it is back.

use assay_client::{
    Api, JobStatus, NewEpisode, NewGeneration, QueueStats, SaveState, Service, User,
};
use assay_sdk::chaos::Action;
use assay_sdk::http::Response;
use assay_sdk::prelude::*;

use crate::faults::{self, VECTOR_STORE};
use crate::promises::{self, SLACK};
use crate::refusal::{NO_VECTOR_STORE, check_unavailable};
use crate::{jobs, reading, truth};

/// Attempts that are let fail before the vector store comes back.
const FAILED: u32 = 3;

/// A save waits for a vector store that is down, with waits that double, while its stream lives; it is stored when the store is back
#[case(tags = ["outage", "retry", "stream"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_save_waits_for_the_vector_store(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("waits").await?.id;
    let queued = quiet_queue(&user).await?;
    let fault = faults::on_service(VECTOR_STORE, Action::Stop).await?;
    let job = start(&user, &project, "Waits").await?;
    let stream = user.follow(&job).await?;
    let backoff = promises::backoff()?;
    let waiting = jobs::ensure_tried(&user, &job, FAILED).await?;
    check_eq!(
        waiting.max_attempts,
        backoff.attempts,
        "there are as many attempts as documented"
    );
    check!(
        waiting.last_error.is_some(),
        "it says why the last one failed"
    );
    check_waits(&user, &project, &job).await?;
    let now = user.queue_stats().await?;
    check_eq!(
        (now.pending + now.processing, now.total),
        (1, queued.total + 1),
        "the queue counts it"
    );
    truth::ensure_without_vector_store(&api).await?;

    faults::recover(fault, "vector-store-recovery", || user.project(&project)).await?;
    let seen = within(promises::until_saved()?, stream.to_the_end()).await??;
    reading::check_whole(&seen, &job)?;
    check_alive_meanwhile(&seen)?;
    let report = user.save_report(&job).await?;
    check_eq!(
        (report.state, report.last_error.as_deref()),
        (SaveState::Saved, None),
        "the last attempt stored it"
    );
    check!(
        (FAILED + 1..=backoff.attempts).contains(&report.attempts)
            && report.save_attempts.len() == report.attempts as usize,
        "each attempt is counted: {report:?}"
    );
    check_eq!(
        backoff.faults(&report.save_attempts, SLACK)?,
        Vec::<String>::new(),
        "the waits are as documented"
    );
    check_eq!(user.queue_stats().await?, queued, "the queue is as before");
    let episodes = jobs::ensure_stored_once(&user, &project, &[job], SLACK).await?;
    jobs::check_numbers(&episodes);
    truth::ensure_all_well(&api).await
}

/// The retry queue, once nothing of anybody else waits in it.
async fn quiet_queue(user: &User) -> Result<QueueStats> {
    let limit = promises::attempts_time(promises::backoff()?.attempts)?;
    eventually(limit, || async {
        let stats = user.queue_stats().await?;
        ensure_eq!(
            (stats.pending, stats.processing),
            (0, 0),
            "the queue is quiet"
        );
        Ok(stats)
    })
    .await
}

/// While a save waits, the job says so and claims no episode, and there is none.
async fn check_waits(user: &User, project: &str, job: &str) -> Result<()> {
    let waiting = user.job(job).await?;
    check_eq!(
        waiting.status,
        JobStatus::Saving,
        "the generation waits for its episode"
    );
    check_eq!(
        (waiting.saved_to_episode, &waiting.episode_id),
        (false, &None),
        "and claims none"
    );
    check_eq!(user.episodes(project).await?, [], "there is none");
    Ok(())
}

/// Between the last event before the save and the final one the stream showed that it lives.
fn check_alive_meanwhile(seen: &assay_client::Transcript) -> Result<()> {
    let events = &seen.events;
    let before = events
        .iter()
        .rev()
        .nth(1)
        .context("an event before the final one")?
        .at;
    let last = events.last().context("a final event")?.at;
    let beats = seen.comments.iter().filter(|comment| {
        comment.text.trim() == "heartbeat" && (before..last).contains(&comment.at)
    });
    let beats = beats.count();
    let periods = last.saturating_sub(before).as_nanos() / promises::heartbeat()?.as_nanos();
    check!(
        beats as u128 >= periods / 2,
        "in {periods} periods of waiting there are heartbeats: {beats}"
    );
    Ok(())
}

/// A save that never succeeds is a dead letter after the last attempt: the generation has failed, says that it can be tried again, and is stored when it is asked for by hand
#[case(tags = ["outage", "retry"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_dead_letter_can_be_saved_by_hand(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("dead letter").await?.id;
    let queued = quiet_queue(&user).await?;
    let fault = faults::on_service(VECTOR_STORE, Action::Stop).await?;
    let job = start(&user, &project, "Given up").await?;
    let seen = fails(&user, &job).await?;
    let failed = seen.failed().context("`failed` is the last event")?;
    check_eq!(
        (failed.error_code.as_str(), failed.retryable),
        ("EPISODE_SAVE_FAILED", true),
        "it says that it can be tried again"
    );
    check_dead(&user, &job).await?;
    let now = user.queue_stats().await?;
    check_eq!(
        (now.dead_letter, now.total),
        (queued.dead_letter + 1, queued.total + 1),
        "the queue counts it"
    );
    check_eq!(user.episodes(&project).await?, [], "there is no episode");

    faults::recover(fault, "vector-store-recovery", || user.project(&project)).await?;
    let last = seen.events.last().and_then(|event| event.id.clone());
    save_by_hand(&user, &job, &last.context("the last event has an id")?).await?;
    check_eq!(user.queue_stats().await?, queued, "the queue is as before");
    jobs::ensure_stored_once(&user, &project, std::slice::from_ref(&job), SLACK).await?;
    let (was_dead, _) = user.save_again(&job).await?;
    check!(!was_dead, "what is stored is not saved again");
    let episodes = jobs::ensure_stored_once(&user, &project, &[job], SLACK).await?;
    jobs::check_numbers(&episodes);
    Ok(())
}

/// Reads the stream up to the end of all attempts, which takes as long as all waits.
async fn fails(user: &User, job: &str) -> Result<assay_client::Transcript> {
    let backoff = promises::backoff()?;
    let stream = user.follow(job).await?;
    let limit = promises::attempts_time(backoff.attempts)?;
    let seen = within(limit, stream.to_the_end()).await??;
    ensure!(seen.ended, "the stream comes to its end");
    let names = seen.event_names();
    check!(
        !names.contains(&"completed"),
        "it never says completed: {names:?}"
    );
    let steps = seen
        .events
        .iter()
        .rev()
        .nth(1)
        .context("an event before the last")?;
    let waited = seen
        .events
        .last()
        .map_or(Duration::ZERO, |last| last.at.saturating_sub(steps.at));
    check!(
        waited >= backoff.shortest_of_all(),
        "all waits were kept, seen from outside: {waited:?}"
    );
    Ok(seen)
}

/// All attempts were made and failed, with the documented waits.
async fn check_dead(user: &User, job: &str) -> Result<()> {
    let backoff = promises::backoff()?;
    let report = user.save_report(job).await?;
    check_eq!(
        (report.state, report.attempts, report.save_attempts.len()),
        (
            SaveState::DeadLetter,
            backoff.attempts,
            backoff.attempts as usize
        ),
        "all attempts were made"
    );
    check_eq!(
        backoff.faults(&report.save_attempts, SLACK)?,
        Vec::<String>::new(),
        "the waits are as documented"
    );
    let failed = user.job(job).await?;
    check_eq!(
        (
            failed.status,
            failed.error_code.as_deref(),
            failed.saved_to_episode
        ),
        (JobStatus::Failed, Some("EPISODE_SAVE_FAILED"), false),
        "the generation has failed"
    );
    Ok(())
}

/// Puts a dead letter back, and follows its stream on from its last event to the end.
pub(crate) async fn save_by_hand(user: &User, job: &str, last_event_id: &str) -> Result<()> {
    let (was_dead, report) = user.save_again(job).await?;
    check!(was_dead, "it is put back into the queue");
    check_eq!(report.job_id, job, "the answer is about it");
    let stream = user.stream(job).last_event_id(last_event_id).open().await?;
    let rest = assay_client::Follower::new(stream).to_the_end();
    let rest = within(promises::until_saved()?, rest).await??;
    check_eq!(
        rest.event_names(),
        ["completed"],
        "its stream goes on to `completed`"
    );
    let number = |id: &str| {
        id.rsplit(':')
            .next()
            .and_then(|text| text.parse::<u64>().ok())
    };
    check_eq!(
        rest.numbers(),
        [number(last_event_id).map(|number| number + 1)],
        "with the next id"
    );
    Ok(())
}

/// A vector store that is frozen is an outage like any other: what needs it is refused in bounded time and leaves nothing behind
#[case(tags = ["outage"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_frozen_vector_store_is_an_outage(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("frozen").await?.id;
    let fault = faults::on_service(VECTOR_STORE, Action::Pause).await?;
    check_refused(&user, &project).await?;
    check_eq!(
        user.episodes(&project).await?,
        [],
        "the refused episode is not there"
    );
    truth::ensure_without_vector_store(&api).await?;

    let new = NewEpisode::new("After", "# After");
    let made = faults::recover(fault, "vector-store-recovery", || {
        user.create_episode(&project, &new)
    })
    .await?;
    check_eq!(made.number, 1, "what was refused has used no number");
    check_eq!(
        user.episodes(&project).await?,
        [made],
        "only what was answered is there"
    );
    truth::ensure_all_well(&api).await
}

/// A vector store that is down is told as such to whoever makes an episode, and uses no number; the rest goes on
#[case(tags = ["outage", "errors"], timeout = "30s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn what_needs_the_vector_store_is_refused(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("refused").await?;
    let kept = user
        .create_episode(&project.id, &NewEpisode::new("Kept", "# Kept"))
        .await?;
    let fault = faults::on_service(VECTOR_STORE, faults::kill()).await?;
    check_refused(&user, &project.id).await?;
    let path = format!("/projects/{}/episodes/{}", project.id, kept.id);
    let refused = user
        .request("DELETE", Service::Project, &path)
        .send()
        .await?;
    check_unavailable("a deletion", &refused, NO_VECTOR_STORE);
    check_eq!(
        user.project(&project.id).await?,
        project,
        "the project can be read"
    );
    check_eq!(
        user.episodes(&project.id).await?,
        std::slice::from_ref(&kept),
        "its episode too, and no other"
    );

    let new = NewEpisode::new("After", "# After");
    let made = faults::recover(fault, "vector-store-recovery", || {
        user.create_episode(&project.id, &new)
    })
    .await?;
    check_eq!(made.number, 2, "the next number is given");
    check_eq!(
        user.episodes(&project.id).await?,
        [kept, made],
        "everything is there once"
    );
    truth::ensure_all_well(&api).await
}

/// An episode is refused for the vector store, no later than promised.
async fn check_refused(user: &User, project: &str) -> Result<()> {
    let response = create(user, project).await?;
    check_unavailable("an episode", &response, NO_VECTOR_STORE);
    let (took, most) = (
        response.timings().total,
        promises::dependency_timeout()? + SLACK,
    );
    check!(
        took <= most,
        "it is refused in bounded time: {took:?}, at most {most:?}"
    );
    Ok(())
}

async fn create(user: &User, project: &str) -> Result<Response> {
    let path = format!("/projects/{project}/episodes");
    let request = user.request("POST", Service::Project, &path);
    Ok(request
        .json(&NewEpisode::new("Refused", "# Refused"))
        .send()
        .await?)
}

async fn start(user: &User, project: &str, title: &str) -> Result<String> {
    Ok(user
        .start(&NewGeneration::new(project, title))
        .await?
        .job_id)
}
