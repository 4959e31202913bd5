//! Gaps and duplicates: found as exactly those numbers of exactly that project, repaired, and gone.

use assay_client::{Api, Episode, Issues, User};
use assay_sdk::prelude::*;

use crate::episodes::{create, create_many};

/// Numbers that were skipped are named as the gaps of their project and of no other
#[case(tags = ["integrity"], timeout = "20s", needs = ["project-service-monitored"])]
async fn a_gap_is_found_as_exactly_its_numbers(api: Api) -> Result<()> {
    let user = api.user("operator");
    let broken = user.temporary_project("with a gap").await?.id;
    let healthy = user.temporary_project("without").await?.id;
    create_many(&user, &healthy, 2).await?;
    create_many(&user, &broken, 2).await?;
    user.insert_episode(&broken, 5).await?;
    create(&user, &broken).await?;

    let found = user.integrity(&broken).await?;
    check_eq!(found.gaps, [3, 4], "3 and 4 were skipped");
    check_eq!(found.duplicates, [0_u64; 0], "no number is there twice");
    check_eq!((found.gap_count, found.duplicate_count), (2, 0));
    check_eq!(found.actual_numbers, [1, 2, 5, 6]);
    check_eq!((found.total_episodes, found.last_number), (4, 6));
    check!(!found.is_healthy, "it is not healthy");
    check_eq!(found.health_percentage, 50.0, "2 issues of 4 episodes");
    check_everywhere(&user, &broken, &[3, 4], &[]).await?;
    check_healthy(&user, &healthy, &[1, 2]).await
}

/// A number that two episodes have is named as the duplicate of its project and of no other
#[case(tags = ["integrity"], timeout = "20s", needs = ["project-service-monitored"])]
async fn a_duplicate_is_found_as_exactly_its_number(api: Api) -> Result<()> {
    let user = api.user("operator");
    let broken = user.temporary_project("with a duplicate").await?.id;
    let healthy = user.temporary_project("without").await?.id;
    create_many(&user, &healthy, 3).await?;
    create_many(&user, &broken, 3).await?;
    user.insert_episode(&broken, 2).await?;

    let found = user.integrity(&broken).await?;
    check_eq!(found.duplicates, [2], "2 is there twice");
    check_eq!(found.gaps, [0_u64; 0], "no number is missing");
    check_eq!((found.gap_count, found.duplicate_count), (0, 1));
    check_eq!(found.actual_numbers, [1, 2, 2, 3]);
    check!(!found.is_healthy, "it is not healthy");
    check_eq!(found.health_percentage, 75.0, "1 issue of 4 episodes");
    check_everywhere(&user, &broken, &[], &[2]).await?;
    check_healthy(&user, &healthy, &[1, 2, 3]).await
}

/// A repair is first only described; done, it leaves the same episodes with the numbers 1, 2, 3, ..., and nothing to repair
#[case(tags = ["integrity", "repair"], timeout = "20s", needs = ["project-service-monitored"])]
async fn a_repair_makes_the_numbers_whole_and_keeps_the_episodes(api: Api) -> Result<()> {
    let user = api.user("operator");
    let project = user.temporary_project("to be repaired").await?.id;
    create(&user, &project).await?;
    for number in [3, 3, 6] {
        user.insert_episode(&project, number).await?;
    }
    let before = user.episodes(&project).await?;
    ensure_eq!(numbers(&before), [1, 3, 3, 6]);

    let described = user.fix_gaps(&project, true).await?;
    check!(described.dry_run, "it is only described");
    let moves: Vec<(u64, u64)> = described
        .changes
        .iter()
        .map(|change| (change.old_number, change.new_number))
        .collect();
    check_eq!(moves, [(3, 2), (6, 4)], "one 3 becomes 2, 6 becomes 4");
    check_eq!(described.changes_needed, 2);
    check_eq!(
        user.episodes(&project).await?,
        before,
        "nothing is changed yet"
    );

    let done = user.fix_gaps(&project, false).await?;
    check_eq!(
        done.changes,
        described.changes,
        "what was described is done"
    );
    let after = user.episodes(&project).await?;
    check_eq!(numbers(&after), [1, 2, 3, 4], "the numbers are whole");
    check_eq!(
        texts(&after),
        texts(&before),
        "the episodes are the same, in the same order"
    );
    check_healthy(&user, &project, &[1, 2, 3, 4]).await?;
    check_eq!(
        user.fix_gaps(&project, true).await?.changes_needed,
        0,
        "nothing is left to repair"
    );
    let next = create(&user, &project).await?.0;
    check_eq!(next.number, 7, "6 was given before, and is not given again");
    check_healthy(&user, &project, &[1, 2, 3, 4, 7]).await
}

