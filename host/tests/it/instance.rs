//! Each case of the fixture `faulty`: how its attempt ends, what is kept of it, and that the next one is none the worse.

mod floods;
mod stopped;

use std::{sync::Arc, time::Duration};

use assay_host::{
    capability::{
        context,
        recorder::{MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, MAX_LOG_LINES},
    },
    plugin::{
        Plugin,
        ending::{Ending, Failure},
        engine::Engine,
    },
};
use assay_report::event::{Attachment, EventKind, Level, OutputStream};
use tokio::time::{Instant, timeout};

use crate::fixtures::{OUTPUT, Run, attempt, kept_engine, plugin, run};

/// Runs a case of `faulty` with the usual limits, and shows that a good case passes after it.
async fn faulty(case: &str) -> Run {
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    let ran = case_of(&engine, &plugin, case).await;
    let next = case_of(&engine, &plugin, "passes").await;
    assert_eq!(next.ending, Ending::Returned(String::new()));
    assert_eq!(next.evidence.counts.checks_passed, 1);
    ran
}

async fn case_of(engine: &Engine, plugin: &Arc<Plugin>, case: &str) -> Run {
    let (mut attempt, events) = attempt(plugin, case);
    let described = plugin.description.cases.iter();
    if let Some(time) = described
        .filter(|described| described.name == case)
        .find_map(|described| described.timeout)
    {
        attempt.timeout = time;
    }
    run(engine, (attempt, events)).await
}

fn returned() -> Ending {
    Ending::Returned(String::new())
}

fn contains(backtrace: &[String], name: &str) -> bool {
    backtrace.iter().any(|frame| frame.contains(name))
}

fn attachments(run: &Run) -> Vec<&Attachment> {
    run.events
        .iter()
        .filter_map(|event| match event {
            EventKind::Attached { attachment, .. } => Some(attachment),
            _ => None,
        })
        .collect()
}

fn outputs(run: &Run) -> Vec<(OutputStream, &str, bool)> {
    run.events
        .iter()
        .filter_map(|event| match event {
            EventKind::Output {
                stream,
                text,
                truncated,
                ..
            } => Some((*stream, &**text, *truncated)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_failed_check_is_evidence_and_the_case_goes_on() {
    let run = faulty("fails-a-check").await;
    assert_eq!(run.ending, returned());
    let counts = run.evidence.counts;
    assert_eq!((counts.checks_passed, counts.checks_failed), (1, 1));
    let failed = run.evidence.first_failed_check.unwrap();
    assert_eq!(failed.name, "one and one is three");
    assert!(failed.location.unwrap().contains("outcome.rs:"));
}

#[tokio::test]
async fn a_case_that_checks_nothing_leaves_no_evidence() {
    let run = faulty("checks-nothing").await;
    assert_eq!(run.ending, returned());
    assert_eq!(run.evidence.counts.checks_passed, 0);
    assert!(run.events.is_empty());
}

#[tokio::test]
async fn a_case_ends_as_it_says() {
    let Ending::Failed(Failure {
        message, location, ..
    }) = faulty("fails").await.ending
    else {
        panic!("it did not fail");
    };
    assert_eq!(message, "the case says that it failed");
    assert!(location.unwrap().contains("outcome.rs:"));
    assert_eq!(
        faulty("skips").await.ending,
        Ending::Skipped("there is nothing to test here".into())
    );
    let ending = faulty("errors").await.ending;
    assert!(
        matches!(&ending, Ending::Errored(failure) if failure.message == "the suite itself is broken"),
        "{ending:?}"
    );
}

#[tokio::test]
async fn a_panic_is_told_with_its_message_its_place_and_who_called() {
    let run = faulty("panics").await;
    let Ending::Panicked {
        message,
        location,
        backtrace,
    } = run.ending
    else {
        panic!("{:?}", run.ending);
    };
    assert_eq!(message, "there are 0 numbers");
    assert!(location.unwrap().contains("crash.rs:"));
    assert!(!backtrace.is_empty() && backtrace.len() <= 32);
    assert!(!backtrace[0].contains("panicking"), "{backtrace:#?}");
    assert_eq!(run.evidence.counts.checks_passed, 1);
}

#[tokio::test]
async fn a_trap_is_told_with_what_trapped_and_where() {
    let Ending::Trapped { message, backtrace } = faulty("traps").await.ending else {
        panic!("it did not trap");
    };
    assert_eq!(message, "wasm `unreachable` instruction executed");
    assert!(contains(&backtrace, "faulty::"), "{backtrace:#?}");
    assert!(
        !backtrace
            .iter()
            .any(|frame| frame.starts_with("_ZN") || frame.starts_with("_R")),
        "{backtrace:#?}"
    );
}

#[tokio::test]
async fn a_handle_of_nothing_is_the_plugins_fault() {
    let Ending::Broken { message, backtrace } = faulty("uses-what-is-gone").await.ending else {
        panic!("it is not broken");
    };
    assert!(message.contains("handle"), "{message}");
    assert!(!backtrace.is_empty());
}

#[tokio::test]
async fn a_plugin_that_exits_ends_its_attempt_and_not_the_host() {
    let Ending::Broken { message, .. } = faulty("exits").await.ending else {
        panic!("it is not broken");
    };
    assert!(
        message.starts_with("the plugin ended itself with exit code "),
        "{message}"
    );
}

#[tokio::test]
async fn a_plugin_has_no_files_no_sockets_and_no_variables() {
    let run = faulty("reaches-for-what-it-may-not-have").await;
    assert_eq!(run.ending, returned(), "{:?}", outputs(&run));
    assert_eq!(run.evidence.first_failed_check, None);
    assert_eq!(run.evidence.counts.checks_passed, 8);
}

#[tokio::test]
async fn a_case_knows_its_run() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    let (mut attempt, events) = attempt(&plugin, "tells-what-it-knows");
    let settings = serde_json::json!({"faulty": {"nested": {"deep": [1, 2]}}});
    attempt.context = Arc::new(context::Shared {
        run_id: "run-7".into(),
        suite: "faulty".into(),
        profile: "quick".into(),
        environment: "embedded".into(),
        seed: u64::MAX,
        settings: settings.as_object().unwrap().clone(),
        services: [("project-service".into(), "http://127.0.0.1:8001/".into())].into(),
    });
    let run = run(&engine, (attempt, events)).await;
    assert_eq!(run.ending, returned());
    let content = &attachments(&run)[0].content;
    let told: serde_json::Value = serde_json::from_str(content).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "run": "run-7",
            "suite": "faulty",
            "entry": "tells-what-it-knows",
            "attempt": 1,
            "profile": "quick",
            "environment": "embedded",
            "seed": u64::MAX,
            "shared": "from the setup",
            "nested": {"deep": [1, 2]},
            "missing": null,
            "service": "http://127.0.0.1:8001",
            "no-service": null,
        })
    );
}

