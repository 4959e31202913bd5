//! What crosses from one service to the other: a generation becomes an episode, and each knows how the other is.

use assay_client::{Api, Job, JobStatus, NewGeneration, Service, User};
use assay_sdk::prelude::*;

use crate::health;
use crate::refusal::{NO_PROJECT, check_refusal};
use crate::subject::generations;

/// How long a finished generation may take until it names its episode. That it is named at once is the core flow's question.
const SETTLED: Duration = Duration::from_secs(5);

/// Follows a generation to its end and answers the finished job, once it names its episode.
pub(crate) async fn generate(user: &User, new: &NewGeneration) -> Result<Job> {
    let job = user.start(new).await?.job_id;
    let transcript = user.follow(&job).await?.to_the_end().await?;
    ensure!(transcript.ended, "the stream ends in an orderly way");
    eventually(SETTLED, || async {
        let job = user.job(&job).await?;
        ensure!(
            job.status == JobStatus::Completed && job.episode_id.is_some(),
            "the generation is completed and names its episode"
        );
        Ok(job)
    })
    .await
}

/// What the generation service writes is an episode of the project service, with the script, the title and the number that the job names
#[case(tags = ["communication"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_generation_lands_in_the_project_service(api: Api) -> Result<()> {
    let author = api.user("author");
    let project = author.temporary_project("crossing").await?.id;
    let new = NewGeneration::new(&project, "The crossing");
    let job = generate(&author, &new).await?;
    let id = job
        .episode_id
        .clone()
        .context("the job names its episode")?;
    let episode = author.episode(&project, &id).await?;
    check_eq!(episode.project_id, project, "it belongs to the project");
    check_eq!(episode.title, new.title, "it has the title");
    check_eq!(
        Some(episode.number),
        job.episode_number,
        "it has the number that the job names"
    );
    check_eq!(
        Some(episode.markdown()),
        job.markdown(),
        "it has the script of the job"
    );
    check_eq!(
        episode.prompt_snapshot.as_deref(),
        Some(new.description.as_str()),
        "it says what it was made from"
    );
    check_eq!(
        author.episodes(&project).await?,
        [episode],
        "one generation is one episode"
    );
    Ok(())
}

/// The generation service asks the project service before it takes a generation: an unknown project is refused, and no job is made
#[case(tags = ["communication", "errors"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn a_generation_for_an_unknown_project_is_refused(api: Api) -> Result<()> {
    let author = api.user("author");
    let deleted = author.temporary_project("soon deleted").await?.id;
    author.delete_project(&deleted).await?;
    for (what, project) in [
        (
            "a project that never was",
            "proj_00000000-0000-4000-8000-000000000000",
        ),
        ("a deleted project", deleted.as_str()),
        ("an id that is a path", "../health"),
    ] {
        let refused = author
            .request("POST", Service::Generation, "/generations")
            .json(&NewGeneration::new(project, "Nowhere"))
            .send()
            .await?;
        check_refusal(what, &refused, NO_PROJECT);
        check_eq!(
            generations(&author, project).await?,
            Vec::<String>::new(),
            "{what} has no generation"
        );
    }
    Ok(())
}

/// The generation service asks for the project service's health at its former address, follows the redirect, and reports what it finds
#[case(tags = ["communication", "health"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn the_health_of_one_service_is_seen_by_the_other(api: Api) -> Result<()> {
    let user = api.user("operator");
    let (status, own) = health::ask(&user, api.base(Service::Project)).await?;
    check_eq!((status, own.status.as_str()), (200, "healthy"));
    let (status, health) = health::ask(&user, api.base(Service::Generation)).await?;
    check_eq!(status, 200, "the generation service is well");
    let seen = health.dependencies.get(Service::Project.name());
    let seen = seen.context("it names the project service")?;
    check_eq!(
        (seen.status.as_str(), &seen.error),
        ("up", &None),
        "it sees the project service as it is"
    );
    check!(seen.required, "it cannot work without it");
    Ok(())
}
