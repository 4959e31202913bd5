//! Each situation that a report must be able to tell.

mod broken;
mod evidence;
mod recalled;
mod refilled;
mod rich;
mod sharded;
mod shared;
mod ungranted;

use assay_report::{
    event::{
        Check, Event, EventKind, Fault, FaultDirection, FaultOptions, FaultStage, Grade,
        HealedFault, Level, MetricSnapshot, MetricValue, OutputStream, Phase, Reason, ReasonKind,
        Regression, RegressionCheck, Source,
    },
    exit::Exit,
    verdict::Verdict,
};

use super::recording::{Recording, check, exchange, outcome, passed, reason, refused, source};

pub(crate) use self::broken::{
    environment_abandoned, environment_failed, environment_left, interrupted, service_died,
    setup_failed, stopped, stopped_twice, teardown_failed,
};
pub(crate) use self::evidence::evidence;
pub(crate) use self::recalled::recalled;
pub(crate) use self::refilled::refilled_load;
pub(crate) use self::rich::rich;
pub(crate) use self::sharded::{empty_shard, lost_shard, shard};
pub(crate) use self::shared::lost_agent;
pub(crate) use self::ungranted::{
    TABLE, attachment, cut_off, host, refuse, refused_ending, setting, ungranted,
};

/// All of them by name.
pub(crate) fn all() -> Vec<(&'static str, Vec<Event>)> {
    vec![
        ("passed", passed_run()),
        ("lost agent", lost_agent()),
        ("refilled load", refilled_load()),
        ("failing checks", failing_checks()),
        ("trap", trap()),
        ("timeout", timeout()),
        ("flaky", flaky()),
        ("degraded", degraded()),
        ("skipped", skipped()),
        ("environment failed", environment_failed()),
        ("service died", service_died()),
        ("environment left", environment_left()),
        ("environment abandoned", environment_abandoned()),
        ("slow", slow()),
        ("interrupted", interrupted()),
        ("stopped twice", stopped_twice()),
        ("setup failed", setup_failed()),
        ("teardown failed", teardown_failed()),
        ("stopped without an end", stopped()),
        ("faults", faults()),
        ("rich", rich()),
        ("told again", recalled()),
        ("with all its evidence", evidence()),
        ("regressed", regressed()),
        ("not compared", not_compared()),
        ("refused for want of a grant", ungranted()),
        ("shard", shard()),
        ("empty shard", empty_shard()),
        ("merged without a shard", lost_shard()),
    ]
}

pub(crate) fn passed_run() -> Vec<Event> {
    let mut run = Recording::of(&["a-job-ends", "a-job-is-told"]);
    run.pass("a-job-ends");
    run.case("a-job-is-told", &passed(), |run, source| {
        run.log(source, Level::Info, "nobody reads this")
            .exchange(source, exchange("get health", 2))
            .exchange(source, exchange("get health", 8))
            .judge(source, 12.5, 40, Grade::Target)
            .output(source, OutputStream::Stdout, "hello\n");
    });
    run.end(Exit::Success)
}

/// A case that makes three faults: one that is healed, one that cannot be made and one that cannot be healed.
pub(crate) fn faults() -> Vec<Event> {
    let ending = outcome(
        Verdict::Errored,
        reason(ReasonKind::Environment, "a fault was not healed"),
    );
    let mut run = Recording::of(&["it-survives"]);
    run.case("it-survives", &ending, |run, source| {
        run.exchange(source, exchange("get health", 2));
        three_faults(run, source);
        run.check(source, check("it is back", true));
    });
    let mut events = run.end(Exit::Errored);
    let in_fault = MetricValue::Counter { value: 2.0 };
    for event in &mut events {
        if let EventKind::SuiteFinished { metrics, .. } = &mut event.kind {
            metrics.push(MetricSnapshot {
                name: "tries".into(),
                labels: [("zone".to_owned(), "a".to_owned())].into(),
                unit: String::new(),
                value: in_fault.clone(),
                by_phase: [(Phase::Fault, in_fault.clone())].into(),
            });
        }
    }
    events
}

