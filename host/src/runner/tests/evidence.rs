//! What is told besides of an attempt that went bad.

use std::time::Duration;

use assay_report::event::{EventKind, Source};
use tokio::time::Instant;

use super::script::{Act, Script, orders, suite, tell, told};
use crate::runner::interrupt::{Force, Interrupt};

fn failing(wrote: &'static [&'static str]) -> Script {
    Script {
        wrote,
        ..Script::of(&[("bad", &[Act::FailCheck])])
    }
}

#[tokio::test]
async fn what_services_wrote_is_told_of_a_bad_attempt_before_it_ends_and_of_no_other() {
    let told = told(suite(&["good", "bad"]), orders(), failing(&["a line"])).await;
    let kinds: Vec<&EventKind> = told.events.iter().map(|event| &event.kind).collect();
    let wrote = kinds
        .iter()
        .enumerate()
        .filter_map(|(at, kind)| match kind {
            EventKind::ServiceWrote {
                source,
                service,
                lines,
                dropped_lines,
            } => Some((
                at,
                &*source.entry,
                &**service,
                lines.concat(),
                *dropped_lines,
            )),
            _ => None,
        });
    let wrote: Vec<_> = wrote.collect();
    let [(at, entry, service, lines, dropped)] = &wrote[..] else {
        panic!("{wrote:?}");
    };
    assert_eq!(
        (*entry, *service, &**lines, *dropped),
        ("bad", "there", "a line", 3)
    );
    let of_bad = |source: &Source| source.entry == "bad";
    let ended = kinds.iter().position(
        |kind| matches!(kind, EventKind::AttemptFinished { source, .. } if of_bad(source)),
    );
    assert!(ended.is_some_and(|ended| ended > *at));
}

#[tokio::test(start_paused = true)]
async fn services_that_never_say_what_they_wrote_hold_nothing_up_for_long() {
    for (cut_off, expected) in [(false, 5), (true, 1)] {
        let script = Script {
            dumb: true,
            ..failing(&["a line"])
        };
        let interrupt = Interrupt::default();
        let stop = async {
            if cut_off {
                tokio::time::sleep(Duration::from_secs(1)).await;
                interrupt.stop(Force::Cancel, "Ctrl-C");
            }
        };
        let began = Instant::now();
        let run = tell(vec![suite(&["bad"])], orders(), script, interrupt.clone());
        let (told, ()) = tokio::join!(run, stop);
        let wrote = |kind: &EventKind| matches!(kind, EventKind::ServiceWrote { .. });
        assert!(!told.events.iter().any(|event| wrote(&event.kind)));
        assert_eq!(began.elapsed().as_secs(), expected, "cut off: {cut_off}");
    }
}
