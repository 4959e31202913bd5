//! The two services cannot reach one another, and everybody else reaches both.

use assay_client::{Api, JobStatus, NewEpisode, NewGeneration, Service, User};
use assay_sdk::chaos::{Action, Fault};
use assay_sdk::prelude::*;

use crate::faults::{self, GENERATION_SERVICE, PROJECT_SERVICE};
use crate::once::Once;
use crate::promises::{self, SLACK};
use crate::refusal::{NO_PROJECT_SERVICE, check_unavailable};
use crate::truth::{self, Condition};
use crate::{jobs, reading};

/// Cut off from the project service the generation service goes on with what it can: running generations and their streams, reading, canceling; new ones are refused in bounded time; nothing is lost and everything is stored once when the partition is over
#[case(tags = ["partition", "outage"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_partition_of_the_services_is_borne(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("partition").await?.id;
    let known = Once::generation(&project, "From before")?;
    let known = known.make(&user, "before the partition").await?;
    let first = known.job.clone().context("the generation has an id")?;
    reading::whole(&user, &first).await?;
    let running = jobs::start_all(&user, &project, &["Running"]).await?;
    let streams = try_join_all(running.iter().map(|job| user.follow(job))).await?;
    let fault = cut_off(between_the_services()).await?;

    known.check_kept(&user, "during the partition").await?;
    check_refused(&user, &project).await?;
    check_reads(&user, &project, &first).await?;
    jobs::ensure_waiting(&user, &running).await?;
    truth::ensure_told(
        &api,
        Service::Generation,
        Condition::Unable(PROJECT_SERVICE),
    )
    .await?;
    truth::ensure_told(&api, Service::Project, Condition::Well).await?;

    faults::recover(fault, "link-recovery", || user.job(&first)).await?;
    for (stream, job) in streams.into_iter().zip(&running) {
        let seen = within(promises::until_saved()?, stream.to_the_end()).await??;
        reading::check_whole(&seen, job)?;
        check_alive(&seen)?;
    }
    truth::ensure_all_well(&api).await?;
    let later = jobs::start_all(&user, &project, &["Afterwards"]).await?;
    let all: Vec<String> = [vec![first], running, later].concat();
    let episodes =
        jobs::ensure_stored_once(&user, &project, &all, promises::until_saved()?).await?;
    jobs::check_numbers(&episodes);
    Ok(())
}

/// A new generation is refused, for what is missing and no later than promised, and none is made.
async fn check_refused(user: &User, project: &str) -> Result<()> {
    let before = user.jobs(project).await?.len();
    let refused = user
        .request("POST", Service::Generation, "/generations")
        .json(&NewGeneration::new(project, "Refused"))
        .send()
        .await?;
    check_unavailable("a generation", &refused, NO_PROJECT_SERVICE);
    let (took, most) = (
        refused.timings().total,
        promises::dependency_timeout()? + SLACK,
    );
    check!(
        took <= most,
        "it is refused in bounded time: {took:?}, at most {most:?}"
    );
    check_eq!(user.jobs(project).await?.len(), before, "and none is made");
    Ok(())
}

/// What was finished before can be read and replayed, and the project service is as ever.
async fn check_reads(user: &User, project: &str, finished: &str) -> Result<()> {
    let job = user.job(finished).await?;
    check_eq!(
        job.status,
        JobStatus::Completed,
        "a finished generation is finished"
    );
    reading::whole(user, finished).await?;
    let episodes = user.episodes(project).await?;
    check_eq!(
        episodes
            .iter()
            .map(|episode| Some(&episode.id))
            .collect::<Vec<_>>(),
        [job.episode_id.as_ref()],
        "the project has the one episode that was stored before"
    );
    let other = user
        .temporary_project("made during the partition")
        .await?
        .id;
    let made = user
        .create_episode(&other, &NewEpisode::new("Made", "# Made"))
        .await?;
    check_eq!(
        user.episodes(&other).await?,
        [made],
        "the project service works for others"
    );
    Ok(())
}

/// In half of the periods that the stream was open at least, it showed that it lives.
fn check_alive(seen: &assay_client::Transcript) -> Result<()> {
    let last = seen.events.last().context("a final event")?.at;
    let periods = last.as_nanos() / promises::heartbeat()?.as_nanos();
    let beats = reading::heartbeats(seen);
    check!(
        beats as u128 >= periods / 2,
        "in {periods} periods there are heartbeats: {beats}"
    );
    Ok(())
}

/// A generation that waits for the partition to end can no longer be canceled, one that is being made can, and both are told so
#[case(tags = ["partition"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_partition_hinders_no_cancellation(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("canceled apart").await?.id;
    let jobs = jobs::start_all(&user, &project, &["Canceled"]).await?;
    // What is canceled needs nothing of the project service.
    let fault = cut_off(between_the_services().may_be_idle()).await?;
    user.cancel(&jobs[0]).await?;
    let status = user.job(&jobs[0]).await?.status;
    check!(
        status == JobStatus::Canceled || status == JobStatus::Saving,
        "it is canceled, or its text was made before: {status:?}"
    );
    faults::recover(fault, "link-recovery", || user.jobs(&project)).await?;
    let ended = eventually(promises::until_saved()?, || async {
        let job = user.job(&jobs[0]).await?;
        ensure!(
            jobs::has_ended(&job),
            "it comes to its end: {:?}",
            job.status
        );
        Ok(job)
    })
    .await?;
    let stored = usize::from(ended.status == JobStatus::Completed);
    check_eq!(
        user.episodes(&project).await?.len(),
        stored,
        "what is canceled is not stored"
    );
    let follower = user.follow(&jobs[0]).await?;
    let seen = within(promises::PATIENCE, follower.to_the_end()).await??;
    check!(seen.ended, "its stream ends");
    Ok(())
}

/// Lets nothing pass between the two services, in neither direction.
async fn cut_off(link: chaos::Link) -> Result<Fault> {
    faults::on_link(&link, Action::Disconnect).await
}

fn between_the_services() -> chaos::Link {
    chaos::link(GENERATION_SERVICE, PROJECT_SERVICE)
}