fn three_faults(run: &mut Recording, source: &Source) {
    let fault = |id, target: &str, action: &str| Fault {
        id,
        target: target.into(),
        action: action.into(),
        value: None,
        options: None,
    };
    let latency = Fault {
        value: Some("100 ms ± 20 ms".into()),
        options: Some(FaultOptions {
            direction: FaultDirection::Downstream,
            share: 0.5,
            may_be_idle: false,
        }),
        ..fault(1, "client->project", "latency")
    };
    let (source, name) = (source.clone(), "get health");
    run.tell_in(
        Phase::Fault,
        EventKind::FaultInjected {
            source: source.clone(),
            fault: latency,
            confirmed_after_ns: 3_000_000,
        },
    );
    for exchange in [exchange(name, 102), refused(name)] {
        run.tell_in(
            Phase::Fault,
            EventKind::Exchanged {
                source: source.clone(),
                exchange,
            },
        );
    }
    run.tell_in(
        Phase::Recovery,
        EventKind::Exchanged {
            source: source.clone(),
            exchange: exchange(name, 4),
        },
    );
    run.tell_in(
        Phase::Recovery,
        EventKind::FaultHealed {
            source: source.clone(),
            healed: HealedFault {
                id: 1,
                active_ns: 1_250_000_000,
                healthy_after_ns: Some(12_000_000),
                first_success_after_ns: Some(18_000_000),
                traffic: 2,
            },
        },
    );
    for (fault, stage, message) in [
        (
            fault(2, "generation", "limit_cpu"),
            FaultStage::Injecting,
            "a process has no limit\nhint: use a container",
        ),
        (
            fault(3, "project", "stop"),
            FaultStage::Healing,
            "the service `project` did not become ready",
        ),
    ] {
        if stage == FaultStage::Healing {
            run.tell_in(
                Phase::Fault,
                EventKind::FaultInjected {
                    source: source.clone(),
                    fault: fault.clone(),
                    confirmed_after_ns: 9_000_000,
                },
            );
        }
        run.tell_in(
            Phase::Recovery,
            EventKind::FaultFailed {
                source: source.clone(),
                fault,
                stage,
                message: message.into(),
            },
        );
    }
}

pub(crate) fn failing_checks() -> Vec<Event> {
    let first = Check {
        expected: Some("completed".into()),
        actual: Some("failed".into()),
        location: Some("src/lib.rs:40".into()),
        ..check("the job completes", false)
    };
    let second = Check {
        expected: Some("{\n  \"number\": 1\n}".into()),
        actual: Some("null".into()),
        location: Some("src/lib.rs:44".into()),
        ..check("the episode is there", false)
    };
    let ending = outcome(
        Verdict::Failed,
        Reason {
            expected: first.expected.clone(),
            actual: first.actual.clone(),
            location: first.location.clone(),
            ..reason(
                ReasonKind::Check,
                "the job completes (and 1 more of 3 checks)",
            )
        },
    );
    let mut run = Recording::of(&["a-job-ends", "a-job-completes"]);
    run.pass("a-job-ends");
    run.case("a-job-completes", &ending, |run, source| {
        run.check(source, check("the job starts", true))
            .check(source, first)
            .check(source, second)
            .log(source, Level::Warn, "the stream was slow")
            .log(source, Level::Error, "the job says `failed`\u{1b}[2J")
            .exchange(source, exchange("post job", 5))
            .exchange(source, refused("get job"))
            .output(source, OutputStream::Stderr, "one\ntwo\n");
    });
    run.end(Exit::Failed)
}

pub(crate) fn trap() -> Vec<Event> {
    let ending = outcome(
        Verdict::Errored,
        Reason {
            backtrace: vec!["jobs::divide".into(), "jobs::run".into()],
            ..reason(
                ReasonKind::Trap,
                "the plugin trapped: integer divide by zero",
            )
        },
    );
    let mut run = Recording::of(&["a-job-divides", "a-job-ends"]);
    run.case("a-job-divides", &ending, |_, _| {});
    run.pass("a-job-ends");
    run.end(Exit::Errored)
}

