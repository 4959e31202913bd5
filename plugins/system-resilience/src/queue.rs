//! The retry queue outlives the process: what waits, what was given up, and how often it was tried.

use assay_client::{Api, NewGeneration, SaveState, User};
use assay_sdk::chaos::Action;
use assay_sdk::prelude::*;

use crate::faults::{self, GENERATION_SERVICE, VECTOR_STORE};
use crate::promises;
use crate::{jobs, reading, truth, vectors};

/// Attempts that are let fail before the kill.
const FAILED: u32 = 2;

/// A save that waits for the vector store goes on after `kill -9` where it was: with its attempts, its waits, and one episode in the end
#[case(tags = ["outage", "retry", "restart"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn the_retry_queue_outlives_a_kill(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("queue over a kill").await?.id;
    let outage = faults::on_service(VECTOR_STORE, Action::Stop).await?;
    let job = start(&user, &project, "Survives").await?;
    let before = jobs::ensure_tried(&user, &job, FAILED).await?;
    let kill = faults::on_service(GENERATION_SERVICE, faults::kill()).await?;
    faults::recover(kill, "generation-service-recovery", || user.job(&job)).await?;
    let after = user.save_report(&job).await?;
    check!(
        after.attempts >= before.attempts && after.save_attempts.starts_with(&before.save_attempts),
        "the attempts before the kill are kept: {after:?}"
    );

    faults::recover(outage, "vector-store-recovery", || user.project(&project)).await?;
    let whole = reading::whole(&user, &job).await?;
    check!(whole.completed().is_some(), "the stream is whole after all");
    let report = user.save_report(&job).await?;
    check_eq!(report.state, SaveState::Saved, "it is stored in the end");
    let backoff = promises::backoff()?;
    check!(
        report.attempts > before.attempts && report.attempts <= backoff.attempts,
        "the kill is not counted as an attempt, and takes none away: {report:?}"
    );
    // While the service was dead no attempt could start.
    let slack = promises::PATIENCE;
    check_eq!(
        backoff.faults(&report.save_attempts, slack)?,
        Vec::<String>::new(),
        "no wait is shorter for the kill"
    );
    let episodes = jobs::ensure_stored_once(&user, &project, &[job], promises::SLACK).await?;
    jobs::check_numbers(&episodes);
    truth::ensure_all_well(&api).await
}

/// A dead letter is one after `kill -9` too, and can be saved by hand then
#[case(tags = ["outage", "retry", "restart"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_dead_letter_outlives_a_kill(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("dead over a kill").await?.id;
    let outage = faults::on_service(VECTOR_STORE, Action::Stop).await?;
    let job = start(&user, &project, "Given up").await?;
    let backoff = promises::backoff()?;
    let dead = jobs::ensure_tried(&user, &job, backoff.attempts).await?;
    check_eq!(
        dead.state,
        SaveState::DeadLetter,
        "the last attempt is the last"
    );
    let kill = faults::on_service(GENERATION_SERVICE, faults::kill()).await?;
    faults::recover(kill, "generation-service-recovery", || user.job(&job)).await?;
    check_eq!(
        user.save_report(&job).await?,
        dead,
        "the kill changes nothing"
    );

    faults::recover(outage, "vector-store-recovery", || user.project(&project)).await?;
    let seen = user.follow(&job).await?.to_the_end().await?;
    let last = seen.events.last().and_then(|event| event.id.clone());
    ensure!(
        seen.failed().is_some(),
        "the stream ends as failed: {:?}",
        seen.event_names()
    );
    vectors::save_by_hand(&user, &job, &last.context("the last event has an id")?).await?;
    let episodes = jobs::ensure_stored_once(&user, &project, &[job], promises::SLACK).await?;
    jobs::check_numbers(&episodes);
    Ok(())
}

async fn start(user: &User, project: &str, title: &str) -> Result<String> {
    Ok(user
        .start(&NewGeneration::new(project, title))
        .await?
        .job_id)
}
