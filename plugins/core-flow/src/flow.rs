//! One project, one generation, one episode, with all that is promised on the way.

use assay_client::{Api, JobStatus, NewGeneration};
use assay_sdk::prelude::*;

use crate::script;

/// A generation streams its script whole and in order, and stores it as episode 1, readable the moment `completed` arrives
#[case(tags = ["smoke"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_project_gets_its_first_episode(api: Api) -> Result<()> {
    let title = "The lighthouse";
    let author = api.user("author");
    let project = author.temporary_project("first episode").await?;
    check_eq!(
        author.project(&project.id).await?,
        project,
        "the project can be read as it was answered"
    );
    check_eq!(
        author.episodes(&project.id).await?,
        [],
        "a new project has no episode"
    );

    let started = author
        .start(&NewGeneration::new(&project.id, title))
        .await?;
    check!(started.status == JobStatus::Queued);
    let path = format!("/api/v1/generations/{}/events", started.job_id);
    let sse_url = started.sse_url.clone().unwrap_or_default();
    check!(
        sse_url.ends_with(&path),
        "the answer says where the stream is: {sse_url}"
    );

    let mut stream = author.follow(&started.job_id).await?;
    stream.to_the_final_event().await?;
    let episodes = author.episodes(&project.id).await?;
    let job = author.job(&started.job_id).await?;
    ensure_eq!(
        episodes.len(),
        1,
        "the episode is stored when `completed` arrives"
    );

    let transcript = stream.to_the_end().await?;
    let completed = script::check_whole(&transcript, &started.job_id)?;
    check_eq!(episodes[0].number, 1, "the first episode has the number 1");
    check_eq!(
        episodes[0].project_id,
        project.id,
        "it belongs to its project"
    );
    script::check_stored(&episodes[0], &completed, title);
    script::check_finished(&job, &completed);
    let single = author.episode(&project.id, &episodes[0].id).await?;
    check_eq!(single, episodes[0], "the list and the episode say the same");
    Ok(())
}
