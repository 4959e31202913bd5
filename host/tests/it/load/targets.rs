//! Targets that answer, and those that do not as they should.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use assay_test_server::{always, server};
use tokio::net::TcpListener;

use super::*;

pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

pub(super) fn against(scenario: &str, url: &str, executor: Executor) -> Plan {
    Plan {
        parameter: format!("\"{url}\""),
        ..plan(scenario, executor)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_counted_by_name_however_they_are_sent() {
    let url = always(OK).await.url;
    for (scenario, isolated) in [
        ("fires", false),
        ("fires", true),
        ("fires-alone", true),
        ("opens", false),
        ("opens", true),
        ("opens-alone", true),
        ("sends", false),
        ("sends", true),
        ("sends-alone", true),
    ] {
        let plan = Plan {
            isolated,
            ..against(scenario, &url, each(3, 20))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (60, 0), "{outcome:?}");
        assert_eq!(outcome.requests.len(), 1);
        let requests = &outcome.requests[0];
        assert_eq!((&*requests.name, requests.received), ("get", 300));
        assert_eq!(requests.latency.succeeded.count, 60);
        assert_eq!(requests.latency.failed.count, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_go_into_the_slots_of_a_request() {
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let url = server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let line = request.lines().next().unwrap().to_owned();
            let body = request.split_once("\r\n\r\n").unwrap().1;
            SEEN.lock().unwrap().push(format!("{line}: {body}"));
            connection.send(OK).await;
        }
    })
    .await
    .url;
    let plan = against("fires-with-values", &url, each(2, 2));
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!(outcome.failed, 0, "{outcome:?}");
    assert_eq!(outcome.requests[0].name, "POST /users/{user}");
    let mut seen = SEEN.lock().unwrap().clone();
    seen.sort();
    assert_eq!(
        seen,
        [
            "POST /users/1 HTTP/1.1: turn 0",
            "POST /users/1 HTTP/1.1: turn 1",
            "POST /users/2 HTTP/1.1: turn 0",
            "POST /users/2 HTTP/1.1: turn 1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stops_an_instance_is_refused_where_others_share_it() {
    let url = always(OK).await.url;
    let plan = against("fires-now-where-others-wait", &url, each(2, 2));
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (4, 0), "{outcome:?}");
}

/// The kind under which the requests to this target failed, all of them.
async fn failed_as(url: &str) -> String {
    let outcome = made(against("fires", url, each(2, 3)))
        .await
        .unwrap()
        .outcome;
    assert_eq!((outcome.iterations, outcome.failed), (6, 6), "{outcome:?}");
    let requests = &outcome.requests[0].latency;
    assert_eq!((requests.succeeded.count, requests.failed.count), (0, 6));
    assert_eq!(requests.failures.len(), 1, "{requests:?}");
    requests.failures[0].name.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_in_which_a_target_fails_has_its_own_kind() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    assert_eq!(failed_as(&nobody).await, "connect");
    let resets = server(|mut connection| async move {
        connection.request().await;
        connection.reset();
    })
    .await
    .url;
    assert_eq!(failed_as(&resets).await, "closed");
    let garbage = always("what is this\r\n\r\n").await.url;
    assert_eq!(failed_as(&garbage).await, "protocol");
    let busy = always("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        .await
        .url;
    assert_eq!(failed_as(&busy).await, "status 503");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_stalls_is_a_timeout_of_the_request() {
    let silent =
        server(|mut connection| async move { while connection.request().await.is_some() {} })
            .await
            .url;
    let outcome = made(against("fires", &silent, each(2, 1)))
        .await
        .unwrap()
        .outcome;
    assert_eq!(outcome.failed, 2);
    assert_eq!(outcome.requests[0].latency.failures[0].name, "timeout");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_of_a_second_shows_in_the_iterations_of_an_open_model() {
    static STALLED: AtomicBool = AtomicBool::new(false);
    // Ten virtual users at 100 a second: while all ten are held, starts wait from when they were intended.
    let url = server(|mut connection| async move {
        let mut served = 0;
        while connection.request().await.is_some() {
            served += 1;
            if served > 5 && !STALLED.swap(true, Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            connection.send(OK).await;
        }
    })
    .await
    .url;
    for scenario in ["fires", "opens", "opens-alone"] {
        STALLED.store(false, Ordering::SeqCst);
        let plan = Plan {
            max_vus: 1,
            late_ms: 60_000,
            isolated: scenario == "opens-alone",
            ..against(scenario, &url, rate(100.0, 2_000))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!(
            (outcome.iterations, outcome.failed),
            (200, 0),
            "{outcome:?}"
        );
        // About half of the starts were behind it, on average by half a second. A closed model would show one slow iteration.
        let times = outcome.latency.succeeded;
        assert!(times.max >= 900_000_000, "{scenario}: {times:?}");
        assert!(times.p90 >= 500_000_000, "{scenario}: {times:?}");
        let requests = &outcome.requests[0].latency.succeeded;
        assert!(requests.p90 < 500_000_000, "{scenario}: {requests:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_baseline_that_is_missed_ends_a_load_that_is_to_abort() {
    let busy = always("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        .await
        .url;
    let plan = Plan {
        pace_ms: 10,
        thresholds: vec![Threshold {
            abort: true,
            ..threshold("failures", Measure::Iterations(Figure::FailedPercent))
        }],
        ..against("fires", &busy, constant(2, 50_000))
    };
    let (made, told) = told(plan).await;
    let outcome = made.unwrap().outcome;
    let why = outcome.aborted.unwrap();
    assert!(why.contains("`failures`"), "{why}");
    assert!(
        told.iter()
            .any(|kind| matches!(kind, EventKind::Judged { .. }))
    );
}
