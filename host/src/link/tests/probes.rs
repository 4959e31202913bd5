//! Probes: they see what the users of a link see, and nobody sees them.

use super::{
    super::{Action, Direction, Fault, Met, Traffic},
    *,
};

/// A probe through the link, both ends of it.
async fn probe(pair: &Pair) -> Ends {
    let client = soon(pair.link.probe()).await.unwrap();
    let (server, _) = soon(pair.target.accept()).await.unwrap();
    Ends { client, server }
}

/// Whether a probe is reset at once.
async fn is_turned_away(pair: &Pair) -> bool {
    match pair.link.probe().await {
        Ok(mut client) => end_of(&mut client).await.1 == End::Reset,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[tokio::test]
async fn a_probe_works_and_is_counted_nowhere() {
    let pair = Pair::open().await;
    let bandwidth = pair.link.apply(Action::Bandwidth(1 << 20)).unwrap();
    let mut ends = probe(&pair).await;
    ends.work().await;
    assert_eq!(pair.link.met(bandwidth), Some(Met::default()));
    assert_eq!(pair.link.traffic(), Traffic::default());
    // The connection after it is counted as ever.
    pair.connect().await.work().await;
    assert_eq!(pair.link.met(bandwidth).unwrap().connections, 1);
    assert_eq!(pair.link.traffic().connections, 1);
}

#[tokio::test]
async fn a_probe_meets_every_fault_of_which_a_share_is_left() {
    let pair = Pair::open().await;
    for (share, meets) in [(1.0, true), (0.01, true), (0.0, false)] {
        let fault = Fault::from(Action::Refuse).for_share(share, 7);
        let id = pair.link.apply(fault).unwrap();
        if meets {
            assert!(is_turned_away(&pair).await, "{share}");
        } else {
            probe(&pair).await.work().await;
        }
        assert_eq!(pair.link.heal(id), Some(Met::default()));
    }
    let hole = Fault::from(Action::Blackhole).on(Direction::Upstream);
    let id = pair.link.apply(hole).unwrap();
    let mut ends = probe(&pair).await;
    ends.client.write_all(b"lost").await.unwrap();
    pass(&mut ends.server, &mut ends.client, b"answer").await;
    nothing_arrived(&ends.server);
    assert_eq!(pair.link.heal(id), Some(Met::default()));
}

#[tokio::test]
async fn a_probe_takes_no_place_of_the_connections_that_are_dropped_first_or_chosen() {
    let pair = Pair::open().await;
    let drop_first = pair.link.apply(Action::DropFirst(1)).unwrap();
    for _ in 0..3 {
        assert!(is_turned_away(&pair).await);
    }
    assert!(pair.turns_away().await);
    assert!(!pair.turns_away().await);
    probe(&pair).await.work().await;
    assert_eq!(pair.link.heal(drop_first).unwrap().connections, 1);

    // The same connections are chosen, with probes between them and without.
    let chosen = async |probes: bool| {
        let pair = Pair::open().await;
        let fault = Fault::from(Action::Refuse).for_share(0.5, 3);
        pair.link.apply(fault).unwrap();
        let mut chosen = Vec::new();
        for _ in 0..16 {
            if probes {
                assert!(is_turned_away(&pair).await);
            }
            chosen.push(pair.turns_away().await);
        }
        chosen
    };
    assert_eq!(chosen(true).await, chosen(false).await);
}
