//! Generations as this suite looks at them: started, waited for, and in the end stored once, each under a number of its own.

use std::collections::BTreeSet;

use assay_client::{Episode, Job, JobStatus, NewGeneration, SaveReport, SaveState, User};
use assay_sdk::prelude::*;

use crate::promises;

/// How long a completed generation may take until it names its episode. That it is named at once is the core flow's question.
const NAMED: Duration = Duration::from_secs(2);

/// Starts a generation for each title, all at once; answers their ids.
pub(crate) async fn start_all(user: &User, project: &str, titles: &[&str]) -> Result<Vec<String>> {
    let starts = titles.iter().map(|title| {
        let new = NewGeneration::new(project, *title);
        async move { Ok::<_, Problem>(user.start(&new).await?.job_id) }
    });
    try_join_all(starts).await
}

/// Within the time, the project has exactly these generations, each completed, and for each one an episode: its own, with its
/// text and number. None is left that claims to be under way.
pub(crate) async fn ensure_stored_once(
    user: &User,
    project: &str,
    jobs: &[String],
    limit: Duration,
) -> Result<Vec<Episode>> {
    ensure_stored_beside(user, project, &[], jobs, limit).await
}

/// The same in a project that has these episodes already, which are there as they were.
pub(crate) async fn ensure_stored_beside(
    user: &User,
    project: &str,
    others: &[Episode],
    jobs: &[String],
    limit: Duration,
) -> Result<Vec<Episode>> {
    ensure_each_ended(user, project, limit).await?;
    let ended = eventually(NAMED, || async {
        let found = user.jobs(project).await?;
        let unnamed: Vec<(&str, JobStatus, bool)> = found
            .iter()
            .filter(|job| job.status != JobStatus::Completed || !job.saved_to_episode)
            .map(|job| (job.job_id.as_str(), job.status, job.saved_to_episode))
            .collect();
        ensure_eq!(unnamed, [], "every generation is completed and stored");
        Ok(found)
    })
    .await?;
    let wanted: BTreeSet<&str> = jobs.iter().map(String::as_str).collect();
    let made: BTreeSet<&str> = ended.iter().map(|job| job.job_id.as_str()).collect();
    check_eq!(
        made,
        wanted,
        "the project has exactly the generations that were answered"
    );
    check_eq!(ended.len(), wanted.len(), "and each once");

    let episodes = user.episodes(project).await?;
    let (kept, own): (Vec<&Episode>, Vec<&Episode>) = episodes
        .iter()
        .partition(|episode| others.iter().any(|other| other.id == episode.id));
    let others: Vec<&Episode> = others.iter().collect();
    check_eq!(kept, others, "the episodes from before are as they were");
    check_each_has_its_own(&ended, &own);
    Ok(episodes)
}

/// Each generation names an episode with its text and title, and there is no other episode.
fn check_each_has_its_own(jobs: &[Job], episodes: &[&Episode]) {
    let named: BTreeSet<Option<&str>> = jobs.iter().map(|job| job.episode_id.as_deref()).collect();
    let stored: BTreeSet<Option<&str>> = episodes
        .iter()
        .map(|episode| Some(episode.id.as_str()))
        .collect();
    check_eq!(
        named,
        stored,
        "the generations name exactly the episodes that are stored"
    );
    check_eq!(episodes.len(), jobs.len(), "each generation is stored once");
    for job in jobs {
        let own = episodes
            .iter()
            .find(|episode| Some(&episode.id) == job.episode_id.as_ref());
        let stored = own.map(|own| (own.markdown(), own.number, own.title.as_str()));
        let said = job
            .markdown()
            .zip(job.episode_number)
            .zip(job.title.as_deref())
            .map(|((text, number), title)| (text, number, title));
        check!(
            stored == said && said.is_some_and(|(text, ..)| !text.is_empty()),
            "{} and its episode have one text, number and title",
            job.job_id
        );
    }
}

/// The episodes of a new project are numbered from 1. This is for episodes that were stored one after the other: what happens to the
/// numbers of those that are stored at once is the core flow's question.
pub(crate) fn check_numbers(episodes: &[Episode]) {
    let numbers: Vec<u64> = episodes.iter().map(|episode| episode.number).collect();
    let dense: Vec<u64> = (1..).take(episodes.len()).collect();
    check_eq!(
        numbers,
        dense,
        "each number is given once, and none is left out"
    );
}

/// Within the time, no generation of the project is under way any more: none is a zombie.
async fn ensure_each_ended(user: &User, project: &str, limit: Duration) -> Result<()> {
    eventually(limit, || async {
        let open: Vec<(String, JobStatus)> = user
            .jobs(project)
            .await?
            .into_iter()
            .filter(|job| !has_ended(job))
            .map(|job| (job.job_id, job.status))
            .collect();
        ensure_eq!(open, [], "every generation of the project comes to its end");
        Ok(())
    })
    .await
}

/// Whether nothing will become of a generation any more.
pub(crate) fn has_ended(job: &Job) -> bool {
    matches!(
        job.status,
        JobStatus::Completed | JobStatus::Failed | JobStatus::Canceled
    )
}

/// Waits until so many attempts to save failed, and answers how the saving stands; a generation that ends before has not waited.
pub(crate) async fn ensure_tried(user: &User, job: &str, attempts: u32) -> Result<SaveReport> {
    let limit = promises::attempts_time(attempts)?;
    let report = eventually(limit, || async {
        // The job first: the report is then no older than the end that the job may tell of.
        let (job, report) = (user.job(job).await?, user.save_report(job).await?);
        ensure!(
            report.attempts >= attempts || has_ended(&job),
            "{attempts} attempts failed: {:?}, {report:?}",
            job.status
        );
        Ok(report)
    })
    .await?;
    ensure!(
        report.attempts >= attempts && report.state != SaveState::Saved,
        "{attempts} attempts failed: {report:?}"
    );
    Ok(report)
}

/// Every one of these comes to wait for what is missing: it is saving, and an attempt failed.
pub(crate) async fn ensure_waiting(user: &User, jobs: &[String]) -> Result<()> {
    for id in jobs {
        ensure_tried(user, id, 1).await?;
        let status = user.job(id).await?.status;
        ensure_eq!(status, JobStatus::Saving, "{id} waits for its episode");
    }
    Ok(())
}
