//! Each situation that a report must be able to tell.

use assay_host::{
    event::{Check, Event, EventKind, Grade, Level, OutputStream, Reason, ReasonKind},
    exit::Exit,
    verdict::Verdict,
};

use super::recording::{Recording, check, exchange, outcome, passed, reason, refused, source};

/// All of them by name.
pub(crate) fn all() -> Vec<(&'static str, Vec<Event>)> {
    vec![
        ("passed", passed_run()),
        ("failing checks", failing_checks()),
        ("trap", trap()),
        ("timeout", timeout()),
        ("flaky", flaky()),
        ("degraded", degraded()),
        ("skipped", skipped()),
        ("environment failed", environment_failed()),
        ("interrupted", interrupted()),
        ("setup failed", setup_failed()),
        ("stopped without an end", stopped()),
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
            ..reason(ReasonKind::Check, "the job completes")
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
            ..reason(ReasonKind::Trap, "integer divide by zero")
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
            "not over after 30 s\nit waited for the host",
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
            "event-latency is 120 ms, beyond its target of 50 ms",
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
    let needs = reason(ReasonKind::Skipped, "needs the service `prometheus`");
    let mut run = Recording::of(&["alerts-fire"]);
    run.end_case("alerts-fire", outcome(Verdict::Skipped, needs), 0);
    run.end(Exit::NothingTested)
}

pub(crate) fn environment_failed() -> Vec<Event> {
    let message = "the service `project` did not start\nhint: look at its log";
    let why = reason(
        ReasonKind::Environment,
        "the environment could not be brought up",
    );
    let mut run = Recording::before_environment(&["a-job-ends", "a-job-is-told"]);
    run.tell(EventKind::EnvironmentFailed {
        message: message.into(),
    });
    for case in ["a-job-ends", "a-job-is-told"] {
        run.end_case(case, outcome(Verdict::Errored, why.clone()), 0);
    }
    run.end(Exit::Environment)
}

pub(crate) fn interrupted() -> Vec<Event> {
    let why = reason(ReasonKind::Interrupted, "the run was stopped by Ctrl-C");
    let stopped = outcome(Verdict::Skipped, why);
    let second = source("a-job-is-told", 1);
    let mut run = Recording::of(&["a-job-ends", "a-job-is-told", "a-job-is-kept"]);
    run.pass("a-job-ends")
        .start("a-job-is-told", 1)
        .attempt(&second)
        .log(&second, Level::Info, "waiting")
        .tell(EventKind::Interrupted {
            reason: "Ctrl-C".into(),
        })
        .end_attempt(&second, stopped.clone())
        .end_case("a-job-is-told", stopped.clone(), 1)
        .end_case("a-job-is-kept", stopped, 0);
    run.end(Exit::Interrupted)
}

pub(crate) fn setup_failed() -> Vec<Event> {
    let ending = outcome(
        Verdict::Errored,
        Reason {
            location: Some("src/lib.rs:7".into()),
            ..reason(ReasonKind::Panic, "no project to work with")
        },
    );
    let why = reason(ReasonKind::Setup, "the setup of `jobs` did not succeed");
    let setup = source("setup", 1);
    let mut run = Recording::of(&["a-job-ends", "a-job-is-told"]);
    run.attempt(&setup)
        .log(&setup, Level::Info, "asking for a project")
        .end_attempt(&setup, ending);
    for case in ["a-job-ends", "a-job-is-told"] {
        run.end_case(case, outcome(Verdict::Errored, why.clone()), 0);
    }
    run.end(Exit::Errored)
}

/// The host died in the middle.
pub(crate) fn stopped() -> Vec<Event> {
    let second = source("a-job-is-told", 1);
    let mut run = Recording::of(&["a-job-ends", "a-job-is-told", "a-job-is-kept"]);
    run.pass("a-job-ends")
        .start("a-job-is-told", 1)
        .attempt(&second)
        .check(&second, check("it begins", true));
    run.cut()
}
