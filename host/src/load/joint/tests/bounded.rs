//! What a refill may leave out, and what it may cost those who take over: how much of a load may be missing, and how many shares each machine has
//! after many losses.

use super::{
    played::{Came, Script, constant_vus, lost_after, played, slow},
    *,
};
use crate::load::ended::Hole;

fn percent(came: &Came) -> f64 {
    came.ended.hole.percent
}

#[tokio::test(start_paused = true)]
async fn a_load_is_lost_at_once_if_more_of_it_is_missing_than_was_wished_when_a_loss_is_known() {
    // Nothing was heard of half of it for 0.9 of 20 s: 2.25 %.
    let scripts = [("a", Script::default()), ("b", lost_after(4_900))];
    let came = played(constant_vus(4, 20), Some(2), &scripts).await;
    let why = came.why();
    let reason = "(2.3 % of the load was not made by then, and 2 % is the most that was wished);";
    assert!(why.contains(reason), "{why}");
    assert_eq!(came.works.len(), 2, "nobody was asked");
    let came = played(constant_vus(4, 20), Some(3), &scripts).await;
    assert!((percent(&came) - 2.25).abs() < 0.01, "{}", percent(&came));
    let told = came.refilled().missing_percent;
    assert!((told - percent(&came)).abs() < 0.001, "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_load_is_lost_as_soon_as_more_of_it_is_missing_than_was_wished_while_others_get_ready() {
    let scripts = [("a", slow(6_000)), ("b", lost_after(4_300))];
    let began = Instant::now();
    let came = played(constant_vus(4, 20), Some(11), &scripts).await;
    let why = came.why();
    // Half of it from 4 s on: 11 % at 8.4 s, so it is seen at 9 s.
    for part in [
        "12.5 % of the load was not made by then, and 11 % is the most",
        "`a`: it was not ready by then",
    ] {
        assert!(why.contains(part), "{why}");
    }
    assert!(began.elapsed() < Duration::from_secs(12));
    let came = played(constant_vus(4, 20), Some(16), &scripts).await;
    assert!((percent(&came) - 15.75).abs() < 0.01, "{}", percent(&came));
}

#[tokio::test(start_paused = true)]
async fn a_load_is_lost_if_more_of_it_was_missing_than_was_wished_once_others_have_begun() {
    // From 4 s to 6.9 s, which is between two looks.
    let scripts = [("a", slow(2_600)), ("b", lost_after(4_300))];
    let came = played(constant_vus(4, 20), Some(7), &scripts).await;
    assert!(came.why().contains("7.3 % of the load"), "{}", came.why());
    assert_eq!(came.works.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn all_losses_of_a_load_count_together() {
    let scripts = [
        ("a", Script::default()),
        ("b", lost_after(8_900)),
        ("c", lost_after(4_900)),
    ];
    // 1.5 % of the first one; of the second its own 1.5 % and half as much of what it had taken over.
    let came = played(constant_vus(6, 20), Some(4), &scripts).await;
    assert!((percent(&came) - 3.75).abs() < 0.01, "{}", percent(&came));
    let came = played(constant_vus(6, 20), Some(3), &scripts).await;
    let why = came.why();
    assert!(why.contains("`b` was lost 8.9 s after"), "{why}");
    assert!(why.contains("and 3 % is the most"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_was_made_up_for_already_goes_to_one_machine_as_it_is() {
    let scripts = [
        ("a", Script::default()),
        ("b", Script::default()),
        ("c", lost_after(7_300)),
        ("d", lost_after(5_300)),
        ("e", lost_after(3_300)),
    ];
    let came = played(constant_vus(60, 20), Some(50), &scripts).await;
    assert_eq!(came.outcome().most_vus, 60);
    let refills = came.works.iter().filter_map(|work| work.refill.as_ref());
    let deals: Vec<_> = refills.map(|refill| refill.deals.len()).collect();
    assert!(deals.iter().all(|deals| *deals == 1), "{deals:?}");
    // `e` to four; of `d` its own to three, and one piece as it is; of `c` its own to two, and the pieces that it had as they are.
    let pieces_of_c = came.works.iter().filter(|work| work.machine == "c").count() - 1;
    assert_eq!(deals.len(), 4 + (3 + 1) + (2 + pieces_of_c));
    let of = |name: &str| {
        came.works
            .iter()
            .filter(|work| work.machine == name)
            .count()
    };
    let (a, b) = (of("a"), of("b"));
    assert!(a.abs_diff(b) <= 1, "{a} and {b}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_lost_before_the_load_begins_is_left_out_and_nothing_is_missing() {
    let never = Script {
        never_ready: true,
        ..Script::default()
    };
    let scripts = [("a", Script::default()), ("b", never)];
    let counted = Executor::PerVuIterations {
        vus: 4,
        iterations: 50,
    };
    for plan in [
        constant_vus(4, 20),
        Plan::new(Draft::new("browse", counted)).unwrap(),
    ] {
        let came = played(plan, None, &scripts).await;
        assert_eq!(came.outcome().most_vus, 4);
        assert_eq!(
            (came.ended.refilled.len(), came.ended.hole),
            (0, Hole::default())
        );
        assert!(came.ended.lost.is_none());
        let [(Level::Warn, text)] = &*came.told else {
            panic!("{:?}", came.told);
        };
        assert!(
            text.contains("`b` was lost before the load began")
                && text.contains("the others make all"),
            "{text}"
        );
        let machines: Vec<_> = came.works.iter().map(|work| &*work.machine).collect();
        assert_eq!(machines, ["a", "b", "a"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_whose_machines_are_all_lost_before_it_begins_is_lost() {
    let never = Script {
        never_ready: true,
        ..Script::default()
    };
    let came = played(constant_vus(4, 20), None, &[("a", never), ("b", never)]).await;
    let why = came.why();
    assert!(why.contains("was lost before the load began"), "{why}");
    assert!(came.ended.lost.is_some());
}