#[tokio::test]
async fn the_setup_hands_its_value_on_or_fails() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    for (told, check) in [
        (None, "returned"),
        (Some("fail"), "failed"),
        (Some("panic"), "panicked"),
    ] {
        let (mut attempt, events) = attempt(&plugin, "setup");
        let settings = serde_json::json!({"faulty": {"setup": told}});
        attempt.context = Arc::new(context::Shared {
            settings: if told.is_some() {
                settings.as_object().unwrap().clone()
            } else {
                serde_json::Map::new()
            },
            ..context::Shared::default()
        });
        let ended = match run(&engine, (attempt, events)).await.ending {
            Ending::Returned(text) => {
                assert_eq!(text, "\"from the setup\"");
                "returned"
            }
            Ending::Failed(failure) => {
                assert_eq!(failure.message, "the setup was told to fail");
                "failed"
            }
            Ending::Panicked { message, .. } => {
                assert_eq!(message, "the setup was told to panic");
                "panicked"
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(ended, check);
    }
}

#[tokio::test]
async fn a_suite_in_the_synchronous_style_runs_as_well() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "odd").await;
    let ran = case_of(&engine, &plugin, "once").await;
    assert_eq!(ran.ending, returned());
    assert_eq!(ran.evidence.counts.checks_passed, 1);
    let unknown = case_of(&engine, &plugin, "twice").await;
    assert!(
        matches!(unknown.ending, Ending::Errored(_)),
        "{:?}",
        unknown.ending
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_attempts_run_at_once_and_none_sees_another() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    for _ in 0..8 {
        let cases = ["passes", "panics", "traps", "fails-a-check"];
        let runs = cases.map(|case| case_of(&engine, &plugin, case));
        let [good, panicked, trapped, failed] = futures::future::join_all(runs)
            .await
            .try_into()
            .unwrap_or_else(|_| panic!("there are four"));
        assert_eq!(good.ending, returned());
        assert_eq!(good.evidence.counts.checks_failed, 0);
        assert!(matches!(panicked.ending, Ending::Panicked { .. }));
        assert!(matches!(trapped.ending, Ending::Trapped { .. }));
        assert_eq!(failed.evidence.counts.checks_failed, 1);
    }
}
