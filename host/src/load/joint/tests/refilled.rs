//! Machines that are lost, and others that make up for them: each virtual user and each start is made by somebody, or told as missing.

use std::collections::BTreeSet;

use super::{
    played::{
        MILLISECOND, REFUSES, Script, TAKES, constant_rate, constant_vus, lost_after, played, slow,
    },
    *,
};

#[tokio::test(start_paused = true)]
async fn all_virtual_users_of_a_lost_machine_are_made_again_each_by_one_of_the_others() {
    let scripts = [
        ("a", Script::default()),
        ("b", slow(500)),
        ("c", lost_after(4_300)),
    ];
    let came = played(constant_vus(12, 20), Some(50), &scripts).await;
    assert_eq!(came.made_again(2), [3, 6, 9, 12]);
    let outcome = came.outcome();
    assert_eq!(outcome.most_vus, 12);
    // Each makes 200 a second for 20 s, but for two that were missing for 0.3 s, and two for 0.8 s.
    let expected = 12 * 4_000 - 2 * 60 - 2 * 160;
    let iterations = outcome.iterations;
    assert!(iterations.abs_diff(expected) < 60, "{iterations}");
    let refill = came.refilled();
    assert_eq!((&*refill.lost.machine, refill.lost.vus), ("c", 4));
    assert_eq!((refill.from_ns, refill.under_way), (4_000_000_000, 4));
    let by: Vec<_> = refill
        .by
        .iter()
        .map(|one| (&*one.machine, one.vus))
        .collect();
    assert_eq!(by, [("a", 2), ("b", 2)]);
    let begun: Vec<_> = refill
        .by
        .iter()
        .map(|one| one.begun_ns.unwrap() / 1_000_000)
        .collect();
    assert_eq!(begun, [4_300, 4_800]);
    assert_eq!(refill.hole_ns().map(|hole| hole / 1_000_000), Some(800));
    assert_eq!((came.ended.lost.as_ref(), came.lost.as_ref()), (None, None));
    let [(Level::Warn, asked), (Level::Warn, made_up)] = &*came.told else {
        panic!("{:?}", came.told);
    };
    assert!(asked.contains("`a`, `b` will make up for it"), "{asked}");
    assert!(made_up.contains("for 0.8 s it was less"), "{made_up}");
}

