//! Defects of how requests are taken: keys, limits, types, paths.

use serde_json::json;

use crate::client::Client;
use crate::system::{Setup, System, wish};

#[tokio::test]
async fn d3_one_key_makes_two_things() {
    only_with!("D3", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let mut broken = Vec::new();
        for (client, path, body) in [
            (
                &system.projects,
                "/api/v1/projects",
                json!({"name": "A", "type": "drama"}),
            ),
            (
                &system.generations,
                "/api/v1/generations",
                wish(&project, "A"),
            ),
        ] {
            let first = client.post_with_key(path, "k", &body).await;
            let second = client.post_with_key(path, "k", &body).await;
            broken.push(second.status == 201 && second.raw != first.raw);
        }
        assert_eq!(broken[0], broken[1]);
        broken[0]
    });
}

#[tokio::test]
async fn d4_another_body_under_the_same_key_is_the_first_answer() {
    only_with!("D4", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let mut broken = Vec::new();
        for (client, path, bodies) in [
            (
                &system.projects,
                "/api/v1/projects",
                ["A", "B"].map(|name| json!({"name": name, "type": "drama"})),
            ),
            (
                &system.generations,
                "/api/v1/generations",
                ["A", "B"].map(|title| wish(&project, title)),
            ),
        ] {
            let first = client.post_with_key(path, "k", &bodies[0]).await;
            let second = client.post_with_key(path, "k", &bodies[1]).await;
            broken.push(second.status == 200 && second.raw == first.raw);
        }
        assert_eq!(broken[0], broken[1]);
        broken[0]
    });
}

#[tokio::test]
async fn d9_over_the_limit_is_500_and_a_header_gets_around_it() {
    let setup = Setup {
        rate_limit: 2,
        ..Setup::default()
    };
    only_with!("D9", setup, async |system: &mut System| {
        let mut broken = Vec::new();
        for (client, path) in [
            (&system.projects, "/api/v1/projects"),
            (&system.generations, "/api/v1/generations"),
        ] {
            client.contract().await.unwrap();
            client.get(path).await;
            let over = client.get(path).await;
            let spoofed = client
                .call("GET", path, &[("x-forwarded-for", "10.0.0.1")], None)
                .await;
            assert_eq!(over.status == 500, spoofed.status == 200);
            broken.push(over.status == 500);
        }
        assert_eq!(broken[0], broken[1]);
        broken[0]
    });
}

#[tokio::test]
async fn d10_an_unknown_type_is_stored_and_breaks_the_list_for_everybody() {
    only_with!("D10", Setup::default(), async |system: &mut System| {
        let answer = system
            .projects
            .post("/api/v1/projects", &json!({"name": "A", "type": "BOGUS"}))
            .await;
        for _ in 0..3 {
            system.project("good").await;
        }
        let list = system.projects.get("/api/v1/projects?limit=1").await;
        assert_eq!(answer.status == 500, list.status == 500);
        assert!(answer.status == 500 || answer.status == 422);
        list.status == 500
    });
}

#[tokio::test]
async fn d11_fixed_words_in_a_path_are_taken_for_ids() {
    only_with!("D11", Setup::default(), async |system: &mut System| {
        let project = system.project("P").await;
        let episodes = format!("/api/v1/projects/{project}/episodes");
        let mut shadowed = Vec::new();
        for path in [
            "/api/v1/projects/recent".to_owned(),
            format!("{episodes}/_next-number"),
            format!("{episodes}/_stats"),
        ] {
            shadowed.push(get_unchecked(&system.projects, &path).await == 404);
        }
        for path in ["/api/v1/generations/active", "/api/v1/generations/_stats"] {
            shadowed.push(get_unchecked(&system.generations, path).await == 404);
        }
        assert!(
            shadowed.iter().all(|one| *one == shadowed[0]),
            "{shadowed:?}"
        );
        shadowed[0]
    });
}

/// The status of an answer that need not be a documented one.
async fn get_unchecked(client: &Client, path: &str) -> u16 {
    let url = format!("{}{path}", client.url);
    reqwest::get(url).await.unwrap().status().as_u16()
}
