//! A reader on a real server, step by step.

use std::time::Duration;

use assay_test_server::nats::Nats;

use tokio::time::Instant;

use super::{Reader, sequence};
use crate::{
    connection::{Access, Connection},
    identity::RunId,
    names::Names,
    settings::Settings,
    streams,
};

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_mins(1);

struct Stage {
    nats: Nats,
    connection: Connection,
    names: Names,
    reader: Reader,
}

impl Stage {
    async fn open() -> Option<Self> {
        let nats = Nats::start()?;
        let access = Access {
            url: nats.url(),
            ..Access::default()
        };
        let connection = Connection::open(&access, "a test").await.unwrap();
        let names = Names::new(RunId::random());
        let settings = Settings::default();
        streams::create(&connection, &names, &settings)
            .await
            .unwrap();
        let reader = Reader::new(&connection, &names, Duration::from_secs(10));
        Some(Self {
            nats,
            connection,
            names,
            reader,
        })
    }

    async fn publish(&self, texts: &[&'static str]) {
        for text in texts {
            let stored = self
                .connection
                .store(&self.names.told(), (*text).into(), "it")
                .await;
            stored.unwrap();
        }
    }

    /// Reads as many messages as there have to be.
    async fn read(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        let end = Instant::now() + PATIENCE;
        while texts.len() < count {
            assert!(Instant::now() < end, "only {texts:?} came");
            for message in self.reader.read().await.unwrap() {
                texts.push(String::from_utf8(message.payload.to_vec()).unwrap());
                self.reader.advance(sequence(&message).unwrap());
            }
        }
        texts
    }
}

#[tokio::test]
async fn what_comes_after_the_first_message_stays_when_that_is_removed() {
    let Some(mut stage) = Stage::open().await else {
        return;
    };
    stage.publish(&["a"]).await;
    assert_eq!(stage.read(1).await, ["a"]);
    stage.publish(&["b", "c"]).await;
    stage.reader.remove_heard().await;
    assert_eq!(stage.read(2).await, ["b", "c"]);
    stage.reader.remove_heard().await;
    stage.publish(&["d"]).await;
    assert_eq!(stage.read(1).await, ["d"]);
}

#[tokio::test]
async fn what_was_heard_is_removed_but_for_the_last_message() {
    let Some(mut stage) = Stage::open().await else {
        return;
    };
    stage.publish(&["a", "b", "c"]).await;
    stage.read(3).await;
    stage.reader.remove_heard().await;
    let info = stage
        .reader
        .stream()
        .await
        .unwrap()
        .get_info()
        .await
        .unwrap();
    assert_eq!((info.state.messages, info.state.first_sequence), (1, 3));
}

#[tokio::test]
async fn a_server_that_was_killed_counts_on_and_is_read_on() {
    let Some(mut stage) = Stage::open().await else {
        return;
    };
    stage.publish(&["a", "b"]).await;
    assert_eq!(stage.read(2).await, ["a", "b"]);
    stage.reader.remove_heard().await;
    stage.nats.kill();
    stage.nats.start_again();
    stage.publish(&["c"]).await;
    assert_eq!(stage.read(1).await, ["c"]);
    assert_eq!(stage.reader.heard(), 3);
}
