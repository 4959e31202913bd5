//! What is no division, and what cannot be shared.

use super::*;

#[test]
fn a_division_has_limits_and_each_is_told_with_what_to_do() {
    assert_eq!(Division::even(0), Err(BadDivision::NoShares));
    assert_eq!(Division::even(MAX_SHARES).unwrap().shares(), MAX_SHARES);
    let beyond = MAX_SHARES + 1;
    assert_eq!(Division::even(beyond), Err(BadDivision::ManyShares(beyond)));
    assert_eq!(
        Division::weighted(vec![1; beyond]),
        Err(BadDivision::ManyShares(beyond))
    );
    assert_eq!(
        Division::weighted(vec![3, 0]),
        Err(BadDivision::NoWeight(1))
    );
    assert!(Division::weighted(vec![MAX_WEIGHTS - 1, 1]).is_ok());
    let refused = Division::weighted(vec![MAX_WEIGHTS, 1]).unwrap_err();
    assert_eq!(
        refused,
        BadDivision::ManyWeights(u64::from(MAX_WEIGHTS) + 1)
    );
    assert!(refused.to_string().contains("round them"));
}

#[test]
fn weights_are_what_they_are_to_each_other() {
    let division = Division::weighted(vec![3_000_000_000, 1_000_000_000]).unwrap();
    assert_eq!(division, Division::weighted(vec![6, 2]).unwrap());
    assert_eq!(division.weights(), [3, 1]);
}

#[test]
fn a_division_is_read_from_the_list_of_its_weights_and_checked() {
    let read = |text: &str| serde_json::from_str::<Division>(text);
    let division = read("[4,2]").unwrap();
    assert_eq!(serde_json::to_string(&division).unwrap(), "[2,1]");
    let refused = read("[1,0]").unwrap_err().to_string();
    assert!(refused.contains("share 1 has the weight 0"), "{refused}");
}

#[test]
fn there_is_no_share_beyond_the_last() {
    let plan = random_closed(&mut fastrand::Rng::with_seed(1));
    let division = Division::even(2).unwrap();
    let parts = division.parts(&plan).unwrap();
    assert_eq!(division.part(&plan, 1).as_ref(), Ok(&parts[1]));
    assert_eq!(
        division.part(&plan, 2),
        Err(NotShared::NoSuchShare { number: 2, of: 2 })
    );
}

#[test]
fn a_search_is_shared_only_by_who_leads_it() {
    let steps = Steps {
        first: 4.0,
        step: 3.0,
        last: 10.0,
        hold: Duration::from_secs(1),
    };
    let division = Division::even(3).unwrap();
    for executor in [
        Executor::SearchingVus(steps),
        Executor::SearchingArrivalRate(steps),
    ] {
        let plan = plan(executor, 20);
        assert_eq!(Sharing::of(plan.executor()), Sharing::Led);
        let refused = division.part(&plan, 0).unwrap_err();
        assert_eq!(refused, NotShared::Search);
        assert!(refused.to_string().contains("led_part"));
        assert_eq!(division.parts(&plan), Err(NotShared::Search));
        // One machine has the samples of all.
        let alone = Division::even(1).unwrap();
        assert_eq!(alone.part(&plan, 0), Ok(Part::whole(plan.clone())));
        // Each step is divided as any other level.
        let parts: Vec<_> = (0..3)
            .map(|number| division.led_part(&plan, number))
            .collect();
        let schedule = Schedule::of(&plan).unwrap();
        for (second, level) in [(0, 4), (1, 7), (2, 10)] {
            assert_eq!(schedule.vus_at(Duration::from_secs(second)), level);
            let own = parts
                .iter()
                .map(|part| part.as_ref().unwrap().vus_of(level));
            assert_eq!(own.sum::<u32>(), level);
        }
    }
}

#[test]
fn each_executor_says_how_near_its_shares_come_to_one_machine() {
    let counted = Executor::SharedIterations {
        vus: 2,
        iterations: 5,
    };
    assert_eq!(Sharing::of(&counted), Sharing::CountsAlone);
    let held = Executor::ConstantVus {
        vus: 2,
        duration: Duration::from_secs(1),
    };
    assert_eq!(Sharing::of(&held), Sharing::Exact);
}

#[test]
fn the_largest_division_has_all_virtual_users() {
    let mut weights = vec![1; MAX_SHARES];
    let others: u32 = weights[1..].iter().sum();
    weights[0] = MAX_WEIGHTS - others;
    let division = Division::weighted(weights).unwrap();
    let held = Executor::ConstantVus {
        vus: crate::plan::MAX_VUS,
        duration: Duration::from_secs(1),
    };
    let parts = division.parts(&plan(held, 0)).unwrap();
    let vus: Vec<_> = parts.iter().map(Part::vus).collect();
    assert_eq!(vus.iter().sum::<u32>(), crate::plan::MAX_VUS);
    assert_eq!((vus[0], vus[1], vus[MAX_SHARES - 1]), (90_010, 10, 10));
}
