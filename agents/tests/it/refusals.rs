//! One clear message for each thing that is wrong from the beginning.

use assay_agents::{
    connection::{Access, Connection},
    coordinator::Coordinator,
    error::{NatsError, RunError},
    settings::Settings,
};
use assay_report::hint::told;
use assay_test_server::nats::Nats;
use futures::StreamExt as _;

use super::{
    scripted::Picky,
    stage::{Stage, access, coordinator_info, hasty, info, message, settings},
};

async fn refused(access: &Access) -> NatsError {
    Connection::open(access, "a test").await.unwrap_err()
}

/// What is said when a run is opened by the user `a` of a server that is set up so; none where there is no server.
async fn refused_to_open(setup: &str, settings: Settings) -> Option<String> {
    let nats = Nats::start_with(setup)?;
    let access = access(&nats.url_of("a:a"));
    let connection = Connection::open(&access, "a test").await.unwrap();
    let opened = Coordinator::open(connection, coordinator_info(), settings).await;
    Some(message(&opened.unwrap_err()))
}

#[tokio::test]
async fn times_that_no_agent_can_keep_are_told_by_the_coordinator() {
    let open = "jetstream { store_dir: \"{store}\" }
        authorization { users: [{ user: a, password: a }] }
";
    let mut settings = settings();
    settings.times.beat = settings.times.outage;
    let Some(text) = refused_to_open(open, settings).await else {
        return;
    };
    assert!(
        text.starts_with("the times of the run cannot be kept: "),
        "{text}"
    );
}

#[tokio::test]
async fn a_wrong_address_is_told_without_its_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = refused(&access(&format!("nats://user:secret@127.0.0.1:{port}"))).await;
    let text = told(&error);
    assert!(
        text.starts_with(&format!(
            "no NATS server answers at `nats://127.0.0.1:{port}`: "
        )),
        "{text}"
    );
    assert!(
        text.ends_with("hint: start `nats-server -js`, or correct the address that `--nats` has"),
        "{text}"
    );
    let error = refused(&access("http://127.0.0.1")).await;
    assert!(
        told(&error).contains("hint: write it as `nats://HOST:4222`"),
        "{error}"
    );
}

