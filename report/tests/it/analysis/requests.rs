//! Causes that are found in what an attempt asked: how requests broke off, and what was wrong with answers.

use assay_report::{
    analysis::CauseKind,
    event::{Check, EventKind, Exchange, ReasonKind, ServiceStatus, Stage, StreamSummary},
    verdict::Verdict,
};

use super::{
    answered, bought, broken, failed, failed_with, heal, inject, only, probed, state, texts,
};
use crate::recording::{STEP_NS, check, outcome, reason, source};

#[test]
fn a_request_that_broke_off_is_told_with_who_was_asked_and_how_far_it_had_come() {
    for (kind, message, stage, expected) in [
        (
            "connect",
            "Connection refused (os error 111)",
            Stage::Connect,
            "`shop` refuses the connection, while a connection was being made",
        ),
        (
            "closed",
            "connection reset by peer",
            Stage::Head,
            "`shop` resets the connection, while the head of the answer was awaited",
        ),
        (
            "timeout",
            "1000 ms were over",
            Stage::Head,
            "`shop` does not answer in time, while the head of the answer was awaited",
        ),
        (
            "closed",
            "unexpected end of file",
            Stage::Body,
            "`shop` closes the connection before its answer is whole, while the body of the answer was being read",
        ),
        (
            "resolve",
            "no such host",
            Stage::Connect,
            "`shop` has no address, while a connection was being made",
        ),
    ] {
        let ending = failed(&format!(
            "GET http://127.0.0.1:1/item: no connection: {message}"
        ));
        let analysis = bought(&ending, |run, source| {
            run.exchange(source, answered(2, 200))
                .exchange(source, broken(1, kind, message, stage));
        });
        let (found, subject, failure) = only(&analysis);
        assert_eq!(
            (found, subject),
            (CauseKind::Connection, Some("shop")),
            "{kind}"
        );
        assert_eq!(analysis.causes[0].cause.summary, expected);
        assert!(
            texts(failure)[0].starts_with("`GET /item` to `shop`"),
            "{failure:#?}"
        );
    }
}

#[test]
fn a_stream_that_broke_off_is_a_connection_and_one_that_was_dropped_is_not() {
    let stream = |end: &str| StreamSummary {
        name: "GET /events".into(),
        url: "http://127.0.0.1:1/events".into(),
        status: 200,
        events: 3,
        comments: 0,
        reconnects: 0,
        opened_after_ns: 1,
        first_event_ns: Some(2),
        longest_gap_ns: None,
        duration_ns: 5,
        end: end.into(),
        number: 0,
        traceparent: None,
        detail: None,
        last_events: Vec::new(),
    };
    for (end, expected) in [
        ("unexpected end of file", CauseKind::Connection),
        ("dropped", CauseKind::Answer),
        ("ended", CauseKind::Answer),
    ] {
        let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is whole"));
        let analysis = bought(&ending, |run, source| {
            run.tell(EventKind::Streamed {
                source: source.clone(),
                stream: stream(end),
            })
            .check(source, check("it is whole", false));
        });
        let (kind, subject, _) = only(&analysis);
        assert_eq!((kind, subject), (expected, Some("shop")), "{end}");
    }
}

#[test]
fn a_request_into_a_fault_that_nobody_expected_is_told_with_the_fault() {
    // 3 is the link of the clients to the shop.
    for (target, port, expected) in [
        ("shop", 1, CauseKind::Fault),
        ("shop", 3, CauseKind::Fault),
        ("client->shop", 3, CauseKind::Fault),
        ("client->shop", 1, CauseKind::Connection),
        ("cache", 1, CauseKind::Connection),
    ] {
        let ending = failed("GET http://127.0.0.1: no connection: refused");
        let analysis = bought(&ending, |run, source| {
            run.tell(inject(source, 1, target))
                .exchange(source, broken(port, "connect", "refused", Stage::Connect))
                .tell(heal(source, 1, 10 * STEP_NS));
        });
        let (kind, subject, failure) = only(&analysis);
        assert_eq!(kind, expected, "{target} {port}");
        let own = format!("its own fault: `stop on {target}`");
        assert!(
            texts(failure).iter().any(|text| text.starts_with(&own)),
            "{failure:#?}"
        );
        assert_eq!(
            failure.during,
            [format!("while `stop on {target}` was active")]
        );
        if kind == CauseKind::Fault {
            assert_eq!(subject, Some(target));
        }
    }
}

