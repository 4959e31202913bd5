//! Iterations that begin with a prepared request, which the host sends as it hands out the turn.

use assay_test_server::{always, server};
use tokio::net::TcpListener;

use super::targets::{OK, against};
use super::*;

/// Both ways in which a virtual user asks: with its whole instance, and beside others.
const WAYS: [(&str, bool); 2] = [("opens-alone", true), ("opens", false)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_request_without_an_answer_fails_its_iteration() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    for (scenario, isolated) in WAYS {
        let plan = Plan {
            isolated,
            ..against(scenario, &nobody, each(2, 3))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (6, 6), "{outcome:?}");
        let failures = &outcome.latency.failures;
        assert!(failures[0].name.contains("connect"), "{failures:?}");
        let requests = &outcome.requests[0].latency;
        assert_eq!(requests.failures[0].name, "connect");
        assert_eq!(requests.failed.count, 6);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_of_an_opening_request_is_for_the_scenario_to_judge() {
    let busy = always("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").await;
    for (scenario, isolated) in WAYS {
        let plan = Plan {
            isolated,
            ..against(scenario, &busy.url, each(2, 2))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (4, 4), "{outcome:?}");
        assert_eq!(outcome.latency.failures[0].name, "the status is 503");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_takes_over_after_a_trap_opens_with_a_request_of_its_own() {
    let url = always(OK).await.url;
    let plan = Plan {
        isolated: true,
        ..against("opens-and-panics", &url, each(2, 9))
    };
    let made = made(plan).await.unwrap();
    assert_eq!((made.outcome.iterations, made.outcome.failed), (18, 6));
    assert_eq!(made.replaced, 6);
    assert_eq!(made.outcome.requests[0].latency.succeeded.count, 18);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_sent_for_a_turn_that_there_is_not() {
    let answering = always(OK).await;
    for (scenario, isolated) in WAYS {
        let plan = Plan {
            isolated,
            ..against(scenario, &answering.url, shared(4, 10))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!(outcome.iterations, 10);
        assert_eq!(outcome.requests[0].latency.succeeded.count, 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_request_with_slots_is_invalid_each_time_and_goes_nowhere() {
    let url = server(|_connection| async { panic!("somebody came") })
        .await
        .url;
    let outcome = made(against("opens-with-slots", &url, each(1, 3)))
        .await
        .unwrap()
        .outcome;
    assert_eq!((outcome.iterations, outcome.failed), (3, 3), "{outcome:?}");
    let failures = &outcome.latency.failures;
    assert!(
        failures[0].name.contains("0 values for 2 slots"),
        "{failures:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_request_that_nobody_named_traps() {
    let plan = Plan {
        isolated: true,
        ..plan("asks-for-an-opening-that-is-none", each(1, 2))
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (2, 2), "{outcome:?}");
    let failures = &outcome.latency.failures;
    assert!(
        failures[0].name.contains("`load.open-with`"),
        "{failures:?}"
    );
}
