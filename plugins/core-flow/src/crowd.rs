//! Many users at a time on one project.

use std::collections::{BTreeMap, BTreeSet};

use assay_client::{Api, Episode, NewGeneration, User};
use assay_sdk::prelude::*;

/// Users of the seed's scenario.
const USERS: usize = 15;
/// Generations of each of them.
const EPISODES_EACH: usize = 4;

/// What one generation left, as its user saw it.
struct Written {
    title: String,
    streamed: String,
    stored: Episode,
}

/// 15 users with 4 generations each, all at once: all 60 succeed, are stored before `completed`, numbered 1 to 60, and each user's own
#[case(tags = ["concurrency"], timeout = "60s", needs = ["project-service", "generation-service"])]
async fn sixty_generations_at_once_are_numbered_1_to_60(api: Api) -> Result<()> {
    let project = api.user("owner").temporary_project("sixty at once").await?;
    let users: Vec<User> = (1..=USERS)
        .map(|number| api.user(format!("user {number}")))
        .collect();
    let work = users.iter().map(|user| write_all(user, &project.id));
    let outcomes = join_all(work).await;

    ensure_eq!(
        failures(&outcomes),
        BTreeMap::new(),
        "all 60 generations succeed"
    );
    let episodes = api.user("owner").episodes(&project.id).await?;
    let numbers: Vec<u64> = episodes.iter().map(|episode| episode.number).collect();
    let dense: Vec<u64> = (1..).take(USERS * EPISODES_EACH).collect();
    check_eq!(
        numbers,
        dense,
        "numbers are 1 to 60, without gap or duplicate, in order"
    );

    let written: Vec<Vec<Written>> = outcomes
        .into_iter()
        .map(|all| all.into_iter().flatten().collect())
        .collect();
    let texts: BTreeSet<&str> = written
        .iter()
        .flatten()
        .map(|one| one.streamed.as_str())
        .collect();
    check_eq!(
        texts.len(),
        USERS * EPISODES_EACH,
        "no two generations have the same text"
    );
    for (user, written) in users.iter().zip(&written) {
        check_own(user, written, &user.episodes(&project.id).await?);
    }
    Ok(())
}

/// What went wrong, and how often.
fn failures(outcomes: &[Vec<Result<Written>>]) -> BTreeMap<String, usize> {
    let mut failures = BTreeMap::new();
    for problem in outcomes
        .iter()
        .flatten()
        .filter_map(|outcome| outcome.as_ref().err())
    {
        *failures.entry(problem.to_string()).or_default() += 1;
    }
    failures
}

async fn write_all(user: &User, project: &str) -> Vec<Result<Written>> {
    let titles = (1..=EPISODES_EACH).map(|number| title(user, number));
    join_all(titles.map(|title| write(user, project, title))).await
}

fn title(user: &User, number: usize) -> String {
    format!("{}, episode {number}", user.name())
}

/// One generation, with its episode as it is at the moment `completed` arrives.
async fn write(user: &User, project: &str, title: String) -> Result<Written> {
    let started = user.start(&NewGeneration::new(project, &*title)).await?;
    let mut stream = user.follow(&started.job_id).await?;
    stream.to_the_final_event().await?;
    let completed = stream
        .transcript()
        .completed()
        .context("the generation completes")?
        .clone();
    let id = completed
        .episode_id
        .context("`completed` names its episode")?;
    let stored = user
        .episode(project, &id)
        .await
        .context("stored before `completed`")?;
    let transcript = stream.to_the_end().await?;
    ensure!(
        transcript.ended,
        "the stream of {title} ends in an orderly way"
    );
    Ok(Written {
        title,
        streamed: completed.markdown,
        stored,
    })
}

/// What a user finds under its own titles is what it wrote: all of it, and nobody else's.
fn check_own(user: &User, written: &[Written], episodes: &[Episode]) {
    let name = user.name();
    let asked: Vec<String> = (1..=EPISODES_EACH)
        .map(|number| title(user, number))
        .collect();
    let mut found: Vec<&Episode> = episodes
        .iter()
        .filter(|episode| asked.contains(&episode.title))
        .collect();
    found.sort_by(|left, right| left.title.cmp(&right.title));
    let titles: Vec<&str> = found.iter().map(|episode| episode.title.as_str()).collect();
    check_eq!(titles, asked, "{name} finds exactly its own titles");
    for one in written {
        let now = found.iter().find(|episode| episode.title == one.title);
        check_eq!(
            now.map(|episode| episode.markdown()),
            Some(one.streamed.as_str()),
            "{name} finds its own text of {}",
            one.title
        );
        check_eq!(
            now.copied(),
            Some(&one.stored),
            "the episode of {} is as it was when `completed` arrived",
            one.title
        );
        check!(
            one.streamed.contains(&one.title),
            "the text of {} is about it",
            one.title
        );
    }
}
