//! The live feed that a dashboard reads: each change once, in order, for every reader, and also for one that comes back.

use assay_client::{Api, Told, User};
use assay_sdk::prelude::*;

use crate::episodes::{create, fail};

/// What happens to the project of these cases, as the feed has to tell it.
const STORY: [&str; 10] = [
    "project-created",
    "episode-created",
    "episode-created",
    "creation-failed",
    "episode-inserted",
    "alert-raised",
    "numbers-repaired",
    "alert-resolved",
    "episode-deleted",
    "project-deleted",
];

/// Everything that happens to a project is told live, once and in order; alerts come and go between what causes and what ends them
#[case(tags = ["feed"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn each_change_is_told_once_and_in_order(api: Api) -> Result<()> {
    let (project, told) = live(&api.user("dashboard")).await?;
    let own = of_project(&told, &project);
    let names: Vec<&str> = own.iter().map(|told| told.name.as_str()).collect();
    check_eq!(names, STORY);
    let numbers: Vec<Option<u64>> = own.iter().map(|told| told.data.number).collect();
    check_eq!(
        numbers,
        [
            None,
            Some(1),
            Some(2),
            None,
            Some(4),
            None,
            None,
            None,
            Some(1),
            None
        ],
        "what is about an episode has its number"
    );
    for told in own.iter().filter(|told| told.name.starts_with("alert-")) {
        let alert = told.data.alert.as_ref().context("it has its alert")?;
        check_eq!(
            (alert.rule_id.as_str(), alert.severity.as_str()),
            ("episode-integrity", "critical")
        );
        check_eq!(alert.resolved_at.is_some(), told.name == "alert-resolved");
    }
    check_dense(&told);
    Ok(())
}

/// A second reader is told the same under the same ids, and one that comes back after any event is told exactly the rest
#[case(tags = ["feed"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn a_reader_that_comes_back_misses_nothing(api: Api) -> Result<()> {
    let user = api.user("dashboard");
    let (project, told) = live(&user).await?;
    let own = of_project(&told, &project);
    let is_last = |told: &Told| is_end_of(told, &project);
    let again = user
        .feed(None)
        .await?
        .until("the end of the story", is_last)
        .await?;
    check_eq!(
        of_project(&again, &project),
        own,
        "a second reader is told the same"
    );
    check_dense(&again);
    for (place, told) in own.iter().enumerate().take(STORY.len() - 1) {
        let mut feed = user.feed(Some(told)).await?;
        let rest = feed.until("the end of the story", is_last).await?;
        check_eq!(
            of_project(&rest, &project),
            own[place + 1..],
            "after {} comes the rest",
            told.name
        );
        let first = rest.first().and_then(Told::number);
        check_eq!(
            first,
            told.number().map(|number| number + 1),
            "without a gap"
        );
    }
    Ok(())
}

/// Lets the story happen, with a reader that is there from the start; answers the project and all that was told.
async fn live(user: &User) -> Result<(String, Vec<Told>)> {
    let mut feed = user.feed(None).await?;
    let project = user.temporary_project("told live").await?.id;
    let mut told = feed
        .until("the project", |told| {
            is_of(told, "project-created", &project)
        })
        .await?;
    let first = create(user, &project).await?.0;
    create(user, &project).await?;
    fail(user, &project).await?;
    user.insert_episode(&project, 4).await?;
    // Not asked for: the service looks by itself, and the feed tells of it.
    told.extend(
        feed.until("the alert", |told| is_of(told, "alert-raised", &project))
            .await?,
    );
    user.fix_gaps(&project, false).await?;
    told.extend(
        feed.until("its end", |told| is_of(told, "alert-resolved", &project))
            .await?,
    );
    user.delete_episode(&project, &first.id).await?;
    user.delete_project(&project).await?;
    told.extend(
        feed.until("the end of the story", |told| is_end_of(told, &project))
            .await?,
    );
    Ok((project, told))
}

fn is_of(told: &Told, name: &str, project: &str) -> bool {
    told.name == name && told.data.project_id.as_deref() == Some(project)
}

fn is_end_of(told: &Told, project: &str) -> bool {
    is_of(told, "project-deleted", project)
}

fn of_project(told: &[Told], project: &str) -> Vec<Told> {
    let own = told
        .iter()
        .filter(|told| told.data.project_id.as_deref() == Some(project));
    own.cloned().collect()
}

/// The numbers of the ids are those of the data, and each is one more than the one before.
fn check_dense(told: &[Told]) {
    let numbers: Vec<Option<u64>> = told.iter().map(Told::number).collect();
    let sequences: Vec<Option<u64>> = told.iter().map(|told| Some(told.data.sequence)).collect();
    check_eq!(numbers, sequences, "ids and data have the same numbers");
    let dense = told
        .windows(2)
        .all(|pair| pair[1].data.sequence == pair[0].data.sequence + 1);
    check!(dense, "no number is missing and none comes twice");
}
