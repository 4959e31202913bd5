//! A regression through the built `host`: a server that becomes slow fails the run that meets it, and no run before or after.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use assay_report::event::RegressionCheck;
use assay_test_server::server;
use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation},
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A server that takes so many milliseconds, and its URL.
async fn slow(milliseconds: &Arc<AtomicU64>) -> String {
    let milliseconds = Arc::clone(milliseconds);
    server(move |mut connection| {
        let milliseconds = Arc::clone(&milliseconds);
        async move {
            while connection.request().await.is_some() {
                let wait = Duration::from_millis(milliseconds.load(Ordering::Relaxed));
                tokio::time::sleep(wait).await;
                connection.send(OK).await;
            }
        }
    })
    .await
    .url
}

/// A load of 120 requests, kept in the history of this folder.
async fn run(url: &str, folder: &TempDir, arguments: &[&str]) -> Answer {
    let history = folder.path().join("history.db").display().to_string();
    let parameter = format!("load.parameter=\"{url}\"");
    let mut invocation = Invocation::kept(&[fixture("loader")]).with(&["--history", &history]);
    for set in [
        "load.scenario=fires",
        "load.vus=4",
        "load.each=30",
        &parameter,
    ] {
        invocation = invocation.with(&["--set", set]);
    }
    let invocation = invocation
        .with(&[
            "--environment",
            "none",
            "--filter",
            "loader/makes-what-the-settings-say",
        ])
        .with(arguments);
    tokio::task::spawn_blocking(move || invocation.answer())
        .await
        .unwrap()
}

fn check(answer: &Answer) -> RegressionCheck {
    let check = answer.report().regressions;
    check.unwrap_or_else(|| panic!("nothing was compared: {}", answer.seen()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_slower_than_the_last_good_one_fails() {
    let folder = TempDir::new().unwrap();
    let milliseconds = Arc::new(AtomicU64::new(1));
    let url = slow(&milliseconds).await;
    let bound = &["--fail-on-regression", "100%"];

    let first = run(&url, &folder, bound).await;
    assert_eq!(first.exit, Some(0), "{}", first.seen());
    assert!(
        first.stdout.contains("there is no former run"),
        "{}",
        first.seen()
    );
    assert_eq!(check(&first).judged, 0);

    milliseconds.store(150, Ordering::Relaxed);
    let junit = folder.path().join("junit.xml");
    let report = format!("--junit={}", junit.display());
    let slower = run(&url, &folder, &[bound[0], bound[1], &report]).await;
    assert_eq!(slower.exit, Some(1), "{}", slower.seen());
    assert!(slower.stdout.contains("regressed"), "{}", slower.seen());
    assert!(slower.stdout.contains("1 passed"), "{}", slower.seen());
    let found = check(&slower);
    let names: Vec<_> = found
        .regressions
        .iter()
        .map(|found| found.metric.as_str())
        .collect();
    assert!(
        names.contains(&"makes-what-the-settings-say: fires: request get"),
        "{names:?}"
    );
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("is not slower than before"), "{junit}");

    // The one that failed is nothing to be measured by.
    milliseconds.store(1, Ordering::Relaxed);
    let again = run(&url, &folder, bound).await;
    assert_eq!(again.exit, Some(0), "{}", again.seen());
    let found = check(&again);
    assert!(found.judged > 0 && found.beyond == 0, "{found:?}");
    assert_eq!(found.against, [first.report().run.unwrap().run_id]);

    // Nobody asks, so nobody compares.
    let plain = run(&url, &folder, &[]).await;
    assert_eq!(plain.report().regressions, None);
}
