//! One thing in many places: the generation's job, the project service's episode and the vector store's document say the same, also
//! after changes and deletions.

use assay_client::{Api, Episode, Job, NewEpisode, NewGeneration, Service, User, data};
use assay_sdk::prelude::*;
use serde_json::{Value, json};

use crate::communication::generate;
use crate::refusal::{NO_PROJECT, check_refusal};
use crate::subject::generations;
use crate::vectors::{VectorStore, check_agrees};

/// The script of a generation is the same in its job, in its episode and in the vector store
#[case(tags = ["consistency"], timeout = "30s", needs = ["project-service", "generation-service", "vector-store"])]
async fn a_script_is_the_same_in_all_three_places(api: Api) -> Result<()> {
    let author = api.user("author");
    let store = VectorStore::of_environment(&author)?;
    let project = author.temporary_project("three places").await?.id;
    let jobs = two_generations(&author, &project).await?;
    let episodes = author.episodes(&project).await?;
    ensure_eq!(episodes.len(), jobs.len(), "each job is an episode");
    for job in &jobs {
        let is_of_job = |episode: &&Episode| Some(&episode.id) == job.episode_id.as_ref();
        let episode = episodes.iter().find(is_of_job);
        let episode = episode.context("the job's episode is in the list")?;
        let tokens = episode.script.as_ref().map(|script| script.tokens);
        check_eq!(
            (
                job.markdown(),
                job.tokens,
                job.episode_number,
                job.title.as_deref()
            ),
            (
                Some(episode.markdown()),
                tokens,
                Some(episode.number),
                Some(episode.title.as_str())
            ),
            "job and episode of {} say the same",
            episode.title
        );
    }
    check_agrees(&store, &project, &episodes, "after the generations").await
}

/// A changed script is changed in the vector store too, and nothing else is
#[case(tags = ["consistency"], timeout = "20s", needs = ["project-service", "vector-store"])]
async fn a_changed_script_reaches_the_vector_store(api: Api) -> Result<()> {
    let author = api.user("author");
    let store = VectorStore::of_environment(&author)?;
    let project = author.temporary_project("changed script").await?.id;
    let made = three_episodes(&author, &project).await?;
    check_agrees(&store, &project, &made, "before the change").await?;
    let path = format!("/projects/{project}/episodes/{}/script", made[1].id);
    author
        .request("PUT", Service::Project, &path)
        .json(&json!({"script": {"markdown": "# Rewritten"}}))
        .send()
        .await?
        .expect_status(200)?;
    let episodes = author.episodes(&project).await?;
    ensure_eq!(episodes.len(), 3);
    check_eq!(episodes[1].markdown(), "# Rewritten");
    check_eq!(
        (&episodes[0], &episodes[2]),
        (&made[0], &made[2]),
        "the others are as they were"
    );
    check_agrees(&store, &project, &episodes, "after the change").await
}

/// A deleted episode leaves the vector store, and with a deleted project all of its episodes do
#[case(tags = ["consistency", "clean-up"], timeout = "20s", needs = ["project-service", "vector-store"])]
async fn a_deletion_reaches_the_vector_store(api: Api) -> Result<()> {
    let author = api.user("author");
    let store = VectorStore::of_environment(&author)?;
    let project = author.temporary_project("deleted").await?.id;
    let other = author.temporary_project("not deleted").await?.id;
    let made = three_episodes(&author, &project).await?;
    let kept = three_episodes(&author, &other).await?;
    check_agrees(&store, &project, &made, "before the deletions").await?;
    author.delete_episode(&project, &made[1].id).await?;
    let left = [made[0].clone(), made[2].clone()];
    check_agrees(&store, &project, &left, "after one is deleted").await?;
    author.delete_project(&project).await?;
    check_agrees(&store, &project, &[], "after the project is deleted").await?;
    check_agrees(&store, &other, &kept, "when another project is deleted").await
}

/// An episode for a project that is not there is refused, and leaves nothing in the vector store
#[case(tags = ["consistency", "errors"], timeout = "20s", needs = ["project-service", "vector-store"])]
async fn an_episode_of_no_project_leaves_nothing(api: Api) -> Result<()> {
    let author = api.user("author");
    let store = VectorStore::of_environment(&author)?;
    let gone = author.temporary_project("gone before").await?.id;
    author.delete_project(&gone).await?;
    let path = format!("/projects/{gone}/episodes");
    let refused = author
        .request("POST", Service::Project, &path)
        .json(&NewEpisode::new("An orphan", "# Nobody's"))
        .send()
        .await?;
    check_refusal("an episode of no project", &refused, NO_PROJECT);
    check_agrees(&store, &gone, &[], "of a project that is not there").await
}

/// The counts of a project are those of its list, and the generation service counts as many as the project service has
#[case(tags = ["consistency"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn counts_agree_with_what_is_there(api: Api) -> Result<()> {
    let author = api.user("author");
    let project = author.temporary_project("counted").await?.id;
    two_generations(&author, &project).await?;
    check_counts(&author, &project, 2).await?;
    check_eq!(
        generations(&author, &project).await?.len(),
        2,
        "there are as many generations as episodes"
    );
    let episodes = author.episodes(&project).await?;
    author.delete_episode(&project, &episodes[1].id).await?;
    check_counts(&author, &project, 2).await
}

/// Compares `_stats` with the list, and with the last number that was given.
async fn check_counts(user: &User, project: &str, last_number: u64) -> Result<()> {
    let episodes = user.episodes(project).await?;
    let path = format!("/projects/{project}/episodes/_stats");
    let response = user
        .request("GET", Service::Project, &path)
        .send()
        .await?
        .expect_status(200)?;
    let counts: Value = data(&response)?;
    let scripts = episodes
        .iter()
        .filter_map(|episode| episode.script.as_ref());
    let tokens: u64 = scripts.map(|script| script.tokens).sum();
    let texts = episodes.iter().map(Episode::markdown);
    let words: usize = texts.map(|text| text.split_whitespace().count()).sum();
    check_eq!(
        counts,
        json!({
            "totalEpisodes": episodes.len(),
            "lastNumber": last_number,
            "totalTokens": tokens,
            "totalWords": words,
        }),
        "the counts are those of the list of {}",
        episodes.len()
    );
    Ok(())
}

/// A change is seen by the next reader, also where the answer before it was kept in the cache
#[case(tags = ["consistency"], timeout = "20s", needs = ["project-service"])]
async fn a_change_is_seen_at_once(api: Api) -> Result<()> {
    let (author, reader) = (api.user("author"), api.user("reader"));
    let project = author.temporary_project("changed").await?.id;
    let path = format!("/projects/{project}");
    for name in ["first name", "second name", "third name"] {
        let before = reader.project(&project).await?;
        author
            .request("PUT", Service::Project, &path)
            .json(&json!({"name": name}))
            .send()
            .await?
            .expect_status(200)?;
        let after = reader.project(&project).await?;
        check_eq!(after.name, name, "the new name is seen");
        check_eq!(after.kind, before.kind, "the rest stays");
    }
    Ok(())
}

/// One after the other: what happens to numbers at once is the core flow's question.
async fn two_generations(user: &User, project: &str) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for title in ["One", "Two"] {
        jobs.push(generate(user, &NewGeneration::new(project, title)).await?);
    }
    Ok(jobs)
}

async fn three_episodes(user: &User, project: &str) -> Result<Vec<Episode>> {
    let mut made = Vec::new();
    for title in ["One", "Two", "Three"] {
        let new = NewEpisode::new(title, format!("# {title}\n\nA scene of {project}."));
        made.push(user.create_episode(project, &new).await?);
    }
    Ok(made)
}
