//! Numbers of episodes: the server's, from 1, each once.

use assay_client::{Api, Episode, NewEpisode, User};
use assay_sdk::prelude::*;

/// Creations that are under way at a time.
const CONTENDERS: u64 = 20;

/// 20 users create an episode of one project at the same time: 20 different numbers, 1 to 20
#[case(tags = ["numbering", "concurrency"], timeout = "30s", needs = ["project-service"])]
async fn creations_at_once_get_different_numbers(api: Api) -> Result<()> {
    let project = api.user("owner").temporary_project("contended").await?;
    let contenders = (1..=CONTENDERS).map(|number| {
        let (user, project) = (api.user(format!("contender {number}")), &project.id);
        async move { create(&user, project, number).await }
    });
    let mut answered: Vec<u64> = try_join_all(contenders)
        .await?
        .iter()
        .map(|episode| episode.number)
        .collect();
    answered.sort_unstable();
    let dense: Vec<u64> = (1..=CONTENDERS).collect();
    check_eq!(
        answered,
        dense,
        "every creation is answered a number of its own"
    );
    check_eq!(
        numbers(&api.user("owner"), &project.id).await?,
        dense,
        "the project has them all, in order"
    );
    Ok(())
}

/// The number of a deleted last episode is never given again, not even when no episode is left
#[case(tags = ["numbering"], timeout = "20s", needs = ["project-service"])]
async fn a_deleted_last_number_is_not_given_again(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("last deleted").await?.id;
    let made = create_three(&user, &project).await?;
    user.delete_episode(&project, &made[2].id).await?;
    let fourth = create(&user, &project, 4).await?;
    check_eq!(fourth.number, 4, "3 was deleted and stays unused");
    check_eq!(numbers(&user, &project).await?, [1, 2, 4]);

    for episode in user.episodes(&project).await? {
        user.delete_episode(&project, &episode.id).await?;
    }
    check_eq!(
        numbers(&user, &project).await?,
        Vec::<u64>::new(),
        "all are deleted"
    );
    check_eq!(
        create(&user, &project, 5).await?.number,
        5,
        "an empty project counts on"
    );
    Ok(())
}

/// The number of a deleted episode in the middle stays free, and the others keep theirs
#[case(tags = ["numbering"], timeout = "20s", needs = ["project-service"])]
async fn a_deleted_middle_number_stays_free(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("middle deleted").await?.id;
    let made = create_three(&user, &project).await?;
    user.delete_episode(&project, &made[1].id).await?;
    check!(
        !user.has_episode(&project, &made[1].id).await?,
        "the deleted episode is gone"
    );
    check_eq!(
        create(&user, &project, 4).await?.number,
        4,
        "2 was deleted and stays unused"
    );
    let left = user.episodes(&project).await?;
    let left_numbers: Vec<u64> = left.iter().map(|episode| episode.number).collect();
    check_eq!(left_numbers, [1, 3, 4], "the others keep their numbers");
    check_eq!(
        left[..2],
        [made[0].clone(), made[2].clone()],
        "and are otherwise as they were"
    );
    Ok(())
}

/// Two projects count apart, and deleting one leaves the other as it was (written in the sync style)
#[case(tags = ["numbering"], timeout = "20s", needs = ["project-service"])]
fn a_second_project_keeps_its_own_numbers(api: &Api) -> Result<()> {
    let user = api.user("author");
    let first = user.temporary_project("first of two").wait()?.id;
    let second = user.temporary_project("second of two").wait()?.id;
    create_three(&user, &first).wait()?;
    let kept = create(&user, &second, 1).wait()?;
    check_eq!(kept.number, 1, "the second project starts with 1");
    check_eq!(numbers(&user, &first).wait()?, [1, 2, 3]);

    user.delete_project(&first).wait()?;
    check!(
        !user.has_project(&first).wait()?,
        "the first project is gone"
    );
    check_eq!(
        user.episodes(&second).wait()?,
        [kept],
        "the second is as it was"
    );
    check_eq!(create(&user, &second, 2).wait()?.number, 2, "and counts on");
    Ok(())
}

async fn create(user: &User, project: &str, number: u64) -> Result<Episode> {
    let (title, text) = (
        format!("Scene {number}"),
        format!("# Scene {number}\n\nBy {}.", user.name()),
    );
    user.create_episode(project, &NewEpisode::new(title, text))
        .await
}

/// Three episodes, one after another, numbered 1, 2 and 3.
async fn create_three(user: &User, project: &str) -> Result<[Episode; 3]> {
    let made = [
        create(user, project, 1).await?,
        create(user, project, 2).await?,
        create(user, project, 3).await?,
    ];
    ensure_eq!(made.each_ref().map(|episode| episode.number), [1, 2, 3]);
    Ok(made)
}

async fn numbers(user: &User, project: &str) -> Result<Vec<u64>> {
    let episodes = user.episodes(project).await?;
    Ok(episodes.iter().map(|episode| episode.number).collect())
}
