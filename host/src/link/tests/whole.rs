//! Faults on whole connections: each is seen on an open connection and on a new one, and so is its heal.

use tokio::time::Instant;

use super::{
    super::{Action, Fault, FaultError, MAX_FAULTS, Met},
    *,
};

#[tokio::test]
async fn refuse_meets_new_connections_only() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    let id = pair.link.apply(Action::Refuse).unwrap();
    assert!(pair.turns_away().await);
    assert!(pair.turns_away().await);
    open.work().await;
    let met = Met {
        connections: 2,
        bytes: 0,
    };
    assert_eq!(pair.link.heal(id), Some(met));
    assert_eq!(pair.link.traffic().met, met);
    pair.connect().await.work().await;
    open.work().await;
}

#[tokio::test]
async fn reset_meets_open_connections_and_new_ones() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    open.work().await;
    let id = pair.link.apply(Action::Reset).unwrap();
    assert_eq!(end_of(&mut open.client).await, (vec![], End::Reset));
    assert_eq!(end_of(&mut open.server).await, (vec![], End::Reset));
    assert!(pair.turns_away().await);
    assert_eq!(pair.link.heal(id).unwrap().connections, 2);
    pair.connect().await.work().await;
}

#[tokio::test]
async fn exactly_so_many_bytes_arrive_before_a_cut() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    open.work().await;
    let id = pair.link.apply(Action::CutAfterBytes(100)).unwrap();
    for mut ends in [open, pair.connect().await] {
        pass(&mut ends.client, &mut ends.server, &[1; 60]).await;
        // The rest of it may meet a connection that is closed already.
        let _ = ends.server.write_all(&[2; 60]).await;
        assert_eq!(end_of(&mut ends.client).await, (vec![2; 40], End::Closed));
    }
    assert_eq!(pair.link.heal(id).unwrap().connections, 2);
    let mut new = pair.connect().await;
    pass(&mut new.client, &mut new.server, &[3; 200]).await;
}

#[tokio::test]
async fn a_cut_after_bytes_that_is_healed_in_time_does_not_come() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    let id = pair.link.apply(Action::CutAfterBytes(100)).unwrap();
    pass(&mut open.client, &mut open.server, &[1; 99]).await;
    assert_eq!(pair.link.heal(id), Some(Met::default()));
    pass(&mut open.client, &mut open.server, &[1; 200]).await;
    open.work().await;
}

#[tokio::test]
async fn a_cut_after_no_bytes_comes_at_once() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    pair.link.apply(Action::CutAfterBytes(0)).unwrap();
    assert_eq!(end_of(&mut open.client).await, (vec![], End::Closed));
    assert_eq!(end_of(&mut open.server).await, (vec![], End::Closed));
}

#[tokio::test]
async fn a_cut_after_a_time_comes_not_before_it() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    open.work().await;
    let start = Instant::now();
    let id = pair.link.apply(Action::CutAfterMs(100)).unwrap();
    assert_eq!(end_of(&mut open.client).await, (vec![], End::Closed));
    assert_eq!(end_of(&mut open.server).await, (vec![], End::Closed));
    assert!(start.elapsed() >= Duration::from_millis(100));

    let start = Instant::now();
    let mut new = pair.connect().await;
    assert_eq!(end_of(&mut new.server).await, (vec![], End::Closed));
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(pair.link.heal(id).unwrap().connections, 2);
    pair.connect().await.work().await;
}

#[tokio::test]
async fn a_cut_after_a_time_that_is_healed_before_does_not_come() {
    let pair = Pair::open().await;
    let mut healed = pair.connect().await;
    let mut cut = pair.connect().await;
    let id = pair.link.apply(Action::CutAfterMs(1_000)).unwrap();
    healed.work().await;
    pair.link.heal(id).unwrap();
    let later = Fault::from(Action::CutAfterMs(1_001));
    let only_second = |seed: &u64| {
        let later = later.for_share(0.5, *seed);
        !later.selects(Some(0)) && later.selects(Some(1))
    };
    let seed = (0..100).find(only_second).unwrap();
    pair.link.apply(later.for_share(0.5, seed)).unwrap();
    assert_eq!(end_of(&mut cut.client).await, (vec![], End::Closed));
    healed.work().await;
}

#[tokio::test]
async fn only_the_first_new_connections_are_dropped() {
    let pair = Pair::open().await;
    let mut open = pair.connect().await;
    let id = pair.link.apply(Action::DropFirst(2)).unwrap();
    assert!(pair.turns_away().await);
    assert!(pair.turns_away().await);
    pair.connect().await.work().await;
    open.work().await;
    assert_eq!(pair.link.heal(id).unwrap().connections, 2);

    let id = pair.link.apply(Action::DropFirst(2)).unwrap();
    assert!(pair.turns_away().await);
    assert_eq!(pair.link.heal(id).unwrap().connections, 1);
    pair.connect().await.work().await;
}

#[tokio::test]
async fn a_share_meets_exactly_the_connections_that_its_seed_chooses() {
    let pair = Pair::open().await;
    let fault = Fault::from(Action::Refuse).for_share(0.5, 42);
    let id = pair.link.apply(fault).unwrap();
    let mut met = 0;
    for number in 0..20 {
        let expected = fault.selects(Some(number));
        assert_eq!(pair.turns_away().await, expected, "connection {number}");
        met += u64::from(expected);
    }
    assert!((1..20).contains(&met), "the seed chooses some and not all");
    assert_eq!(pair.link.heal(id).unwrap().connections, met);
}

#[tokio::test]
async fn there_are_at_most_so_many_faults_and_a_heal_makes_room() {
    let pair = Pair::open().await;
    let one = pair.link.apply(Action::DropFirst(0)).unwrap();
    for _ in 1..MAX_FAULTS {
        pair.link.apply(Action::DropFirst(0)).unwrap();
    }
    let more = pair.link.apply(Action::DropFirst(0));
    assert_eq!(more, Err(FaultError::TooMany));
    assert_eq!(pair.link.heal(one), Some(Met::default()));
    let another = pair.link.apply(Action::DropFirst(0)).unwrap();
    assert_ne!(another, one);
    assert_eq!(pair.link.heal(one), None, "it is healed already");
    assert_eq!(pair.link.met(one), None);
    assert_eq!(
        pair.link.apply(Action::Bandwidth(0)),
        Err(FaultError::NoBandwidth)
    );
    pair.connect().await.work().await;
}