#[tokio::test]
async fn somebody_who_is_no_nats_server_is_told_so() {
    let server = assay_test_server::always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let error = refused(&access(&server.url.replace("http:", "nats:"))).await;
    assert!(matches!(error, NatsError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn wrong_credentials_are_told() {
    let users = "jetstream { store_dir: \"{store}\" }
authorization { user: somebody, password: geheim }
";
    let Some(nats) = Nats::start_with(users) else {
        return;
    };
    for user in ["somebody:wrong", "nobody:geheim"] {
        let error = refused(&access(&nats.url_of(user))).await;
        let text = format!(
            "the NATS server at `{}` does not accept the credentials",
            nats.url()
        );
        assert_eq!(error.to_string(), text);
    }
    assert!(matches!(
        refused(&access(&nats.url())).await,
        NatsError::Credentials { .. }
    ));
    Connection::open(&access(&nats.url_of("somebody:geheim")), "a test")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_file_of_credentials_that_is_not_there_is_named() {
    let Some(nats) = Nats::start() else { return };
    let missing = Access {
        credentials: Some("/nowhere/agent.creds".into()),
        ..access(&nats.url())
    };
    let error = refused(&missing).await;
    assert!(
        error
            .to_string()
            .starts_with("`/nowhere/agent.creds` cannot be used to log in to NATS: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_without_jetstream_is_told() {
    let Some(nats) = Nats::start_with("") else {
        return;
    };
    let error = refused(&access(&nats.url())).await;
    assert_eq!(
        told(&error),
        "the NATS server has no JetStream for this account\n\
         hint: start it with `-js`, or enable JetStream for the account"
    );
}

#[tokio::test]
async fn a_server_without_enough_room_is_told_before_anything_runs_and_nothing_stays_there() {
    let Some(nats) =
        Nats::start_with("jetstream { store_dir: \"{store}\", max_file_store: 10MB }\n")
    else {
        return;
    };
    let stage = Stage::on(nats);
    let roomy = Settings {
        events_bytes: 64 << 20,
        ..settings()
    };
    let error = Coordinator::open(stage.connection().await, coordinator_info(), roomy)
        .await
        .unwrap_err();
    let text = message(&error);
    assert!(
        text.starts_with(
            "the NATS server has no room for the stream of events: insufficient storage"
        ),
        "{text}"
    );
    assert!(
        text.contains("hint: free space in its JetStream store or raise its limits"),
        "{text}"
    );
    assert_eq!(stage.streams().await.len(), 0);
}

#[tokio::test]
async fn limits_of_an_account_are_told() {
    let accounts = "jetstream { store_dir: \"{store}\" }
        accounts { A { users: [{ user: a, password: a }], jetstream: { max_streams: 1 } } }
";
    let Some(text) = refused_to_open(accounts, settings()).await else {
        return;
    };
    assert!(
        text.starts_with(
            "the limits of the NATS server do not allow the stream of events: maximum"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn a_server_that_takes_too_small_messages_is_told_before_anything_is_sent() {
    let takes = |bytes: usize| {
        let store = "jetstream { store_dir: \"{store}\" }";
        Nats::start_with(&format!("{store}\nmax_payload: {bytes}\n"))
    };
    let needed = 576 << 10;
    let Some(nats) = takes(needed) else { return };
    Connection::open(&access(&nats.url()), "a test")
        .await
        .unwrap();
    let nats = takes(needed - 1).unwrap();
    assert_eq!(
        told(&refused(&access(&nats.url())).await),
        "the NATS server takes messages of 589823 bytes at most, and a run has some of 589824\n\
         hint: raise `max_payload` in its configuration; 1 MB is what a server has that is not told"
    );
}

#[tokio::test]
async fn what_a_user_may_not_do_is_told_in_the_server_s_words() {
    let users = "jetstream { store_dir: \"{store}\" }
        authorization { users: [{ user: a, password: a, permissions: { publish: { deny: \"$JS.API.STREAM.CREATE.>\" } } }] }
";
    let Some(text) = refused_to_open(users, settings()).await else {
        return;
    };
    assert!(
        text.contains("Permissions Violation for Publish to \"$JS.API.STREAM.CREATE."),
        "{text}"
    );
}

#[tokio::test]
async fn without_agents_it_is_said_how_to_start_some() {
    let Some(stage) = Stage::open() else { return };
    let mut coordinator = stage.coordinator(hasty(settings())).await;
    let error = coordinator.call(None).await.unwrap_err();
    assert_eq!(
        message(&error),
        "0 of 1 agents answered within 1 s\n\
         hint: start `host agent --nats URL` with the same URL on more machines, or, for those that are still starting, wait longer with `--agents-within`"
    );
}

#[tokio::test]
async fn an_agent_with_another_contract_is_refused_by_name() {
    let Some(stage) = Stage::open() else { return };
    let mut old = info("old", 1);
    old.contract = "0.0.9".to_owned();
    let _agents = [
        stage.agent("new", 1).await,
        stage.agent_with(old, Picky::default()).await,
    ];
    let mut coordinator = stage.coordinator(settings()).await;
    let error = coordinator.call(Some(2)).await.unwrap_err();
    assert_eq!(
        message(&error),
        "this run has contract 0.1.0, and these agents have another one: `old` (0.1.0) with 0.0.9\n\
         hint: install the same version everywhere, or end those agents"
    );
}

#[tokio::test]
async fn an_agent_that_speaks_another_protocol_is_refused_by_name() {
    let Some(stage) = Stage::open() else { return };
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let mut calls = client.subscribe("assay.call").await.unwrap();
    client.flush().await.unwrap();
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            let hello = r#"{"protocol":0,"id":"a","name":"ancient","version":"0.0.1","contract":"0.1.0","slots":1}"#;
            client
                .publish(call.reply.unwrap(), hello.into())
                .await
                .unwrap();
        }
    });
    let mut coordinator = stage.coordinator(hasty(settings())).await;
    let error = coordinator.call(None).await.unwrap_err();
    let RunError::OtherProtocol { others, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(others, &["`ancient` (0.0.1) with 0"]);
}
