//! Services that do not come up: what is told of them, and that nothing of them is left.

use std::{fs, time::Duration};

use assay_host::{
    config::{AddressSource, Readiness},
    environment::EnvironmentError,
};
use assay_report::hint::Hinted;
use tokio::net::TcpListener;

use super::{Note, eventually, reference, refused, script, service, up};

#[tokio::test]
async fn a_service_that_dies_at_once_is_shown_with_its_last_words() {
    let error = refused(script("odd", "echo broken pipes >&2; exit 3")).await;
    assert_eq!(error.to_string(), "service `odd` ended with exit status: 3");
    assert_eq!(
        error.details().as_deref(),
        Some("the last lines of `odd`:\n    broken pipes")
    );
}

#[tokio::test]
async fn a_service_that_says_nothing_is_given_up_and_ended() {
    let note = Note::new();
    let start = format!("echo $$ > {}; exec sleep 600", note.path.display());
    let starting = tokio::spawn(refused(script("odd", &start)));
    eventually("it has started", || {
        fs::read_to_string(&note.path).is_ok_and(|text| text.ends_with('\n'))
    })
    .await;
    let process = note.identity();
    let error = starting.await.unwrap();
    assert!(
        matches!(error, EnvironmentError::NotReady { .. }),
        "{error}"
    );
    assert!(!process.lives());
}

#[tokio::test]
async fn a_service_that_never_gets_ready_is_told_with_what_was_seen() {
    let error = refused(script(
        "odd",
        "echo listening on 127.0.0.1:1; exec sleep 600",
    ))
    .await
    .to_string();
    assert!(
        error.starts_with("service `odd` is not ready after 500ms: http://127.0.0.1:1: "),
        "{error}"
    );
    assert!(error.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_wrong_status_of_the_health_path_is_not_ready() {
    let mut service = service(
        "store",
        &[
            &reference(),
            "vector-store",
            "--listen",
            "127.0.0.1:0",
            "--data",
            "{data}",
        ],
        AddressSource::ReadyLine("listening on ".to_owned()),
    );
    service.readiness = Readiness {
        health: Some("/nowhere".to_owned()),
        status: 200,
        within: Duration::from_secs(2),
    };
    let error = refused(service.clone()).await.to_string();
    assert!(
        error.contains("/nowhere answers 404 instead of 200"),
        "{error}"
    );
    service.readiness.status = 404;
    assert!(up(vec![service]).await.is_ok());
}

#[tokio::test]
async fn a_first_line_without_an_address_is_shown() {
    let error = refused(script("odd", "echo hello; exec sleep 600")).await;
    assert_eq!(
        error.to_string(),
        "service `odd`: its first line `hello` is not `listening on HOST:PORT`"
    );
}

#[tokio::test]
async fn a_service_that_ignores_sigterm_is_killed() {
    let note = Note::new();
    let start = format!(
        "trap '' TERM; echo $$ > {}; while :; do sleep 1; done",
        note.path.display()
    );
    let starting = tokio::spawn(refused(script("odd", &start)));
    eventually("it has started", || {
        fs::read_to_string(&note.path).is_ok_and(|text| text.ends_with('\n'))
    })
    .await;
    let process = note.identity();
    starting.await.unwrap();
    assert!(!process.lives());
}

#[tokio::test]
async fn a_flood_of_output_neither_stops_a_service_nor_fills_the_memory() {
    let flood = "i=0; while [ $i -lt 20000 ]; do echo \"line $i of many, which would fill a pipe\"; i=$((i+1)); done; exit 4";
    let mut odd = script("odd", &format!("echo listening on 127.0.0.1:1; {flood}"));
    odd.readiness.within = Duration::from_mins(1);
    let EnvironmentError::Died { output, .. } = refused(odd).await else {
        panic!("it got to its end");
    };
    assert_eq!(output.len(), 40);
    assert_eq!(output[39], "line 19999 of many, which would fill a pipe");
}

#[tokio::test]
async fn a_port_in_use_is_told_with_its_holder() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = listener.local_addr().unwrap().port();
    let error = refused(service(
        "odd",
        &["sleep", "600"],
        AddressSource::Fixed(taken),
    ))
    .await
    .to_string();
    assert!(
        error.starts_with(&format!(
            "service `odd` needs port {taken}, which is in use by `"
        )),
        "{error}"
    );
    assert!(
        error.ends_with(&format!(", process {}", std::process::id())),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_program_says_how_to_get_it() {
    let line = || AddressSource::ReadyLine(String::new());
    let error = refused(service("odd", &["/nowhere/reference"], line())).await;
    assert_eq!(
        error.to_string(),
        "service `odd`: there is no program `/nowhere/reference`"
    );
    assert_eq!(error.hint().as_deref(), Some("build it: `cargo build`"));
}
