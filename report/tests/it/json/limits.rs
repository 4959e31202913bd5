//! What limits leave out of the document is counted in it.

use super::*;

#[test]
fn faults_beyond_the_limit_are_cut_and_counted() {
    let with = |count: usize| {
        let mut run = Recording::of(&["a"]);
        run.case("a", &passed(), |run, source| {
            for id in 1..=count as u64 {
                run.tell(EventKind::FaultInjected {
                    source: source.clone(),
                    fault: Fault {
                        id,
                        target: "cache".into(),
                        action: "stop".into(),
                        value: None,
                        options: None,
                    },
                    confirmed_after_ns: 1,
                });
            }
        });
        cuts(&report(&run.end(Exit::Success)))
    };
    assert_eq!(with(MAX_FAULTS), []);
    assert_eq!(with(MAX_FAULTS + 1), [(CutKind::Faults, 1)]);
}

#[test]
fn evidence_at_a_limit_is_whole_and_one_more_is_cut_and_counted() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "no"));
    let flood = |further: usize| {
        let mut run = Recording::of(&["a"]);
        run.case("a", &ending, |run, source| {
            for _ in 0..MAX_FAILED_CHECKS + further {
                run.check(source, check("no", false));
            }
            for _ in 0..MAX_PASSED_CHECKS + further {
                run.check(source, check("yes", true));
            }
            for line in 0..MAX_LOGS + further {
                run.log(source, Level::Info, &line.to_string());
            }
            for _ in 0..MAX_EXCHANGES + further {
                run.exchange(source, exchange("get", 1));
            }
            run.output(
                source,
                OutputStream::Stdout,
                &"é".repeat(MAX_OUTPUT_BYTES / 2 + further),
            );
        });
        report(&run.end(Exit::Failed))
    };
    assert!(flood(0).cuts.is_empty());
    assert!(!first_case(&flood(0)).attempts[0].output[0].truncated);

    let over = flood(1);
    assert_eq!(
        cuts(&over),
        [
            (CutKind::FailedChecks, 1),
            (CutKind::PassedChecks, 1),
            (CutKind::Logs, 1),
            (CutKind::Exchanges, 1),
        ]
    );
    let attempt = &first_case(&over).attempts[0];
    assert_eq!(attempt.logs[0].message, "1", "the last lines are kept");
    assert!(attempt.output[0].truncated);
    assert_eq!(attempt.output[0].text.len(), MAX_OUTPUT_BYTES);
}

#[test]
fn names_of_requests_beyond_the_limit_are_counted() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        for name in 0..=MAX_NAMES {
            run.exchange(source, exchange(&format!("get {name}"), 1));
        }
    });
    let report = report(&run.end(Exit::Success));
    assert_eq!(report.suites[0].requests.len(), MAX_NAMES);
    assert_eq!(cuts(&report), [(CutKind::RequestNames, 1)]);
}

#[test]
fn the_document_holds_no_more_text_than_its_budget() {
    const CASES: usize = 40;
    let names: Vec<_> = (0..CASES).map(|number| format!("case-{number}")).collect();
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "no"));
    let mut run = Recording::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let text = "x".repeat(MAX_EVIDENCE_BYTES / CASES / 100);
    for name in &names {
        run.case(name, &ending, |run, source| {
            for _ in 0..101 {
                run.log(source, Level::Error, &text);
            }
        });
    }
    let report = report(&run.end(Exit::Failed));
    let kept: usize = report.suites[0]
        .cases
        .iter()
        .flat_map(|case| &case.attempts)
        .flat_map(|attempt| &attempt.logs)
        .map(|line| line.message.len())
        .sum();
    assert!(kept <= MAX_EVIDENCE_BYTES);
    assert!(
        kept + text.len() > MAX_EVIDENCE_BYTES,
        "the budget is used up"
    );
    let cut: u64 = report.cuts.iter().map(|cut| cut.count).sum();
    assert_eq!(cut, (CASES * 101 - kept / text.len()) as u64);
}

#[test]
fn what_the_recorder_left_out_is_told() {
    let source = source("a", 1);
    let mut run = Recording::of(&["a"]);
    run.start("a", 1).attempt(&source);
    run.tell(assay_report::event::EventKind::AttemptFinished {
        source: source.clone(),
        outcome: passed(),
        duration_ns: 1,
        counts: assay_report::event::AttemptCounts {
            requests: 7,
            dropped_logs: 3,
            dropped_attachments: 2,
            ..Default::default()
        },
    });
    assert_eq!(
        cuts(&report(&run.cut())),
        [
            (CutKind::UnrecordedLogs, 3),
            (CutKind::UnrecordedExchanges, 7),
            (CutKind::UnrecordedAttachments, 2),
        ]
    );
}

#[test]
fn a_request_that_was_pushed_out_comes_back_when_it_is_told_again() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "no"));
    let numbered = |number| Exchange {
        number,
        ..exchange("get", 1)
    };
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |run, source| {
        for number in 1..=MAX_EXCHANGES as u64 + 2 {
            run.exchange(source, numbered(number));
        }
        for number in [1, 40] {
            run.tell(EventKind::ExchangeRecalled {
                source: source.clone(),
                exchange: numbered(number),
            });
        }
    });
    let report = report(&run.end(Exit::Failed));
    let exchanges = &first_case(&report).attempts[0].exchanges;
    let numbers = exchanges.iter().map(|exchange| exchange.number);
    let expected = [1].into_iter().chain(3..=MAX_EXCHANGES as u64 + 2);
    assert!(numbers.eq(expected));
    assert_eq!(cuts(&report), [(CutKind::Exchanges, 1)]);
}

#[test]
fn services_beyond_the_limit_are_cut_and_counted() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "no"));
    let with = |count: usize| {
        let mut run = Recording::of(&["a"]);
        run.case("a", &ending, |run, source| {
            for service in 0..count {
                run.tell(EventKind::ServiceWrote {
                    source: source.clone(),
                    service: service.to_string(),
                    lines: vec!["line".into()],
                    dropped_lines: 0,
                });
            }
        });
        cuts(&report(&run.end(Exit::Failed)))
    };
    assert_eq!(with(MAX_SERVICES), []);
    assert_eq!(with(MAX_SERVICES + 1), [(CutKind::ServiceLines, 1)]);
}

#[test]
fn of_services_beyond_the_limit_it_is_not_told_how_they_were_and_that_is_counted() {
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "no"));
    let with = |count: usize| {
        let mut run = Recording::of(&["a"]);
        run.case("a", &ending, |run, source| {
            let state = |number: usize| ServiceState {
                service: number.to_string(),
                status: ServiceStatus::Running,
                problem: None,
                disturbed: false,
            };
            run.tell(EventKind::ServicesProbed {
                source: source.clone(),
                services: (0..count).map(state).collect(),
            });
        });
        report(&run.end(Exit::Failed))
    };
    let whole = with(MAX_SERVICES);
    assert_eq!(cuts(&whole), []);
    let told = &first_case(&whole).attempts[0].services_after;
    assert_eq!(told.len(), MAX_SERVICES);
    assert_eq!(cuts(&with(MAX_SERVICES + 1)), [(CutKind::ServiceStates, 1)]);
}