#[test]
fn a_request_that_breaks_off_as_its_own_fault_is_to_do_is_not_the_cause() {
    let ending = outcome(
        Verdict::Failed,
        reason(ReasonKind::Check, "nothing is lost"),
    );
    let analysis = bought(&ending, |run, source| {
        run.tell(inject(source, 1, "shop"))
            .exchange(source, broken(1, "connect", "refused", Stage::Connect))
            .check(source, check("nothing is lost", false))
            .tell(heal(source, 1, STEP_NS));
    });
    let (kind, subject, failure) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Answer, Some("shop")));
    assert_eq!(failure.during, ["while `stop on shop` was active"]);
}

#[test]
fn a_fault_of_another_case_is_named_as_that() {
    let other = source("another", 1);
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is there"));
    let mut run = super::run(&["another", "buy"]);
    run.start("another", 1)
        .attempt(&other)
        .tell(inject(&other, 1, "shop"));
    run.case("buy", &ending, |run, source| {
        run.exchange(source, broken(1, "connect", "refused", Stage::Connect))
            .check(source, check("it is there", false));
    });
    run.tell(heal(&other, 1, 20 * STEP_NS))
        .end_attempt(&other, crate::recording::passed())
        .end_case("another", crate::recording::passed(), 1);
    let analysis = super::analysed(run);
    let (kind, subject, failure) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Fault, Some("shop")));
    assert!(texts(failure)[0].starts_with("a fault of jobs/another: `stop on shop`"));
}

#[test]
fn after_a_fault_was_healed_that_is_said_and_it_is_not_blamed() {
    let ending = failed("GET http://127.0.0.1:1/item: no connection: refused");
    let analysis = bought(&ending, |run, source| {
        run.tell(inject(source, 1, "shop"))
            .tell(heal(source, 1, STEP_NS))
            .exchange(source, answered(1, 200))
            .exchange(source, answered(1, 200))
            .exchange(source, broken(1, "connect", "refused", Stage::Connect));
    });
    let (kind, _, failure) = only(&analysis);
    assert_eq!(kind, CauseKind::Connection);
    assert_eq!(failure.during, ["after `stop on shop` was healed"]);
}

#[test]
fn a_service_that_was_found_unwell_is_the_cause_of_requests_to_it_and_of_no_others() {
    for (port, service, status, problem, expected) in [
        (1, "shop", ServiceStatus::Stopped, None, "`shop` is stopped"),
        (
            1,
            "shop",
            ServiceStatus::Unreachable,
            Some("no answer"),
            "`shop` is unreachable: no answer",
        ),
        (
            2,
            "shop",
            ServiceStatus::Stopped,
            None,
            "`cache` refuses the connection, while a connection was being made",
        ),
        (
            1,
            "shop",
            ServiceStatus::Running,
            None,
            "`shop` refuses the connection, while a connection was being made",
        ),
    ] {
        let ending = failed("no connection: refused");
        let analysis = bought(&ending, |run, source| {
            run.exchange(source, broken(port, "connect", "refused", Stage::Connect))
                .tell(probed(source, vec![state(service, status, problem)]));
        });
        assert_eq!(analysis.causes[0].cause.summary, expected);
    }
}

