//! What is more than may be, at its limit and beyond.

use assay_agents::{
    agent::Agent,
    connection::Connection,
    coordinator::Coordinator,
    error::{AgentError, RunError},
    identity::{AgentInfo, MAX_NAME_BYTES, MAX_PROCESSORS, MAX_SLOTS},
    plugin::{MAX_PLUGINS, Plugin},
    settings::Settings,
    shard::{Ending, Fate, Kind, MAX_PROBLEM_BYTES, MAX_SHARD_BYTES},
};
use assay_test_server::nats::Nats;
use bytes::Bytes;

use super::{
    heard::Recorder,
    scripted::{Picky, Scripted, Step, cases, shard},
    stage::{Playing, Stage, access, coordinator_info, impatient, info, message, settings, soon},
};

#[tokio::test]
async fn a_shard_may_be_as_large_as_its_limit_and_no_larger() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let beside = serde_json::to_vec(&cases("", &[Step::Tell(1)]))
        .unwrap()
        .len();
    let largest = "x".repeat(MAX_SHARD_BYTES - beside);
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases(&largest, &[Step::Tell(1)])], &mut recorder);
    assert_eq!(soon(run).await.unwrap(), [Fate::Ended(Ending::Finished)]);
    let larger = cases(&(largest + "x"), &[Step::Tell(1)]);
    let error = coordinator.handle().add(larger).unwrap_err();
    assert!(matches!(error, RunError::ShardTooLarge { bytes, .. } if bytes == MAX_SHARD_BYTES + 1));
}

#[tokio::test]
async fn an_agent_has_slots_processors_and_a_name_within_limits() {
    let Some(stage) = Stage::open() else { return };
    for slots in [0, MAX_SLOTS + 1] {
        let info = info("a", slots);
        let agent = Agent::new(
            stage.connection().await,
            info,
            Scripted::default(),
            Picky::default(),
            drop,
        );
        assert_eq!(agent.err(), Some(AgentError::Slots(slots)));
    }
    for processors in [0, MAX_PROCESSORS + 1] {
        let info = AgentInfo {
            processors,
            ..info("a", 1)
        };
        let (worker, policy) = (Scripted::default(), Picky::default());
        let agent = Agent::new(stage.connection().await, info, worker, policy, drop);
        assert_eq!(agent.err(), Some(AgentError::Processors(processors)));
    }
    let longest = "ä".repeat(MAX_NAME_BYTES / 2);
    for name in [&format!("{longest}a"), "one\ntwo", "one\u{1b}[2J", ""] {
        let (worker, policy) = (Scripted::default(), Picky::default());
        let agent = Agent::new(
            stage.connection().await,
            info(name, 1),
            worker,
            policy,
            drop,
        );
        assert!(matches!(agent.err(), Some(AgentError::Name(_))), "{name:?}");
    }
    let _agent = stage.agent(&longest, MAX_SLOTS).await;
    let mut coordinator = stage.coordinator(settings()).await;
    let agents = coordinator.call(Some(1)).await.unwrap();
    assert_eq!(agents[0].name, longest);
}

#[tokio::test]
async fn what_a_worker_complains_of_is_cut_at_its_limit() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let longest = "x".repeat(MAX_PROBLEM_BYTES);
    let shards = [longest.clone(), longest.clone() + "x"]
        .map(|problem| cases("one", &[Step::Fail(problem)]));
    let mut recorder = Recorder::default();
    let fates = soon(coordinator.run_all(shards.into(), &mut recorder))
        .await
        .unwrap();
    assert_eq!(fates, vec![Fate::Ended(Ending::Failed(longest)); 2]);
}

#[tokio::test]
async fn what_a_shard_of_cases_may_tell_has_a_limit_and_the_others_run() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let few = Settings {
        held_bytes: 100_000,
        ..settings()
    };
    let mut coordinator = stage.joined(few, 1).await;
    let shards = vec![
        cases("talks", &[Step::TellLarge(60_000), Step::TellLarge(60_000)]),
        shard(
            "load",
            Kind::Load,
            &[Step::TellLarge(60_000), Step::TellLarge(60_000)],
        ),
    ];
    let mut recorder = Recorder::default();
    let fates = soon(coordinator.run_all(shards, &mut recorder))
        .await
        .unwrap();
    let Fate::Lost(loss) = &fates[0] else {
        panic!("{fates:?}")
    };
    assert_eq!(
        loss.to_string(),
        "what its agent told cannot be used: it told more than 100000 bytes"
    );
    assert_eq!(fates[1], Fate::Ended(Ending::Finished));
    assert_eq!(recorder.heard.words(), [(1, vec![0, 1])].into());
}

#[tokio::test]
async fn more_plugins_than_agents_take_are_refused_at_once() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.coordinator(settings()).await;
    coordinator.call(Some(1)).await.unwrap();
    let plugin = Plugin::new("one", Bytes::from_static(b"bytes"));
    let error = coordinator
        .join(&vec![plugin.clone(); MAX_PLUGINS + 1])
        .await
        .unwrap_err();
    assert!(matches!(error, RunError::TooManyPlugins(_)), "{error}");
    coordinator.join(&vec![plugin; MAX_PLUGINS]).await.unwrap();
}

#[tokio::test]
async fn a_run_is_no_longer_than_the_server_keeps_anything_of_it() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let short = Settings {
        keep: std::time::Duration::from_secs(5),
        ..settings()
    };
    let mut coordinator = stage.joined(short, 1).await;
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases("one", &[Step::WaitForStop])], &mut recorder);
    let error = soon(run).await.unwrap_err();
    assert!(matches!(error, RunError::TooLong(_)), "{error}");
}

#[tokio::test]
async fn agents_that_never_take_anything_are_told_instead_of_waited_for() {
    let users = "jetstream { store_dir: \"{store}\" }
        authorization { users: [
            { user: all, password: all },
            { user: few, password: few, permissions: { publish: { deny: \"$JS.API.CONSUMER.>\" } } } ] }\n";
    let Some(nats) = Nats::start_with(users) else {
        return;
    };
    let connect = async |user: &str| {
        Connection::open(&access(&nats.url_of(user)), "a test")
            .await
            .unwrap()
    };
    let _agent = Playing::start(connect("few:few").await, info("few", 1), Picky::default()).await;
    let coordinator =
        Coordinator::open(connect("all:all").await, coordinator_info(), impatient()).await;
    let mut coordinator = coordinator.unwrap();
    coordinator.call(Some(1)).await.unwrap();
    coordinator.join(&[]).await.unwrap();
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases("one", &[Step::Tell(1)])], &mut recorder);
    let error = soon(run).await.unwrap_err();
    assert!(matches!(error, RunError::Stalled(_)), "{error}");
    assert!(message(&error).ends_with("hint: see the output of the agents"));
}

#[tokio::test]
async fn what_is_no_message_of_an_agent_ends_the_run() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let subject = format!("assay.run.{}.events", coordinator.run_id());
    client.publish(subject, "nonsense".into()).await.unwrap();
    client.flush().await.unwrap();
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases("one", &[Step::WaitForStop])], &mut recorder);
    let error = soon(run).await.unwrap_err();
    assert_eq!(
        message(&error),
        "something on the stream of events is no message of an agent: it has no head\n\
         hint: let nobody but agents publish to `assay.>`"
    );
}
