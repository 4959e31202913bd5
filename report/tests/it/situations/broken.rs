//! Runs that break, or that somebody stops.

use super::*;

pub(crate) fn environment_failed() -> Vec<Event> {
    let message = "the service `project` did not start\nhint: look at its log";
    let why = reason(
        ReasonKind::Environment,
        "the environment is not there: the service `project` did not start",
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

/// A service dies in the middle, and what comes after it cannot be trusted.
pub(crate) fn service_died() -> Vec<Event> {
    let headline = "service `project` ended with exit status: 3";
    let why = reason(
        ReasonKind::Environment,
        &format!("{headline}\nbefore that: the job is told"),
    );
    let second = source("a-job-is-told", 1);
    let mut run = Recording::of(&["a-job-ends", "a-job-is-told"]);
    run.pass("a-job-ends")
        .start("a-job-is-told", 1)
        .attempt(&second)
        .check(&second, check("the job is told", false))
        .tell(EventKind::ServiceDied {
            service: "project".into(),
            message: format!(
                "{headline}\nhint: run its `command` by hand\nthe last lines of `project`:\n    out of luck"
            ),
        })
        .end_attempt(&second, outcome(Verdict::Errored, why.clone()))
        .end_case("a-job-is-told", outcome(Verdict::Errored, why), 1);
    run.end(Exit::Environment)
}

/// Every case passes, and the environment does not go.
pub(crate) fn environment_left() -> Vec<Event> {
    let kind = EventKind::EnvironmentLeft {
        message:
            "the compose project `shop` could not be taken down\nhint: `host heal` tries it again"
                .into(),
    };
    told_at_the_end(kind, Exit::Environment)
}

/// Every case passes, and the engine keeps something that holds nothing.
pub(crate) fn environment_abandoned() -> Vec<Event> {
    let kind = EventKind::EnvironmentAbandoned {
        message: "the engine keeps the network `shop_near`\nhint: restart the engine".into(),
    };
    told_at_the_end(kind, Exit::Success)
}

/// Every case passes, and something is told before the last event.
fn told_at_the_end(kind: EventKind, exit: Exit) -> Vec<Event> {
    let mut run = Recording::of(&["a-job-ends"]);
    run.pass("a-job-ends");
    let mut events = run.end(exit);
    let last = events.len() - 1;
    let event = Event {
        kind,
        ..events[last].clone()
    };
    events.insert(last, event);
    for (sequence, event) in (0..).zip(&mut events) {
        event.sequence = sequence;
    }
    events
}

pub(crate) fn interrupted() -> Vec<Event> {
    let skipped = |message| outcome(Verdict::Skipped, reason(ReasonKind::Interrupted, message));
    let stopped = skipped("stopped by Ctrl-C while it ran");
    let not_begun = skipped("not begun: the run was stopped by Ctrl-C");
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
        .end_case("a-job-is-told", stopped, 1)
        .end_case("a-job-is-kept", not_begun, 0);
    run.end(Exit::Interrupted)
}

pub(crate) fn setup_failed() -> Vec<Event> {
    let ending = outcome(
        Verdict::Errored,
        Reason {
            location: Some("src/lib.rs:7".into()),
            ..reason(
                ReasonKind::Panic,
                "the plugin panicked: no project to work with",
            )
        },
    );
    let why = reason(
        ReasonKind::Setup,
        "the setup errored: the plugin panicked: no project to work with",
    );
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

pub(crate) fn teardown_failed() -> Vec<Event> {
    let left = reason(ReasonKind::Failed, "a project was left behind");
    let teardown = source("teardown", 1);
    let mut run = Recording::of(&["a-job-ends"]);
    run.pass("a-job-ends")
        .attempt(&teardown)
        .end_attempt(&teardown, outcome(Verdict::Failed, left));
    run.end(Exit::Failed)
}

/// The first failed case stops the run, then somebody does.
pub(crate) fn stopped_twice() -> Vec<Event> {
    let failed = outcome(Verdict::Failed, reason(ReasonKind::Failed, "no"));
    let (first, second) = (source("a", 1), source("b", 1));
    let mut run = Recording::of(&["a", "b"]);
    run.start("a", 2)
        .start("b", 2)
        .attempt(&first)
        .attempt(&second);
    for why in ["--fail-fast", "Ctrl-C"] {
        run.tell(EventKind::Interrupted { reason: why.into() });
    }
    for (case, source) in [("a", first), ("b", second)] {
        run.end_attempt(&source, failed.clone())
            .end_case(case, failed.clone(), 1);
    }
    run.end(Exit::Interrupted)
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
