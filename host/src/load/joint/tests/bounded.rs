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
    let reason = "(2.26 % of the load was not made by then, and 2 % is the most that was wished);";
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
        " % of the load was not made by then, and 11 % is the most",
        "`b` was lost",
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
    assert!(came.why().contains("(7.2"), "{}", came.why());
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
    // `e` to four; of `d` its own to three, and one piece as it is; of `c` its own to two, and two pieces as they are.
    assert_eq!(deals.len(), 4 + (3 + 1) + (2 + 2));
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

/// Of three machines the first is lost before it is ready; then none can be begun again.
#[derive(Debug)]
struct GoesAway(std::sync::atomic::AtomicBool);

#[async_trait]
impl Machines for GoesAway {
    fn list(&self) -> Vec<Machine> {
        Scripted(std::sync::Mutex::default()).list()
    }

    async fn start(&self, shares: Vec<ShareWork>) -> Result<Vec<Remote>, Refusal> {
        if self.0.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return Err(Refusal::Broke(
                "there are no agents any more\nhint: see why".to_owned(),
            ));
        }
        let remotes = shares.iter().map(|_| {
            let (tell, words) = mpsc::channel(1);
            tell.try_send(Err(Lost::new("the server is gone"))).unwrap();
            let (commands, _) = mpsc::unbounded_channel();
            Remote { words, commands }
        });
        Ok(remotes.collect())
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_that_cannot_be_begun_again_is_lost_with_the_machine_that_was_lost() {
    let (recorder, _told) = heard_recorder();
    let joint = joint(constant(), &recorder, Arc::new(GoesAway(false.into())));
    let (_wanted, stopped) = watch::channel(false);
    let ended = joint.conduct(stopped).await.unwrap();
    assert!(ended.lost.is_some());
    let why = recorder.evidence().lost_load.unwrap();
    for part in [
        "was lost before the load began (the server is gone)",
        "(there are no agents any more);",
    ] {
        assert!(why.contains(part), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_make_all_of_a_load_because_another_is_lost_is_not_the_one_to_blame() {
    let never = Script {
        never_ready: true,
        ..Script::default()
    };
    let narrow = Script {
        most: 2,
        ..Script::default()
    };
    let came = played(constant_vus(4, 20), None, &[("a", narrow), ("b", never)]).await;
    let why = came.why();
    for part in [
        "`b` was lost before the load began",
        "so much is not granted",
    ] {
        assert!(why.contains(part), "{why}");
    }
    // What the plugin itself was refused, and not that the machine may make no more.
    assert_eq!(came.refused, 1);
    assert_eq!(came.ended.lost.unwrap().machine, "b");
}

#[tokio::test(start_paused = true)]
async fn each_loss_is_told_with_what_was_missing_also_when_another_one_ends_the_load() {
    let scripts = [
        ("a", slow(60_000)),
        ("b", lost_after(6_300)),
        ("c", lost_after(4_300)),
    ];
    let came = played(constant_vus(6, 20), Some(20), &scripts).await;
    assert!(came.why().contains("20 % is the most"), "{}", came.why());
    let told = came.ended.refilled.iter();
    let told: Vec<_> = told
        .map(|one| (&*one.lost.machine, one.missing_percent > 1.0))
        .collect();
    assert!(
        !told.is_empty() && told.iter().all(|(_, is_missing)| *is_missing),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn starts_that_waited_at_a_lost_machine_are_missing_as_well() {
    // Each start takes 1 s, so one virtual user makes one of many, and the others wait.
    let busy = |script| Script {
        takes: SECOND,
        ..script
    };
    let executor = Executor::ConstantArrivalRate {
        per_second: 40.0,
        duration: Duration::from_secs(20),
    };
    let plan = Plan::new(Draft {
        max_vus: 4,
        late: Duration::from_secs(10),
        ..Draft::new("browse", executor)
    });
    let scripts = [
        ("a", busy(Script::default())),
        ("b", busy(lost_after(5_000))),
    ];
    let came = played(plan.unwrap(), Some(50), &scripts).await;
    let refill = came.refilled();
    assert!(refill.dropped > 50, "{refill:?}");
    let counted = u32::try_from(refill.dropped).unwrap();
    let expected = f64::from(counted) / 800.0 * 100.0;
    assert!(
        (refill.missing_percent - expected).abs() < 0.01,
        "{refill:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_machine_without_a_virtual_user_is_no_loss() {
    let scripts = [
        ("a", Script::default()),
        ("b", lost_after(4_300)),
        ("c", lost_after(5_300)),
    ];
    for refill in [None, Some(50)] {
        let came = played(constant_vus(1, 20), refill, &scripts).await;
        assert_eq!(came.outcome().most_vus, 1);
        assert_eq!(came.ended.hole, Hole::default());
        assert_eq!(came.told, []);
    }
}
