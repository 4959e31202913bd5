//! Containers that are left as they were found or taken down, or not, by an engine that answers as it is told.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::environment::{
    Left,
    docker::{
        Endpoint, Original, raised_with,
        scripted::{Holds, ScriptedEngine, ScriptedProject},
    },
};

/// The project `shop` with its only container, which was on a network when it was found.
struct Shop {
    engine: ScriptedEngine,
    container: Container,
    journal: Journal,
    _place: TempDir,
}

impl Shop {
    /// `shown` is the state of the container; `changing` what comes of whatever else is asked.
    async fn new(shown: Option<Value>, changing: StatusCode) -> Self {
        let engine = ScriptedEngine::start(move |question| {
            if question == "GET /version" || question == "GET /info" {
                return None;
            }
            if !question.ends_with("/json") {
                return Some((changing, json!({"message": "it does not"})));
            }
            let body = shown.clone();
            Some(match body {
                Some(body) => (StatusCode::OK, body),
                None => (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    json!({"message": "busy"}),
                ),
            })
        })
        .await;
        let original = Original {
            id: "ab".repeat(32),
            networks: [("shop_near".to_owned(), Endpoint::default())].into(),
            ..Original::default()
        };
        let project = Project::new(engine.connect().await, "shop");
        let place = TempDir::new().unwrap();
        Self {
            container: Container::scripted(&project, "cache", original),
            engine,
            journal: Journal::create(place.path(), "run").unwrap(),
            _place: place,
        }
    }

    /// A fault is about to be made.
    async fn noted(self) -> Self {
        let entry = Entry::Container(entry::Container {
            engine: "unix:///run/docker.sock".to_owned(),
            project: "shop".to_owned(),
            service: "cache".to_owned(),
            original: self.container.original().clone(),
        });
        drop(self.journal.note(entry).await.unwrap());
        self
    }

    async fn leave(&self) -> Vec<EnvironmentError> {
        leave(
            std::slice::from_ref(&self.container),
            "shop",
            Some(&self.journal),
        )
        .await
    }

    /// What it asked about the container.
    fn asked(&self) -> Vec<String> {
        let asked = self.engine.asked().into_iter();
        asked.filter(|question| question.contains("abab")).collect()
    }

    /// How many notes are open at the end.
    fn open(self) -> usize {
        self.journal.close().unwrap().len()
    }
}

fn running() -> Value {
    let networks = json!({"shop_near": {}});
    json!({"State": {"Running": true, "Paused": false}, "NetworkSettings": {"Networks": networks}})
}

fn frozen() -> Value {
    let mut frozen = running();
    frozen["State"]["Paused"] = true.into();
    frozen
}

#[tokio::test]
async fn a_container_with_a_note_is_mended_and_its_note_struck_out() {
    let shop = Shop::new(Some(running()), StatusCode::OK)
        .await
        .noted()
        .await;
    let left = shop.leave().await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(shop.open(), 0);
}

#[tokio::test]
async fn a_container_that_the_engine_does_not_mend_keeps_its_note_and_is_told() {
    let refusing = StatusCode::INTERNAL_SERVER_ERROR;
    let shop = Shop::new(Some(frozen()), refusing).await.noted().await;
    let left = shop.leave().await;
    assert!(
        matches!(&left[..], [EnvironmentError::NotPutBack { service, .. }] if service == "cache"),
        "{left:?}"
    );
    assert!(shop.asked().iter().any(|asked| asked.ends_with("/unpause")));
    assert_eq!(shop.open(), 1);
}

#[tokio::test]
async fn of_a_container_to_which_nothing_was_done_nothing_is_asked_but_how_it_is() {
    let shop = Shop::new(Some(running()), StatusCode::OK).await;
    let left = shop.leave().await;
    assert!(left.is_empty(), "{left:?}");
    let inspected = format!("GET /containers/{}/json", "ab".repeat(32));
    assert_eq!(shop.asked(), [inspected]);
}

#[tokio::test]
async fn what_shows_a_change_without_a_note_is_mended_too() {
    let shop = Shop::new(Some(frozen()), StatusCode::INTERNAL_SERVER_ERROR).await;
    let left = shop.leave().await;
    assert!(
        matches!(left[..], [EnvironmentError::NotPutBack { .. }]),
        "{left:?}"
    );
}

