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
async fn an_opening_request_with_slots_is_a_mistake_of_the_suite() {
    let url = server(|_connection| async { panic!("somebody came") })
        .await
        .url;
    for isolated in [true, false] {
        let plan = Plan {
            isolated,
            ..against("opens-with-slots", &url, each(1, 3))
        };
        let refused = made(plan).await.unwrap_err();
        assert!(matches!(refused, Refusal::Broke(_)), "{refused:?}");
        let said = refused.to_string();
        assert!(
            said.contains("has slots") && said.contains("`fire_with`"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_values_an_opening_request_is_invalid_and_goes_nowhere() {
    let url = server(|_connection| async { panic!("somebody came") })
        .await
        .url;
    let plan = against("opens-with-slots-by-itself", &url, each(1, 3));
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (3, 0), "{outcome:?}");
    assert_eq!(outcome.requests[0].latency.failures[0].name, "invalid");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_request_that_was_named_last_is_sent_though_its_template_is_gone() {
    let url = always(OK).await.url;
    for isolated in [true, false] {
        let plan = Plan {
            isolated,
            ..against("opens-with-another", &url, each(2, 5))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (10, 0), "{outcome:?}");
        let counts = outcome
            .requests
            .iter()
            .map(|requests| (&*requests.name, requests.latency.succeeded.count));
        let mut counts: Vec<_> = counts.collect();
        counts.sort_unstable();
        assert_eq!(counts, [("another", 8), ("get", 2)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_virtual_user_names_no_request_for_another() {
    for isolated in [true, false] {
        let plan = Plan {
            isolated,
            ..against("opens-for-somebody-else", "http://127.0.0.1:9", each(1, 2))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (2, 2), "{outcome:?}");
        let failures = &outcome.latency.failures;
        assert!(
            failures[0].name.contains("there is no virtual user"),
            "{failures:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_attribute_calls_its_own_may_be_a_name_of_the_suite() {
    let url = always(OK).await.url;
    let outcome = made(against("opening", &url, each(2, 3)))
        .await
        .unwrap()
        .outcome;
    assert_eq!((outcome.iterations, outcome.failed), (6, 0), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_virtual_user_that_is_alone_may_ask_as_those_that_are_not() {
    let plan = Plan {
        isolated: true,
        ..plan("asks-as-if-others-were-here", each(2, 6))
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (12, 0), "{outcome:?}");
}
