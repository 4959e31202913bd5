//! Plugins on their way to agents.

use assay_agents::{error::RunError, plugin::Plugin};
use bytes::Bytes;

use super::{
    scripted::Picky,
    stage::{Stage, eventually, info, message, settings},
};

fn plugin(name: &str, seed: u8) -> Plugin {
    let bytes: Vec<u8> = (0..700_000_u32)
        .map(|index| index.to_le_bytes()[0] ^ seed)
        .collect();
    Plugin::new(name, Bytes::from(bytes))
}

#[tokio::test]
async fn plugins_come_to_each_agent_as_they_are_and_one_digest_lies_there_once() {
    let Some(stage) = Stage::open() else { return };
    let agents = [stage.agent("a", 1).await, stage.agent("b", 1).await];
    let mut coordinator = stage.coordinator(settings()).await;
    coordinator.call(Some(2)).await.unwrap();
    let plugins = [
        plugin("core", 1),
        plugin("core-again", 1),
        plugin("other", 2),
    ];
    coordinator.join(&plugins).await.unwrap();
    for agent in &agents {
        assert_eq!(agent.worker.prepared.lock().unwrap().clone(), plugins);
    }
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let bucket = format!("assay-{}-plugins", coordinator.run_id());
    let bucket = context.get_object_store(bucket).await.unwrap();
    let objects = futures::StreamExt::count(bucket.list().await.unwrap()).await;
    assert_eq!(objects, 2);
}

#[tokio::test]
async fn an_agent_s_policy_is_asked_before_and_after_a_plugin_is_fetched() {
    let before = Picky {
        no_fetch: Some("other"),
        ..Picky::default()
    };
    let after = Picky {
        no_use: Some("other"),
        ..Picky::default()
    };
    for (policy, reason) in [
        (before, "it is not in the agent's lock"),
        (after, "it wants more than is granted"),
    ] {
        let Some(stage) = Stage::open() else { return };
        let agent = stage.agent_with(info("strict", 1), policy).await;
        let mut coordinator = stage.coordinator(settings()).await;
        coordinator.call(Some(1)).await.unwrap();
        let error = coordinator
            .join(&[plugin("core", 1), plugin("other", 2)])
            .await
            .unwrap_err();
        assert_eq!(
            message(&error),
            format!(
                "agent `strict` refuses plugin `other`: {reason}\nhint: see the agent's `assay.toml`"
            )
        );
        assert_eq!(
            agent.worker.prepared.lock().unwrap().len(),
            0,
            "nothing of any is used"
        );
        eventually("it forgets the run", || {
            agent
                .worker
                .finished
                .lock()
                .unwrap()
                .contains(coordinator.run_id())
        })
        .await;
        coordinator.close().await.unwrap();
        let mut again = stage.coordinator(settings()).await;
        again.call(Some(1)).await.unwrap();
        again.join(&[plugin("core", 1)]).await.unwrap();
        eventually("it takes part", || {
            agent.worker.prepared.lock().unwrap().len() == 1
        })
        .await;
    }
}

#[tokio::test]
async fn a_plugin_that_is_not_what_was_said_is_refused() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("careful", 1).await;
    let mut coordinator = stage.coordinator(settings()).await;
    coordinator.call(Some(1)).await.unwrap();
    let mut tampered = plugin("core", 1);
    let real = tampered.digest;
    tampered.bytes = plugin("core", 2).bytes;
    let error = coordinator.join(&[tampered]).await.unwrap_err();
    let RunError::Refused { refusal, .. } = error else {
        panic!("{error}")
    };
    assert!(
        refusal
            .reason
            .starts_with(&format!("it has to be {real}, and it is sha256:")),
        "{refusal:?}"
    );
    assert_eq!(agent.worker.prepared.lock().unwrap().len(), 0);
}