#[tokio::test]
async fn what_is_gone_for_good_is_told_and_its_note_struck_out() {
    let shop = Shop::new(Some(json!({"State": {"Running": true}})), StatusCode::OK).await;
    let gone = ScriptedEngine::start(|question| {
        let missing = || json!({"message": "No such container: abab"});
        question
            .contains("abab")
            .then(|| (StatusCode::NOT_FOUND, missing()))
    })
    .await;
    let project = Project::new(gone.connect().await, "shop");
    let original = shop.container.original().clone();
    let container = Container::scripted(&project, "cache", original);
    let shop = Shop { container, ..shop }.noted().await;
    let left = shop.leave().await;
    assert!(
        matches!(&left[..], [EnvironmentError::Gone { what, .. }] if what == "it is gone"),
        "{left:?}"
    );
    assert_eq!(shop.open(), 0);
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_told_once_where_nothing_was_done() {
    let shop = Shop::new(None, StatusCode::OK).await;
    let project = Project::new(shop.engine.connect().await, "shop");
    let containers = ["cache", "store"]
        .map(|service| Container::scripted(&project, service, shop.container.original().clone()));
    let left = leave(&containers, "shop", Some(&shop.journal)).await;
    let [EnvironmentError::NotSeen { project, .. }] = &left[..] else {
        panic!("{left:?}");
    };
    assert_eq!(project, "shop");
    assert!(!left[0].is_tried_again());
    assert_eq!(shop.open(), 0);
}

#[tokio::test]
async fn a_container_that_shows_as_running_for_a_moment_still_is_seen_to_have_died() {
    let looks = std::sync::atomic::AtomicUsize::new(0);
    let engine = ScriptedEngine::start(move |question| {
        if !question.contains("abab") {
            return None;
        }
        if !question.ends_with("/json") {
            return Some((StatusCode::OK, json!({})));
        }
        let look = looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let state = json!({"Running": look == 0, "ExitCode": 3});
        Some((StatusCode::OK, json!({"State": state})))
    })
    .await;
    let project = Project::new(engine.connect().await, "shop");
    let original = Original {
        id: "ab".repeat(32),
        ..Original::default()
    };
    let container = Container::scripted(&project, "cache", original);
    let fallen = container.fallen().await;
    assert!(
        matches!(&fallen, Some(EnvironmentError::Died { service, .. }) if service == "cache"),
        "{fallen:?}"
    );
}

/// What is told of a project that was brought up here and does not go in whole.
async fn down(shop: &ScriptedProject) -> (Vec<EnvironmentError>, usize) {
    let place = TempDir::new().unwrap();
    let journal = Journal::create(place.path(), "run").unwrap();
    let raised = raised_with("false", shop, &journal).await;
    let containers = Containers {
        _claim: Claim::take(&shop.project).await.unwrap(),
        project: shop.project.clone(),
        list: Vec::new(),
        standing: Standing::Raised(Box::new(Mutex::new(raised))),
    };
    let told = containers.down(Some(&journal)).await;
    drop(containers);
    (told, journal.close().unwrap().len())
}

#[tokio::test]
async fn a_network_that_the_engine_keeps_is_told_as_abandoned_and_nothing_is_left_to_undo() {
    let shop = ScriptedProject::new()
        .await
        .with_network("access", Holds::Endpoint(usize::MAX))
        .with_volume("data", false);
    let (told, noted) = down(&shop).await;
    assert!(
        matches!(&told[..], [EnvironmentError::Abandoned(kept)] if kept.network == "access"),
        "{told:?}"
    );
    assert!(matches!(Left::from(&told[0]), Left::Abandoned(_)));
    assert_eq!((shop.left(), noted), (vec!["access".to_owned()], 0));
}

#[tokio::test]
async fn a_project_whose_engine_goes_in_the_middle_is_told_as_standing_and_can_be_undone_later() {
    let shop = ScriptedProject::on_an_engine_until(Some("DELETE /networks"))
        .await
        .with_container("web")
        .with_network("near", Holds::Nothing)
        .with_volume("data", false);
    let (told, noted) = down(&shop).await;
    assert!(
        matches!(&told[..], [EnvironmentError::NotDown { volumes: true, .. }]),
        "{told:?}"
    );
    assert!(matches!(Left::from(&told[0]), Left::Standing(_)));
    assert_eq!(noted, 1);
}
