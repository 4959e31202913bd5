//! What a deletion leaves: nothing, and no generation that claims otherwise.

use assay_client::{Api, Content, JobStatus, NewEpisode, NewGeneration};
use assay_sdk::prelude::*;

/// With a project go its episodes, in the list and by their ids
#[case(tags = ["clean-up"], timeout = "20s", needs = ["project-service"])]
async fn a_deleted_project_leaves_nothing(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("to be deleted").await?.id;
    let mut ids = Vec::new();
    for title in ["One", "Two"] {
        let episode = user
            .create_episode(&project, &NewEpisode::new(title, "# A scene"))
            .await?;
        check!(
            user.has_episode(&project, &episode.id).await?,
            "{title} is there before"
        );
        ids.push(episode.id);
    }
    user.delete_project(&project).await?;
    check!(!user.has_project(&project).await?, "the project is gone");
    for id in &ids {
        check!(
            !user.has_episode(&project, id).await?,
            "the episode {id} is gone"
        );
    }
    let path = format!("/projects/{project}/episodes");
    let list = user
        .request("GET", assay_client::Service::Project, &path)
        .send()
        .await?;
    check_eq!(list.status(), 404, "the list of its episodes is gone");
    Ok(())
}

/// A generation whose project is deleted midway ends as failed: it cannot be stored, so it is not completed
#[case(tags = ["clean-up"], timeout = "30s", needs = ["project-service", "generation-service-paced"])]
async fn a_generation_for_a_deleted_project_fails(api: Api) -> Result<()> {
    // Fast generations end beside a busy crowd before anything is done midway.
    let user = api.paced()?.user("author");
    let project = user.temporary_project("deleted midway").await?.id;
    let job = user
        .start(&NewGeneration::new(&project, "Too late"))
        .await?
        .job_id;
    let mut stream = user.follow(&job).await?;
    let first = stream.next_event().await?.context("first event")?;
    ensure!(
        matches!(first.content, Content::Progress(_)),
        "the generation is under way: {}",
        first.name
    );
    user.delete_project(&project).await?;

    let transcript = stream.to_the_end().await?;
    check!(
        transcript.ended,
        "the server ends the stream in an orderly way"
    );
    let names = transcript.event_names();
    check!(
        !names.contains(&"completed"),
        "it never says completed: {names:?}"
    );
    let failed = transcript.failed().context("`failed` is the last event")?;
    check_eq!(failed.error_code, "EPISODE_SAVE_FAILED");
    check!(!failed.error_message.is_empty(), "it says why");
    let status = transcript.events.last().map(|event| event.status.as_str());
    check_eq!(status, Some("failed"), "the final event says failed");

    let job = user.job(&job).await?;
    check!(job.status == JobStatus::Failed);
    check!(!job.saved_to_episode, "the job claims no episode");
    check_eq!(
        (job.episode_id, job.episode_number),
        (None, None),
        "the job names no episode"
    );
    check_eq!(
        job.error_code.as_deref(),
        Some("EPISODE_SAVE_FAILED"),
        "the job has the same code"
    );
    check!(!user.has_project(&project).await?, "the project stays gone");
    Ok(())
}
