//! The complete way of a user through the whole system, from an empty project to nothing being left.

use assay_client::{Api, NewGeneration, Project, Service, User, data};
use assay_sdk::prelude::*;
use serde_json::json;

use crate::communication::generate;
use crate::health;
use crate::vectors::{VectorStore, check_agrees};

/// Episodes that are written on the way.
const EPISODES: u64 = 3;

/// A project is made, written, rewritten, completed and deleted, and at each step all services and stores agree
#[case(tags = ["workflow", "smoke"], timeout = "60s", needs = ["project-service", "generation-service", "vector-store"])]
async fn the_complete_workflow(api: Api) -> Result<()> {
    let author = api.user("author");
    let store = VectorStore::of_environment(&author)?;
    let (status, _) = health::ask(&author, api.base(Service::Project)).await?;
    ensure_eq!(status, 200, "the project service is well");

    let project = author.temporary_project("complete workflow").await?;
    check_eq!(project.status, "planning", "a new project is being planned");
    change(&author, &project.id, "in_progress").await?;
    write(&author, &project.id).await?;
    let episodes = author.episodes(&project.id).await?;
    let numbers: Vec<u64> = episodes.iter().map(|episode| episode.number).collect();
    let dense: Vec<u64> = (1..=EPISODES).collect();
    ensure_eq!(numbers, dense, "the episodes have their numbers");
    check_agrees(&store, &project.id, &episodes, "when all are written").await?;

    rewrite(&author, &project.id, &episodes[0].id).await?;
    author.delete_episode(&project.id, &episodes[1].id).await?;
    let episodes = author.episodes(&project.id).await?;
    let texts: Vec<(u64, &str)> = episodes
        .iter()
        .map(|episode| (episode.number, episode.markdown()))
        .collect();
    ensure_eq!(texts.len(), 2, "one was deleted");
    check_eq!(texts[0], (1, "# The final version"), "one was rewritten");
    check_eq!(texts[1].0, 3, "the last keeps its number");
    check_agrees(&store, &project.id, &episodes, "when all are revised").await?;

    complete(&author, &project.id).await?;
    author.delete_project(&project.id).await?;
    check!(
        !author.has_project(&project.id).await?,
        "the project is gone"
    );
    for episode in &episodes {
        check!(
            !author.has_episode(&project.id, &episode.id).await?,
            "episode {} is gone",
            episode.number
        );
    }
    check_agrees(&store, &project.id, &[], "when the project is deleted").await
}

async fn change(user: &User, project: &str, status: &str) -> Result<()> {
    let response = user
        .request("PUT", Service::Project, &format!("/projects/{project}"))
        .json(&json!({"status": status}))
        .send()
        .await?
        .expect_status(200)?;
    let changed: Project = data(&response)?;
    check_eq!(changed.status, status);
    Ok(())
}

/// One episode after the other, each followed to its end.
async fn write(user: &User, project: &str) -> Result<()> {
    for number in 1..=EPISODES {
        let new = NewGeneration::new(project, format!("Episode {number}"));
        let job = generate(user, &new).await?;
        check_eq!(
            job.episode_number,
            Some(number),
            "generation {number} is episode {number}"
        );
    }
    Ok(())
}

async fn rewrite(user: &User, project: &str, episode: &str) -> Result<()> {
    let path = format!("/projects/{project}/episodes/{episode}/script");
    user.request("PUT", Service::Project, &path)
        .json(&json!({"script": {"markdown": "# The final version"}}))
        .send()
        .await?
        .expect_status(200)?;
    Ok(())
}

async fn complete(user: &User, project: &str) -> Result<()> {
    let path = format!("/projects/{project}/progress");
    user.request("PATCH", Service::Project, &path)
        .query("progress", 100)
        .send()
        .await?
        .expect_status(200)?;
    check_eq!(
        user.project(project).await?.status,
        "completed",
        "the project is completed"
    );
    Ok(())
}
