//! Why what is not good is so: each cause from the evidence that shows it, and none without.

mod agents;
mod broken;
mod evidence;
mod grants;
mod grouping;
mod requests;

use assay_report::{
    analysis::{Analysis, Analyst, CauseKind, Failure},
    event::{
        Event, EventKind, Exchange, ExchangeError, Fault, HealedFault, LinkInfo, Outcome, Reason,
        ReasonKind, ServiceInfo, ServiceState, ServiceStatus, Source, Stage,
    },
    exit::Exit,
    verdict::Verdict,
};

use super::recording::{Recording, exchange, outcome, reason};

/// A run of these cases on a shop, which a client reaches directly and over a link, and on a cache.
fn run(cases: &[&str]) -> Recording {
    let service = |name: &str, port: u16, link: Option<u16>| ServiceInfo {
        name: name.into(),
        url: format!("http://127.0.0.1:{port}"),
        managed: true,
        ready_after_ns: 1,
        links: link
            .into_iter()
            .map(|port| LinkInfo {
                from: "client".into(),
                url: format!("http://127.0.0.1:{port}"),
            })
            .collect(),
    };
    let mut run = Recording::before_environment(cases);
    run.tell(EventKind::EnvironmentReady {
        services: vec![service("shop", 1, Some(3)), service("cache", 2, None)],
        duration_ns: 1,
    });
    run
}

/// The analysis of a run that ends here.
fn analysed(run: Recording) -> Analysis {
    analysis(&run.end(Exit::Failed))
}

fn analysis(events: &[Event]) -> Analysis {
    let mut analyst = Analyst::default();
    for event in events {
        analyst.event(event);
    }
    analyst.finish()
}

/// A run whose only case is `buy`, which ends like this after what `evidence` adds.
fn bought(ending: &Outcome, evidence: impl FnOnce(&mut Recording, &Source)) -> Analysis {
    let mut run = run(&["buy"]);
    run.case("buy", ending, evidence);
    analysed(run)
}

/// The cause of the only failure, its subject and the failure.
fn only(analysis: &Analysis) -> (CauseKind, Option<&str>, &Failure) {
    let [group] = &analysis.causes[..] else {
        panic!("not one cause: {analysis:#?}");
    };
    let [failure] = &group.failures[..] else {
        panic!("not one failure: {group:#?}");
    };
    assert!(!group.cause.advice.is_empty() && !group.cause.summary.is_empty());
    (group.cause.kind, group.cause.subject.as_deref(), failure)
}

fn texts(failure: &Failure) -> Vec<&str> {
    let evidence = failure.evidence.iter();
    evidence.map(|line| line.text.as_str()).collect()
}

fn failed(message: &str) -> Outcome {
    outcome(Verdict::Failed, reason(ReasonKind::Failed, message))
}

fn failed_with(message: &str, expected: &str, actual: &str) -> Outcome {
    let reason = Reason {
        expected: Some(expected.into()),
        actual: Some(actual.into()),
        ..reason(ReasonKind::Failed, message)
    };
    outcome(Verdict::Failed, reason)
}

/// `GET /item` of what listens on a port, answered like this.
fn answered(port: u16, status: u16) -> Exchange {
    Exchange {
        url: format!("http://127.0.0.1:{port}/item"),
        status: Some(status),
        ..exchange("GET /item", 10)
    }
}

/// The same, broken off.
fn broken(port: u16, kind: &str, message: &str, stage: Stage) -> Exchange {
    Exchange {
        status: None,
        first_byte_ns: None,
        error: Some(ExchangeError {
            kind: kind.into(),
            message: message.into(),
            stage: Some(stage),
        }),
        ..answered(port, 0)
    }
}

fn state(service: &str, status: ServiceStatus, problem: Option<&str>) -> ServiceState {
    ServiceState {
        service: service.into(),
        status,
        problem: problem.map(str::to_owned),
        disturbed: false,
    }
}

fn probed(source: &Source, services: Vec<ServiceState>) -> EventKind {
    EventKind::ServicesProbed {
        source: source.clone(),
        services,
    }
}

fn inject(source: &Source, id: u64, target: &str) -> EventKind {
    EventKind::FaultInjected {
        source: source.clone(),
        fault: fault(id, target),
        confirmed_after_ns: 1_000,
    }
}

fn fault(id: u64, target: &str) -> Fault {
    Fault {
        id,
        target: target.into(),
        action: "stop".into(),
        value: None,
        options: None,
    }
}

fn heal(source: &Source, id: u64, active_ns: u64) -> EventKind {
    EventKind::FaultHealed {
        source: source.clone(),
        healed: HealedFault {
            id,
            active_ns,
            healthy_after_ns: None,
            first_success_after_ns: None,
            traffic: 1,
        },
    }
}
