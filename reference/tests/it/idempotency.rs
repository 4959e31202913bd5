//! `Idempotency-Key`: one key, one thing.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::system::{Setup, System, wish};

/// The three kinds of things, with a request for each and the list that shows how many there are.
async fn kinds(system: &System) -> [(bool, String, Value, Value, String); 3] {
    let project = system.project("P").await;
    let episodes = format!("/api/v1/projects/{project}/episodes");
    [
        (
            true,
            "/api/v1/projects".to_owned(),
            json!({"name": "N", "type": "drama"}),
            json!({"name": "M", "type": "drama"}),
            "/api/v1/projects?search=N".to_owned(),
        ),
        (
            true,
            episodes.clone(),
            json!({"script": {"markdown": "one"}}),
            json!({"script": {"markdown": "two"}}),
            episodes,
        ),
        (
            false,
            "/api/v1/generations".to_owned(),
            wish(&project, "A"),
            wish(&project, "B"),
            "/api/v1/generations".to_owned(),
        ),
    ]
}

#[tokio::test]
async fn the_same_key_is_answered_with_the_first_body_and_another_body_is_a_conflict() {
    for cache_is_down in [false, true] {
        let mut system = Setup::default().start().await;
        if cache_is_down {
            system.stop_cache().await;
        }
        for (of_projects, path, body, other, list) in kinds(&system).await {
            let client = if of_projects {
                &system.projects
            } else {
                &system.generations
            };
            let key = format!("key-{}", path.len());
            let first = client.post_with_key(&path, &key, &body).await;
            assert_eq!(
                (first.status, first.header("idempotency-replayed")),
                (201, None)
            );
            let again = client.post_with_key(&format!("{path}/"), &key, &body).await;
            assert_eq!(
                (again.status, again.header("idempotency-replayed")),
                (200, Some("true"))
            );
            assert_eq!(again.raw, first.raw);
            let conflict = client.post_with_key(&path, &key, &other).await;
            assert_eq!(
                (conflict.status, conflict.code().as_str()),
                (409, "IDEMPOTENCY_CONFLICT")
            );
            let count = client.get(&list).await.body["data"]
                .as_array()
                .unwrap()
                .len();
            assert_eq!(count, 1, "{path}");
        }
    }
}

#[tokio::test]
async fn two_at_once_make_one() {
    let system = Setup::default().start().await;
    for (of_projects, path, body, _, list) in kinds(&system).await {
        let client = if of_projects {
            &system.projects
        } else {
            &system.generations
        };
        let replies = join_all((0..10).map(|_| client.post_with_key(&path, "at-once", &body)));
        let replies = replies.await;
        let made = replies.iter().filter(|reply| reply.status == 201).count();
        let replayed = replies.iter().filter(|reply| reply.status == 200).count();
        // The key is one for the whole service: the second kind of the project service is another request.
        if path.ends_with("/episodes") {
            assert!(replies.iter().all(|reply| reply.status == 409));
            continue;
        }
        assert_eq!((made, replayed), (1, 9));
        assert!(replies.iter().all(|reply| reply.raw == replies[0].raw));
        assert_eq!(
            client.get(&list).await.body["data"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn a_cache_that_goes_and_comes_between_duplicates_changes_nothing() {
    let mut system = Setup::default().start().await;
    for round in 0..3 {
        for (of_projects, path, body, _, list) in kinds(&system).await {
            let client = if of_projects {
                &system.projects
            } else {
                &system.generations
            };
            let key = format!("round-{round}-{}", path.len());
            let before = client.get(&list).await.body["data"]
                .as_array()
                .unwrap()
                .len();
            let replies = join_all((0..10).map(|_| client.post_with_key(&path, &key, &body)));
            let replies = replies.await;
            let made = replies.iter().filter(|reply| reply.status == 201).count();
            assert_eq!(made, 1, "{path} in round {round}");
            assert!(replies.iter().all(|reply| reply.raw == replies[0].raw));
            let after = client.get(&list).await.body["data"]
                .as_array()
                .unwrap()
                .len();
            assert_eq!(after, before + 1, "{path} in round {round}");
        }
        if round == 0 {
            system.stop_cache().await;
        } else if round == 1 {
            system.start_cache();
        }
    }
}

#[tokio::test]
async fn one_key_at_both_services_is_two_requests() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let new = json!({"name": "N", "type": "drama"});
    let wish = wish(&project, "A");
    let (projects, generations) = futures::future::join(
        system.projects.post_with_key("/api/v1/projects", "k", &new),
        system
            .generations
            .post_with_key("/api/v1/generations", "k", &wish),
    )
    .await;
    assert_eq!((projects.status, generations.status), (201, 201));
}

#[tokio::test]
async fn what_a_json_body_looks_like_does_not_matter_for_the_key() {
    let system = Setup::default().start().await;
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    for (body, status) in [
        (r#"{"name":"A","type":"drama"}"#, 201),
        (
            r#" { "type" : "DRAMA", "name" : "A", "description": "" } "#,
            200,
        ),
    ] {
        let reply = system
            .projects
            .call("POST", "/api/v1/projects", &headers, Some(body.to_owned()))
            .await;
        assert_eq!(reply.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_key() {
    let system = Setup::default().start().await;
    let path = "/api/v1/projects";
    assert_eq!(
        system
            .projects
            .post_with_key(path, "k", &json!({"name": "A"}))
            .await
            .status,
        422
    );
    let made = system
        .projects
        .post_with_key(path, "k", &json!({"name": "A", "type": "drama"}))
        .await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn a_bad_key_is_400() {
    let system = Setup::default().start().await;
    let body = json!({"name": "A", "type": "drama"});
    let long = "k".repeat(256);
    for key in ["", "a b", "ä", "a/b", long.as_str()] {
        let reply = system
            .projects
            .post_with_key("/api/v1/projects", key, &body)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "INVALID_IDEMPOTENCY_KEY"),
            "{key}"
        );
    }
    let longest = "k".repeat(255);
    assert_eq!(
        system
            .projects
            .post_with_key("/api/v1/projects", &longest, &body)
            .await
            .status,
        201
    );
}