pub(crate) fn timeout() -> Vec<Event> {
    let ending = outcome(
        Verdict::Failed,
        reason(
            ReasonKind::Timeout,
            "it took longer than 30 s: the plugin was waiting\nbefore that, a check failed: the job ends",
        ),
    );
    let mut run = Recording::of(&["a-job-ends"]);
    run.case("a-job-ends", &ending, |_, _| {});
    run.end(Exit::Failed)
}

pub(crate) fn flaky() -> Vec<Event> {
    let why = reason(ReasonKind::Check, "the job completes");
    let failed = outcome(Verdict::Failed, why.clone());
    let (first, second) = (source("a-job-ends", 1), source("a-job-ends", 2));
    let mut run = Recording::of(&["a-job-ends"]);
    run.start("a-job-ends", 3)
        .attempt(&first)
        .check(&first, check("the job completes", false))
        .end_attempt(&first, failed)
        .attempt(&second)
        .check(&second, check("the job completes", true))
        .end_attempt(&second, passed())
        .end_case("a-job-ends", outcome(Verdict::Flaky, why), 2);
    run.end(Exit::Success)
}

pub(crate) fn degraded() -> Vec<Event> {
    let ending = outcome(
        Verdict::Degraded,
        reason(
            ReasonKind::Baseline,
            "event-latency is 120 ms from 40 samples: short of its target (at most 200 ms, target 50 ms)",
        ),
    );
    let mut run = Recording::of(&["events-are-fast"]);
    run.case("events-are-fast", &ending, |run, source| {
        run.check(source, check("events come", true))
            .judge(source, 120.0, 40, Grade::Critical);
    });
    run.end(Exit::Success)
}

pub(crate) fn skipped() -> Vec<Event> {
    let needs = reason(
        ReasonKind::Skipped,
        "it needs the service `prometheus`, which the environment does not have",
    );
    let mut run = Recording::of(&["alerts-fire"]);
    run.end_case("alerts-fire", outcome(Verdict::Skipped, needs), 0);
    run.end(Exit::NothingTested)
}

pub(crate) fn slow() -> Vec<Event> {
    let source = source("a-job-ends", 1);
    let mut run = Recording::of(&["a-job-ends"]);
    run.start("a-job-ends", 1)
        .attempt(&source)
        .tell(EventKind::CaseStillRunning {
            suite: "jobs".into(),
            case: "a-job-ends".into(),
            for_ns: 30_000_000_000,
        })
        .check(&source, check("it is so", true))
        .end_attempt(&source, passed())
        .end_case("a-job-ends", passed(), 1);
    run.end(Exit::Success)
}

/// A run whose cases are all good, and in which a request takes longer than in the run before.
pub(crate) fn regressed() -> Vec<Event> {
    let regression = Regression {
        suite: "jobs".to_owned(),
        metric: "request start a job".to_owned(),
        percentile: 95.0,
        unit: "seconds".to_owned(),
        against: "20260101-030405-efgh".to_owned(),
        before: 0.0123,
        after: 0.0246,
        change_percent: 100.0,
        low_percent: 91.25,
        high_percent: 108.5,
        bound_percent: 12.5,
        adjusted_probability: 1e-9,
        samples_before: 1_200,
        samples_after: 1_234,
    };
    let mut run = Recording::of(&["a-job-ends"]);
    run.pass("a-job-ends");
    let check = RegressionCheck {
        against: vec!["20260101-030405-efgh".to_owned()],
        judged: 12,
        not_enough_samples: 3,
        not_judged: None,
        beyond: 2,
        regressions: vec![regression],
    };
    run.compared(check, Exit::Failed)
}

/// A run that was to be compared, and with which there is nothing to compare.
pub(crate) fn not_compared() -> Vec<Event> {
    let mut run = Recording::of(&["a-job-ends"]);
    run.pass("a-job-ends");
    let check = RegressionCheck {
        not_judged: Some("there is no former run to compare with".to_owned()),
        ..RegressionCheck::default()
    };
    run.compared(check, Exit::Success)
}
