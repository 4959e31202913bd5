//! The live feed: every change once, in order, the same for every reader, and again for one that comes back.

use serde_json::{Value, json};

use crate::frames::{Frame, Frames};
use crate::system::{Setup, System};

const PATH: &str = "/api/v1/monitoring/episodes/feed";

impl System {
    async fn feed(&self, query: &str, last_event_id: Option<&str>) -> Frames {
        let mut request = reqwest::Client::new().get(format!("{}{PATH}{query}", self.projects.url));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        Frames::of(request.send().await.unwrap())
    }

    /// What is kept: id, name and data of each event.
    async fn kept(&self, last_event_id: Option<&str>) -> Vec<(String, String, Value)> {
        let frames = self.feed("?replayOnly=true", last_event_id).await;
        crate::frames::events(&frames.rest().await)
    }
}

#[tokio::test]
async fn each_change_is_told_once_and_in_order() {
    let setup = Setup {
        test_hooks: true,
        ..Setup::default()
    };
    let system = setup.start().await;
    let project = system.project("P").await;
    let episode = system.episode(&project, "text").await.text("/data/id");
    system.insert(&project, &[3]).await;
    system.evaluate().await;
    system.repair(&project, false).await;
    system.evaluate().await;
    system.interfere(1, 0).await;
    system.episode(&project, "text").await;
    let path = format!("/api/v1/projects/{project}/episodes/{episode}");
    let script = json!({"script": {"markdown": "other"}});
    system
        .projects
        .json("PUT", &format!("{path}/script"), &script)
        .await;
    system.projects.delete(&path).await;
    system
        .projects
        .delete(&format!("/api/v1/projects/{project}"))
        .await;

    let kept = system.kept(None).await;
    let names: Vec<_> = kept.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "project-created",
            "episode-created",
            "episode-inserted",
            "alert-raised",
            "numbers-repaired",
            "alert-resolved",
            "creation-failed",
            "episode-changed",
            "episode-deleted",
            "project-deleted",
        ]
    );
    for ((id, name, data), number) in kept.iter().zip(1..) {
        assert!(id.ends_with(&format!(":{number}")), "{id}");
        assert_eq!(data["sequence"], number);
        assert_eq!(data["projectId"], project.as_str(), "{name}");
    }
    let of = |place: usize| &kept[place].2;
    assert_eq!(
        (&of(1)["number"], &of(1)["episodeId"]),
        (&json!(1), &json!(episode))
    );
    assert_eq!(of(3)["alert"]["ruleId"], "episode-integrity");
    assert_eq!(of(4)["changes"], 1);
    assert_eq!(of(6)["status"], 503);
    assert_eq!(of(9)["deletedEpisodes"], 1);

    assert_eq!(system.kept(Some(&kept[6].0)).await, kept[7..]);
    assert_eq!(system.kept(Some("1:1")).await, kept);
}

#[tokio::test]
async fn a_reader_is_told_of_what_happens_while_it_reads() {
    let system = Setup::default().start().await;
    let mut frames = system.feed("", None).await;
    assert_eq!(frames.next().await, Ok(Some(Frame::Retry(1_000))));
    let project = system.project("P").await;
    let Ok(Some(Frame::Event { name, data, .. })) = frames.next().await else {
        panic!("an event")
    };
    assert_eq!(
        (name.as_str(), &data["projectId"]),
        ("project-created", &json!(project))
    );
}

#[tokio::test]
async fn an_open_feed_ends_with_the_service() {
    let mut system = Setup::default().start().await;
    let frames = system.feed("", None).await;
    system.stop_project_service().await;
    assert_eq!(frames.rest().await, [Frame::Retry(1_000)]);
}
