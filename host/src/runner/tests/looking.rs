//! How the services are is told after each bad attempt, and after no other.

use std::sync::atomic::Ordering;

use assay_report::event::{EventKind, ServiceState};

use super::script::{Act, Script, Told, orders, suite, told};

fn unwell(acts: &[(&'static str, &[Act])]) -> Script {
    Script {
        unwell: &["cache"],
        ..Script::of(acts)
    }
}

/// Each look with its place among the events, after which attempt it was.
fn looks(told: &Told) -> Vec<(usize, &str, &[ServiceState])> {
    let events = told.events.iter().enumerate();
    events
        .filter_map(|(place, event)| match &event.kind {
            EventKind::ServicesProbed { source, services } => {
                Some((place, source.entry.as_str(), services.as_slice()))
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn after_a_bad_attempt_it_is_told_how_the_services_are_before_it_ends() {
    let script = unwell(&[("bad", &[Act::FailCheck])]);
    let told = told(suite(&["bad"]), orders(), script).await;
    let looks = looks(&told);
    let [(place, "bad", [state])] = looks[..] else {
        panic!("{looks:?}");
    };
    assert_eq!(
        (state.service.as_str(), state.problem.as_deref()),
        ("cache", Some("no answer"))
    );
    assert!(matches!(
        told.events[place + 1].kind,
        EventKind::AttemptFinished { .. }
    ));
}

#[tokio::test]
async fn after_a_good_attempt_nobody_looks() {
    let told = told(suite(&["good"]), orders(), unwell(&[])).await;
    assert_eq!(told.world.looks.load(Ordering::SeqCst), 0);
    assert!(looks(&told).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_look_that_takes_too_long_is_given_up() {
    let script = Script {
        mute: true,
        ..unwell(&[("bad", &[Act::FailCheck])])
    };
    let told = told(suite(&["bad"]), orders(), script).await;
    assert_eq!(told.world.looks.load(Ordering::SeqCst), 1);
    assert!(looks(&told).is_empty());
}
