//! Projects and episodes: what each endpoint answers.

use serde_json::json;

use crate::system::Setup;

#[tokio::test]
async fn a_project_is_made_read_changed_and_deleted() {
    let system = Setup::default().start().await;
    let body = json!({"name": "Rain", "type": "WEB_SERIES", "description": "a story"});
    let made = system.projects.post("/api/v1/projects/", &body).await;
    assert_eq!(made.status, 201);
    let project = &made.body["data"];
    assert_eq!(project["type"], "web_series");
    assert_eq!(project["status"], "planning");
    assert_eq!(project["progress"], 0);
    let path = format!("/api/v1/projects/{}", made.text("/data/id"));
    assert_eq!(system.projects.get(&path).await.body["data"], *project);
    assert_eq!(
        system.projects.get(&format!("{path}/")).await.body["data"],
        *project
    );

    let change = json!({"name": "Snow", "status": "in_progress"});
    let changed = system.projects.json("PUT", &path, &change).await;
    assert_eq!(changed.body["data"]["name"], "Snow");
    assert_eq!(changed.body["data"]["description"], "a story");
    assert_eq!(
        system.projects.get(&path).await.body["data"],
        changed.body["data"]
    );

    let done = system
        .projects
        .call("PATCH", &format!("{path}/progress?progress=100"), &[], None)
        .await;
    assert_eq!(done.body["data"]["status"], "completed");
    assert_eq!(done.body["data"]["progress"], 100);

    let deleted = system.projects.delete(&path).await;
    assert_eq!(
        deleted.body["data"],
        json!({"deleted": true, "projectId": made.text("/data/id"), "deletedEpisodes": 0})
    );
    for method in ["GET", "DELETE"] {
        let gone = system.projects.call(method, &path, &[], None).await;
        assert_eq!(
            (gone.status, gone.code().as_str()),
            (404, "PROJECT_NOT_FOUND")
        );
    }
}

#[tokio::test]
async fn lists_are_newest_first_and_can_be_narrowed() {
    let system = Setup::default().start().await;
    for number in 0..12 {
        let kind = if number % 2 == 0 { "drama" } else { "comedy" };
        let body = json!({"name": format!("P{number:02}"), "type": kind, "description": format!("Über {number}")});
        assert_eq!(
            system.projects.post("/api/v1/projects", &body).await.status,
            201
        );
    }
    let names = |query: &'static str| {
        let projects = &system.projects;
        async move {
            let reply = projects.get(&format!("/api/v1/projects{query}")).await;
            assert_eq!(reply.status, 200, "{query}");
            let list = reply.body["data"].as_array().unwrap().clone();
            let names: Vec<_> = list
                .iter()
                .map(|one| one["name"].as_str().unwrap().to_owned())
                .collect();
            names.join(" ")
        }
    };
    assert_eq!(names("?limit=3").await, "P11 P10 P09");
    assert_eq!(names("?limit=2&skip=9").await, "P02 P01");
    assert_eq!(names("?skip=12").await, "");
    assert_eq!(names("?type=Comedy&limit=2").await, "P11 P09");
    assert_eq!(names("?search=%C3%BCBER%207").await, "P07");
    assert_eq!(names("?status=completed").await, "");
    assert_eq!(names("/recent?limit=2").await, "P11 P10");
    assert_eq!(names("/recent").await.split(' ').count(), 10);
}

#[tokio::test]
async fn the_summary_counts_every_status_and_type() {
    let system = Setup::default().start().await;
    let empty = system.projects.get("/api/v1/projects/stats/summary").await;
    assert_eq!(empty.body["data"]["averageProgress"], 0.0);
    let id = system.project("A").await;
    system.project("B").await;
    let path = format!("/api/v1/projects/{id}/progress?progress=50");
    system.projects.call("PATCH", &path, &[], None).await;
    let summary = system.projects.get("/api/v1/projects/stats/summary").await;
    let data = &summary.body["data"];
    assert_eq!(data["totalProjects"], 2);
    assert_eq!(data["averageProgress"], 25.0);
    assert_eq!(data["statusCounts"]["planning"], 2);
    assert_eq!(data["typeCounts"]["drama"], 2);
    assert_eq!(data["typeCounts"].as_object().unwrap().len(), 9);
    assert_eq!(data["statusCounts"].as_object().unwrap().len(), 5);
}

