//! Defects of the episodes and of their numbers.

use futures::future::join_all;
use serde_json::json;

use crate::system::{Setup, System};

#[tokio::test]
async fn d12_episodes_live_without_a_project() {
    only_with!("D12", Setup::default(), async |system: &mut System| {
        let unknown = system.episode("proj_none", "text").await.status == 201;
        let project = system.project("P").await;
        system.episode(&project, "text").await;
        system
            .projects
            .delete(&format!("/api/v1/projects/{project}"))
            .await;
        let left = system.documents(&project).await["ids"] != json!([]);
        let listed = system
            .projects
            .get(&format!("/api/v1/projects/{project}/episodes"))
            .await
            .status
            == 200;
        assert_eq!([unknown, left], [listed, listed]);
        listed
    });
}

#[tokio::test]
async fn d13_a_deleted_last_number_is_given_again() {
    only_with!("D13", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        system.episode(&project, "one").await;
        let id = system.episode(&project, "two").await.text("/data/id");
        system
            .projects
            .delete(&format!("/api/v1/projects/{project}/episodes/{id}"))
            .await;
        system.episode(&project, "three").await.body["data"]["number"] == 2
    });
}

#[tokio::test]
async fn d14_two_at_once_get_the_same_number() {
    only_with!("D14", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        join_all((0..20).map(|_| system.episode(&project, "text"))).await;
        let mut numbers = system.numbers(&project).await;
        assert_eq!(numbers.len(), 20);
        numbers.dedup();
        numbers.len() < 20
    });
}