#[tokio::test(start_paused = true)]
async fn arrivals_between_a_loss_and_its_refill_are_dropped_once_and_all_others_are_made() {
    let scripts = [
        ("a", slow(2_000)),
        ("b", slow(2_000)),
        ("c", lost_after(5_500)),
    ];
    let came = played(constant_rate(20), Some(50), &scripts).await;
    let outcome = came.outcome();
    // From 5 s, which it has told, to 7.5 s.
    assert_eq!((outcome.dropped, came.refilled().dropped), (250, 250));
    assert_eq!(came.ended.hole.starts, 250);
    assert_eq!(outcome.intended_per_second, Some(300.0));
    let of_refill = outcome.iterations + outcome.dropped;
    assert_eq!(of_refill + u64::from(came.refilled().under_way), 6_000);
    assert_eq!(outcome.latency.succeeded.count, outcome.iterations);
    let most = Duration::from_nanos(outcome.latency.succeeded.max);
    assert!(
        most < TAKES * 2,
        "nothing was made behind its time: {most:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_wish_a_load_is_lost_with_its_machine() {
    let scripts = [("a", Script::default()), ("b", lost_after(4_300))];
    let came = played(constant_vus(4, 20), None, &scripts).await;
    let why = came.why();
    assert!(why.contains("`b` was lost 4.3 s after"), "{why}");
    assert!(!why.contains("make up"), "{why}");
    assert_eq!(came.ended.refilled, []);
    assert!(came.ended.lost.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_load_that_counts_is_lost_with_its_machine_and_says_why_it_cannot_be_refilled() {
    let executor = Executor::PerVuIterations {
        vus: 4,
        iterations: 100_000,
    };
    let plan = Plan::new(Draft::new("browse", executor)).unwrap();
    let scripts = [("a", Script::default()), ("b", lost_after(4_300))];
    let came = played(plan, Some(50), &scripts).await;
    assert!(
        came.why().contains("it counts iterations"),
        "{}",
        came.why()
    );
    assert_eq!(came.works.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_left_the_load_is_lost_for_both_reasons() {
    let scripts = [
        ("a", REFUSES),
        ("b", lost_after(9_000)),
        ("c", lost_after(4_300)),
    ];
    let came = played(constant_vus(6, 20), Some(50), &scripts).await;
    let why = came.why();
    for part in [
        "`b` was lost 9.0 s after the load had begun (its plug was pulled)",
        "no machine is left that could; `a`: so much is not granted",
        "look at that machine",
    ] {
        assert!(why.contains(part), "{why}");
    }
    // What `b` had made up for is told still.
    let refilled: Vec<_> = came
        .ended
        .refilled
        .iter()
        .map(|one| &*one.lost.machine)
        .collect();
    assert_eq!(refilled, ["c"]);
    assert_eq!(came.ended.lost.unwrap().machine, "b");
}

#[tokio::test(start_paused = true)]
async fn a_load_of_which_all_machines_are_lost_has_no_outcome() {
    let scripts = [("a", lost_after(4_300)), ("b", lost_after(4_300))];
    let came = played(constant_vus(6, 20), Some(50), &scripts).await;
    assert!(came.why().contains("no machine is left"), "{}", came.why());
}

#[tokio::test(start_paused = true)]
async fn what_one_machine_refuses_others_make() {
    let scripts = [
        ("a", REFUSES),
        ("b", Script::default()),
        ("c", lost_after(4_300)),
    ];
    let came = played(constant_vus(12, 20), Some(50), &scripts).await;
    assert_eq!(came.outcome().most_vus, 12);
    let names: BTreeSet<_> = came.refilled().by.iter().map(|one| &*one.machine).collect();
    assert_eq!(names, BTreeSet::from(["b"]));
    let vus: u32 = came.refilled().by.iter().map(|one| one.vus).sum();
    assert_eq!(vus, 4);
    // What its plugin was refused is told. That it may make no more load is no refusal of the plugin.
    assert_eq!(came.refused, 1);
    let (_, told) = &came.told[1];
    assert_eq!(
        told,
        "the machine `a` does not make up for another one: so much is not granted"
    );
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_makes_up_for_another_and_is_lost_itself_is_made_up_for_with_all_that_it_had()
 {
    let scripts = [
        ("a", Script::default()),
        ("b", lost_after(9_400)),
        ("c", lost_after(5_500)),
    ];
    let came = played(constant_rate(20), Some(50), &scripts).await;
    let outcome = came.outcome();
    let lost: Vec<_> = came
        .ended
        .refilled
        .iter()
        .map(|one| &*one.lost.machine)
        .collect();
    assert_eq!(lost, ["c", "b", "b"]);
    // Of `c` half a second, and of `b` 0.4 s of its own starts and of those that it had made up for.
    assert_eq!(outcome.dropped, 50 + 40 + 20);
    assert_eq!(came.ended.hole.starts, outcome.dropped);
    let under_way = came
        .ended
        .refilled
        .iter()
        .map(|one| u64::from(one.under_way));
    let all = outcome.iterations + outcome.dropped + under_way.sum::<u64>();
    assert_eq!(all, 6_000);
    assert_eq!(outcome.intended_per_second, Some(300.0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_lost_before_it_has_told_that_it_makes_up_for_another_has_dropped_nothing() {
    // It begins at 4.3 s and is lost before its first second is told.
    let scripts = [
        ("a", Script::default()),
        ("b", lost_after(4_600)),
        ("c", lost_after(4_300)),
    ];
    let came = played(constant_rate(20), Some(50), &scripts).await;
    let outcome = came.outcome();
    // Of `c` 0.3 s of the half that `a` took and 0.6 s of the other half; of `b` its own 0.6 s.
    assert_eq!(outcome.dropped, 15 + 30 + 60);
    assert_eq!(came.ended.hole.starts, outcome.dropped);
    assert_eq!(outcome.intended_per_second, Some(300.0));
}

#[tokio::test(start_paused = true)]
async fn a_loss_that_is_known_after_the_end_is_no_hole_but_a_lost_load() {
    // Its last iteration is under way.
    let long = Script {
        takes: Duration::from_secs(3),
        ..lost_after(11_000)
    };
    let scripts = [("a", Script::default()), ("b", long)];
    let came = played(constant_vus(4, 10), Some(50), &scripts).await;
    let why = came.why();
    assert!(why.contains("(the load was over by then);"), "{why}");
    assert_eq!(came.works.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_ready_to_make_up_for_another_only_after_the_end_comes_too_late() {
    let scripts = [("a", slow(3_000)), ("b", lost_after(8_500))];
    let came = played(constant_vus(4, 10), Some(50), &scripts).await;
    let why = came.why();
    let reason = "(the load was over by then; `a`: it was not ready before the load was over);";
    assert!(why.contains(reason), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_load_that_a_baseline_ends_needs_nobody_to_make_up_for_a_lost_machine() {
    let slowest = Measure::Iterations(Figure::Max);
    let plan = Plan::new(Draft {
        thresholds: vec![Threshold::new("time", "ms", slowest, true).unwrap()],
        ..Draft::new(
            "browse",
            Executor::ConstantVus {
                vus: 6,
                duration: Duration::from_mins(1),
            },
        )
    })
    .unwrap();
    let long = Script {
        takes: MILLISECOND * 50,
        ..slow(30_000)
    };
    let scripts = [("a", long), ("b", slow(200)), ("c", lost_after(500))];
    let came = played(plan, Some(50), &scripts).await;
    assert!(came.outcome().aborted.is_some());
    assert!(came.outcome().elapsed_ns < 5_000_000_000);
    // A part of it was made again, and that is not told as all of it.
    let refill = came.refilled();
    let begun = refill
        .by
        .iter()
        .map(|one| (&*one.machine, one.begun_ns.is_some()));
    assert_eq!(begun.collect::<Vec<_>>(), [("b", true), ("a", false)]);
    assert_eq!((refill.whole_ns(), refill.hole_ns()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_never_ready_to_make_up_for_another_is_left_out_after_a_bound() {
    let scripts = [
        ("a", slow(600_000)),
        ("b", Script::default()),
        ("c", lost_after(4_300)),
    ];
    let came = played(constant_vus(3, 100), Some(50), &scripts).await;
    let refill = came.refilled();
    let names: BTreeSet<_> = refill.by.iter().map(|one| &*one.machine).collect();
    assert_eq!(names, BTreeSet::from(["b"]));
    let whole = Duration::from_nanos(refill.whole_ns().unwrap());
    let bound = Duration::from_millis(4_300) + ALL_READY_TIME;
    assert!(whole >= bound && whole < bound + SECOND * 2, "{whole:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_machine_that_was_given_up_still_tells_is_not_heard() {
    let plan = constant_vus(4, 20);
    let division = Division::even(2).unwrap();
    let mut merging = Merging::new(1, &plan, &division, Arc::default(), recorder()).unwrap();
    let mut late = Filled::new(division.led_part(&plan, 1).unwrap());
    tokio::time::advance(SECOND).await;
    assert_eq!(merging.hear(1, late.took(5)), Ok(false));
    merging.give_up(1);
    merging.make_up_for(1);
    tokio::time::advance(SECOND).await;
    assert_eq!(merging.hear(1, late.took(7)), Ok(false));
    assert_eq!(merging.told_by(1), Some(SECOND));
}