#[test]
fn a_breach_of_the_contract_is_told_with_its_place() {
    for (message, actual, place) in [
        (
            "GET http://127.0.0.1:1/item answered 200, which is no `Item` at `data.price`: missing field",
            None,
            " at `data.price`",
        ),
        (
            "GET /item answers as documented",
            Some("[\"at `/data/price`: 5 is not of type\"]"),
            " at `/data/price`",
        ),
        (
            "GET /item answers as documented",
            Some("[\"the status 418 is not documented\"]"),
            "",
        ),
        (
            "content of the event `x` (1): missing field `price`",
            None,
            "",
        ),
    ] {
        let ending = match actual {
            Some(actual) => failed_with(message, "[]", actual),
            None => failed(message),
        };
        let analysis = bought(&ending, |run, source| {
            run.exchange(source, answered(1, 200));
        });
        let (kind, subject, _) = only(&analysis);
        assert_eq!(
            (kind, subject),
            (CauseKind::Contract, Some("shop")),
            "{message}"
        );
        let summary = &analysis.causes[0].cause.summary;
        assert_eq!(
            *summary,
            format!("the answer of `shop` to `GET /item` breaks its contract{place}")
        );
    }
}

#[test]
fn a_status_is_the_cause_only_where_the_answer_had_it() {
    let ending = failed_with("it is refused", "404", "500");
    for (status, expected) in [(500, CauseKind::Status), (200, CauseKind::Answer)] {
        let analysis = bought(&ending, |run, source| {
            run.exchange(source, answered(1, status));
        });
        assert_eq!(only(&analysis).0, expected);
    }
}

#[test]
fn what_does_not_come_about_in_time_names_who_was_asked_last() {
    let ending = failed("not within 5s (12 tries): no episode");
    let analysis = bought(&ending, |run, source| {
        run.exchange(source, answered(2, 200))
            .exchange(source, answered(1, 200));
    });
    let (kind, subject, _) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Late, Some("shop")));
}

#[test]
fn an_attempt_that_was_over_its_time_names_what_it_waited_for() {
    let ending = outcome(
        Verdict::Failed,
        reason(
            ReasonKind::Timeout,
            "it took longer than 5 s: the plugin was waiting",
        ),
    );
    let analysis = bought(&ending, |run, source| {
        run.exchange(
            source,
            broken(1, "cancelled", "dropped before it was over", Stage::Head),
        );
    });
    let (kind, subject, failure) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Late, Some("shop")));
    assert!(
        failure.summary.ends_with("it waited for `GET /item`"),
        "{failure:#?}"
    );
    let analysis = bought(&ending, |_, _| {});
    assert_eq!(only(&analysis).1, None);
}

#[test]
fn the_message_of_a_failure_decides_which_of_many_requests_it_is_about() {
    let ending = failed_with(
        "http://127.0.0.1:1/item is answered for `a`",
        "200",
        "500 no",
    );
    let analysis = bought(&ending, |run, source| {
        run.exchange(source, answered(1, 500))
            .exchange(source, answered(2, 200));
    });
    let (kind, subject, _) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Status, Some("shop")));
}

#[test]
fn the_first_check_that_failed_is_judged_by_what_was_asked_before_it() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "first"));
    let analysis = bought(&ending, |run, source| {
        let status = Check {
            expected: Some("200".into()),
            actual: Some("503".into()),
            ..check("first", false)
        };
        run.exchange(source, answered(1, 503))
            .check(source, status)
            .exchange(source, Exchange { ..answered(2, 200) })
            .check(source, check("second", false));
    });
    let (kind, subject, failure) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Status, Some("shop")));
    assert_eq!(failure.at_ns, 5 * STEP_NS, "when the check failed");
}

#[test]
fn the_clean_up_of_a_case_that_failed_is_not_what_it_failed_of() {
    let ending = failed_with("there is one", "1", "0");
    let remove = |port: u16| Exchange {
        method: "DELETE".into(),
        ..answered(port, 200)
    };
    let analysis = bought(&ending, |run, source| {
        run.exchange(source, answered(2, 200))
            .exchange(source, remove(1))
            .exchange(source, answered(1, 404));
    });
    let (kind, subject, _) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Answer, Some("cache")));
}

#[test]
fn a_value_is_not_taken_from_the_answer_to_a_removal() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "there is one"));
    let analysis = bought(&ending, |run, source| {
        let removal = Exchange {
            method: "DELETE".into(),
            ..answered(2, 200)
        };
        run.exchange(source, answered(1, 200))
            .exchange(source, removal)
            .check(source, check("there is one", false));
    });
    assert_eq!(only(&analysis).1, Some("shop"));
}