/// A deleted episode leaves a rightful hole: no gap is found, wherever it was, and nothing is to be repaired
#[case(tags = ["integrity"], timeout = "20s", needs = ["project-service-monitored"])]
async fn a_deletion_is_no_gap(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("with deletions").await?.id;
    let mut made = Vec::new();
    for _ in 0..4 {
        made.push(create(&user, &project).await?.0);
    }
    user.delete_episode(&project, &made[1].id).await?;
    check_healthy(&user, &project, &[1, 3, 4]).await?;
    user.delete_episode(&project, &made[3].id).await?;
    check_healthy(&user, &project, &[1, 3]).await?;
    check_eq!(user.fix_gaps(&project, true).await?.changes_needed, 0);
    create(&user, &project).await?;
    check_healthy(&user, &project, &[1, 3, 5]).await
}

/// What is wrong with a project goes with the project
#[case(tags = ["integrity"], timeout = "20s", needs = ["project-service-monitored"])]
async fn a_deleted_project_is_no_issue(api: Api) -> Result<()> {
    let user = api.user("operator");
    let project = user.temporary_project("deleted with its gap").await?.id;
    user.insert_episode(&project, 2).await?;
    check_everywhere(&user, &project, &[1], &[]).await?;
    user.delete_project(&project).await?;
    let summary = user.integrity_summary().await?;
    check_eq!(
        summary.issues_of(&project),
        None,
        "the summary has forgotten it"
    );
    check!(
        !user.has_integrity(&project).await?,
        "there are no numbers to be asked for"
    );
    Ok(())
}

/// The totals of the summary change by exactly what was broken, and back by what was repaired
#[case(tags = ["integrity"], timeout = "20s", needs = ["project-service-monitored"], exclusive)]
async fn the_totals_are_those_of_all_projects(api: Api) -> Result<()> {
    let user = api.user("operator");
    let before = user.integrity_summary().await?;
    let (one, other) = (
        user.temporary_project("two gaps").await?.id,
        user.temporary_project("a duplicate").await?.id,
    );
    user.insert_episode(&one, 3).await?;
    create(&user, &other).await?;
    user.insert_episode(&other, 1).await?;
    let broken = user.integrity_summary().await?;
    check_eq!(broken.total_projects, before.total_projects + 2);
    check_eq!(broken.unhealthy_projects, before.unhealthy_projects + 2);
    check_eq!(broken.healthy_projects, before.healthy_projects);
    check_eq!(broken.total_episodes, before.total_episodes + 3);
    check_eq!(broken.total_gaps, before.total_gaps + 2);
    check_eq!(broken.total_duplicates, before.total_duplicates + 1);
    for project in [&one, &other] {
        user.fix_gaps(project, false).await?;
    }
    let repaired = user.integrity_summary().await?;
    check_eq!(repaired.unhealthy_projects, before.unhealthy_projects);
    check_eq!(repaired.healthy_projects, before.healthy_projects + 2);
    check_eq!(repaired.total_gaps, before.total_gaps);
    check_eq!(repaired.total_duplicates, before.total_duplicates);
    Ok(())
}

/// The summary, a basic and a deep check all say the same of a project that is broken.
async fn check_everywhere(
    user: &User,
    project: &str,
    gaps: &[u64],
    duplicates: &[u64],
) -> Result<()> {
    let expected = Issues {
        project_id: project.to_owned(),
        gaps: gaps.to_vec(),
        duplicates: duplicates.to_vec(),
    };
    let summary = user.integrity_summary().await?;
    check_eq!(
        summary.issues_of(project),
        Some(&expected),
        "the summary names it"
    );
    let basic = user.run_integrity_check(false).await?;
    check_eq!(
        basic.summary.issues_of(project),
        Some(&expected),
        "a basic check finds it"
    );
    check!(
        basic.projects.is_empty(),
        "a basic check has no more to say"
    );
    let deep = user.run_integrity_check(true).await?;
    let mut of_project = deep.projects.iter();
    let found = of_project.find(|found| found.project_id == project);
    check_eq!(
        found.map(|found| (found.gaps.as_slice(), found.duplicates.as_slice())),
        Some((gaps, duplicates)),
        "a deep check describes it"
    );
    Ok(())
}

async fn check_healthy(user: &User, project: &str, numbers: &[u64]) -> Result<()> {
    let found = user.integrity(project).await?;
    check_eq!(found.actual_numbers, numbers, "these numbers are there");
    check!(found.is_healthy, "and they are healthy");
    check_eq!(found.health_percentage, 100.0);
    check_eq!((found.gap_count, found.duplicate_count), (0, 0));
    let summary = user.integrity_summary().await?;
    check_eq!(
        summary.issues_of(project),
        None,
        "the summary has nothing against it"
    );
    Ok(())
}

fn numbers(episodes: &[Episode]) -> Vec<u64> {
    episodes.iter().map(|episode| episode.number).collect()
}

/// What a repair must not touch, in the order of the ids.
fn texts(episodes: &[Episode]) -> Vec<(&str, &str, &str)> {
    let mut texts: Vec<_> = episodes
        .iter()
        .map(|episode| {
            (
                episode.id.as_str(),
                episode.title.as_str(),
                episode.markdown(),
            )
        })
        .collect();
    texts.sort_unstable();
    texts
}
