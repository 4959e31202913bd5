//! Numbers: 1, 2, 3, ... for each project, given once, whatever happens.

use futures::future::join_all;
use serde_json::json;

use crate::system::Setup;

#[tokio::test]
async fn sixty_episodes_at_once_get_the_numbers_1_to_60() {
    let system = Setup::default().start().await;
    let (project, other) = (system.project("P").await, system.project("Q").await);
    let made = join_all((0..120).map(|number| {
        let to = if number % 2 == 0 { &project } else { &other };
        system.episode(to, "text")
    }))
    .await;
    assert!(made.iter().all(|reply| reply.status == 201));
    let wanted: Vec<u64> = (1..=60).collect();
    assert_eq!(system.numbers(&project).await, wanted);
    assert_eq!(system.numbers(&other).await, wanted);
    assert_eq!(
        system.documents(&project).await["ids"]
            .as_array()
            .unwrap()
            .len(),
        60
    );
}

#[tokio::test]
async fn sixty_generations_at_once_all_become_episodes() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let jobs = join_all((0..60).map(|number| {
        let (system, project) = (&system, &project);
        async move {
            let id = system.generation(project, &format!("T{number}")).await;
            system.finished(&id).await
        }
    }))
    .await;
    let mut numbers: Vec<_> = jobs
        .iter()
        .map(|job| job["episodeNumber"].as_u64().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
    assert_eq!(system.numbers(&project).await, numbers);
}

#[tokio::test]
async fn a_deleted_number_is_never_given_again() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(system.episode(&project, "text").await.text("/data/id"));
    }
    let episodes = format!("/api/v1/projects/{project}/episodes");
    for id in [&ids[2], &ids[0]] {
        system.projects.delete(&format!("{episodes}/{id}")).await;
    }
    let next = system
        .projects
        .get(&format!("{episodes}/_next-number"))
        .await;
    assert_eq!(next.body["data"], json!({"nextNumber": 4}));
    assert_eq!(
        system.episode(&project, "text").await.body["data"]["number"],
        4
    );
    assert_eq!(system.numbers(&project).await, [2, 4]);
}

#[tokio::test]
async fn a_number_is_not_the_clients_to_give() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let body = json!({"number": 7, "script": {"markdown": "text"}});
    let reply = system
        .projects
        .post(&format!("/api/v1/projects/{project}/episodes"), &body)
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (422, "VALIDATION_FAILED")
    );
    assert_eq!(reply.fields(), ["number"]);
    assert_eq!(system.numbers(&project).await, [0; 0]);
}