#[tokio::test]
async fn an_episode_is_made_read_rewritten_and_deleted_here_and_in_the_vector_store() {
    let system = Setup::default().start().await;
    let project = system.project("Rain").await;
    let made = system.episode(&project, "# One\n\nfive words in all").await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["data"]["number"], 1);
    assert_eq!(made.body["data"]["title"], "Rain - Ep. 1");
    assert_eq!(made.body["data"]["script"]["tokens"], 6);
    let id = made.text("/data/id");
    let documents = system.documents(&project).await;
    assert_eq!(documents["ids"], json!([id]));
    assert_eq!(
        documents["documents"],
        json!(["# One\n\nfive words in all"])
    );
    assert_eq!(
        documents["metadatas"][0],
        json!({"projectId": project, "episodeId": id, "number": 1, "title": "Rain - Ep. 1"})
    );

    let episodes = format!("/api/v1/projects/{project}/episodes");
    let stats = system.projects.get(&format!("{episodes}/_stats")).await;
    assert_eq!(
        stats.body["data"],
        json!({"totalEpisodes": 1, "lastNumber": 1, "totalTokens": 6, "totalWords": 6})
    );
    let path = format!("{episodes}/{id}");
    assert_eq!(
        system.projects.get(&path).await.body["data"],
        made.body["data"]
    );
    let change = json!({"script": {"markdown": "new", "tokens": 9}, "promptSnapshot": "why"});
    let changed = system
        .projects
        .json("PUT", &format!("{path}/script"), &change)
        .await;
    assert_eq!(
        changed.body["data"]["script"],
        json!({"markdown": "new", "tokens": 9})
    );
    assert_eq!(changed.body["data"]["promptSnapshot"], "why");
    assert_eq!(
        system.documents(&project).await["documents"],
        json!(["new"])
    );

    let deleted = system.projects.delete(&path).await;
    assert_eq!(
        deleted.body["data"],
        json!({"deleted": true, "episodeId": id})
    );
    assert_eq!(system.projects.get(&path).await.code(), "EPISODE_NOT_FOUND");
    assert_eq!(system.documents(&project).await["ids"], json!([]));
}

#[tokio::test]
async fn an_episode_of_another_project_is_not_found() {
    let system = Setup::default().start().await;
    let (one, other) = (system.project("One").await, system.project("Other").await);
    let id = system.episode(&one, "text").await.text("/data/id");
    let path = format!("/api/v1/projects/{other}/episodes/{id}");
    for method in ["GET", "DELETE"] {
        let reply = system.projects.call(method, &path, &[], None).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "EPISODE_NOT_FOUND")
        );
    }
    assert_eq!(system.numbers(&one).await, [1]);
}

#[tokio::test]
async fn a_deleted_project_takes_its_episodes_with_it() {
    let system = Setup::default().start().await;
    let (project, other) = (system.project("Gone").await, system.project("Stays").await);
    for _ in 0..3 {
        system.episode(&project, "text").await;
    }
    system.episode(&other, "text").await;
    let deleted = system
        .projects
        .delete(&format!("/api/v1/projects/{project}"))
        .await;
    assert_eq!(deleted.body["data"]["deletedEpisodes"], 3);
    let episodes = format!("/api/v1/projects/{project}/episodes");
    assert_eq!(system.projects.get(&episodes).await.status, 404);
    assert_eq!(system.episode(&project, "text").await.status, 404);
    assert_eq!(system.documents(&project).await["ids"], json!([]));
    assert_eq!(
        system.documents(&other).await["ids"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn raw_episodes_can_be_inserted_with_test_hooks_only() {
    let body = json!({"number": 3, "title": "T"});
    let system = Setup {
        test_hooks: true,
        ..Setup::default()
    }
    .start()
    .await;
    let project = system.project("P").await;
    let path = format!("/api/v1/testing/projects/{project}/episodes");
    for _ in 0..2 {
        assert_eq!(system.projects.post(&path, &body).await.status, 201);
    }
    assert_eq!(system.numbers(&project).await, [3, 3]);
    assert_eq!(
        system.episode(&project, "text").await.body["data"]["number"],
        4
    );

    let system = Setup::default().start().await;
    let contract = system.projects.contract().await.unwrap();
    assert_eq!(contract.template(&path), None);
    assert_eq!(
        system.projects.post(&path, &body).await.code(),
        "ROUTE_NOT_FOUND"
    );
}
