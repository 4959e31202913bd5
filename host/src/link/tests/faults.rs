//! Faults on what flows: each is seen on an open connection and on a new one, and so is its heal.

use tokio::time::Instant;

use super::{
    super::{Action, Delay, Direction, Fault, FaultId, MAX_FAULTS, MAX_HELD_BYTES, Met},
    *,
};

/// A delay that no test waits for: what arrives in spite of it was let go by a heal.
const AGES: u32 = 600_000;

fn latency(milliseconds: u32, jitter: u32) -> Fault {
    let delay = Delay {
        milliseconds,
        jitter,
    };
    Action::Latency(delay).into()
}

impl Pair {
    /// An open connection and a new one, both with the fault.
    async fn both(&self, fault: impl Into<Fault>) -> (FaultId, [Ends; 2]) {
        let mut open = self.connect().await;
        open.work().await;
        let id = self.link.apply(fault).unwrap();
        (id, [open, self.connect().await])
    }

    async fn meets(&self, id: FaultId, met: Met) {
        eventually("the fault meets traffic", || self.link.met(id) == Some(met)).await;
    }
}

#[tokio::test]
async fn who_observes_counts_what_begins_and_what_carries_bytes_and_disturbs_nothing() {
    let pair = Pair::open().await;
    let [mut busy, mut idle] = [pair.connect().await, pair.connect().await];
    idle.work().await;
    busy.work().await;
    let id = pair.link.apply(Action::Observe).unwrap();
    busy.work().await;
    let mut new = pair.connect().await;
    pair.meets(
        id,
        Met {
            connections: 2,
            bytes: 14,
        },
    )
    .await;
    new.work().await;
    let places: Vec<_> = (0..MAX_FAULTS)
        .map(|_| pair.link.apply(Action::SlowClose(1)).unwrap())
        .collect();
    assert!(pair.link.apply(Action::Observe).is_ok());
    assert!(pair.link.apply(Action::SlowClose(1)).is_err());
    for place in places {
        pair.link.heal(place).unwrap();
    }
    idle.work().await;
    let met = pair.link.heal(id).unwrap();
    assert_eq!((met.connections, met.bytes), (3, 42));
    assert_eq!(pair.link.traffic().met, Met::default());
}

#[tokio::test]
async fn latency_delays_each_way() {
    let pair = Pair::open().await;
    let (id, all) = pair.both(latency(60, 20)).await;
    for mut ends in all {
        let start = Instant::now();
        ends.work().await;
        let elapsed = start.elapsed();
        assert!(elapsed >= Duration::from_millis(80), "{elapsed:?}");
    }
    let met = pair.link.heal(id).unwrap();
    assert_eq!((met.connections, met.bytes), (2, 28));
    assert_eq!(pair.link.traffic().met, met);
}

#[tokio::test]
async fn what_a_latency_holds_arrives_when_it_is_healed() {
    let pair = Pair::open().await;
    let (id, mut all) = pair.both(latency(AGES, 0)).await;
    for ends in &mut all {
        ends.client.write_all(b"late").await.unwrap();
        ends.client.shutdown().await.unwrap();
    }
    let met = Met {
        connections: 2,
        bytes: 8,
    };
    pair.meets(id, met).await;
    for ends in &all {
        nothing_arrived(&ends.server);
    }
    assert_eq!(pair.link.heal(id), Some(met));
    for mut ends in all {
        assert_eq!(
            end_of(&mut ends.server).await,
            (b"late".to_vec(), End::Closed)
        );
        pass(&mut ends.server, &mut ends.client, b"prompt").await;
    }
    pair.connect().await.work().await;
    assert_eq!(pair.link.traffic().met, met);
}

#[tokio::test]
async fn a_smaller_latency_lets_go_what_the_larger_one_held() {
    let pair = Pair::open().await;
    let mut ends = pair.connect().await;
    let large = pair.link.apply(latency(AGES, 0)).unwrap();
    pair.link.apply(latency(1, 0)).unwrap();
    ends.client.write_all(b"late").await.unwrap();
    let met = Met {
        connections: 1,
        bytes: 4,
    };
    pair.meets(large, met).await;
    pair.link.heal(large).unwrap();
    arrives(&mut ends.server, b"late").await;
    ends.work().await;
}

#[tokio::test]
async fn a_jitter_keeps_the_order() {
    let pair = Pair::open().await;
    let mut ends = pair.connect().await;
    let id = pair.link.apply(latency(10, 10)).unwrap();
    let bytes: Vec<u8> = (0..100).collect();
    for (count, byte) in (1..).zip(&bytes) {
        ends.client.write_all(&[*byte]).await.unwrap();
        eventually("it is read", || {
            pair.link.met(id).is_some_and(|met| met.bytes == count)
        })
        .await;
    }
    arrives(&mut ends.server, &bytes).await;
}

#[tokio::test]
async fn a_link_holds_no_more_than_its_limit_and_slows_the_sender_down() {
    let pair = Pair::open().await;
    let Ends {
        mut client,
        mut server,
    } = pair.connect().await;
    let id = pair.link.apply(latency(AGES, 0)).unwrap();
    let bytes = random_bytes(64 << 20, &mut fastrand::Rng::with_seed(1));
    let sent = bytes.clone();
    let sending = tokio::spawn(async move { client.write_all(&sent).await });
    let held = MAX_HELD_BYTES as u64;
    eventually("it is full", || pair.link.met(id).unwrap().bytes == held).await;
    assert!(!sending.is_finished());
    nothing_arrived(&server);
    assert_eq!(pair.link.heal(id).unwrap().bytes, held);
    arrives(&mut server, &bytes).await;
    soon(sending).await.unwrap().unwrap();
}

#[tokio::test]
async fn bandwidth_is_shared_by_all_connections() {
    let pair = Pair::open().await;
    let (id, mut all) = pair.both(Action::Bandwidth(50_000)).await;
    let bytes = [7; 5_000];
    let start = Instant::now();
    for ends in &mut all {
        ends.client.write_all(&bytes).await.unwrap();
    }
    for ends in &mut all {
        arrives(&mut ends.server, &bytes).await;
    }
    let elapsed = start.elapsed(); // 10,000 bytes, of which two pieces of 20 ms may come at once
    assert!(elapsed >= Duration::from_millis(160), "{elapsed:?}");
    let met = pair.link.heal(id).unwrap();
    assert_eq!((met.connections, met.bytes), (2, 10_000));
}

#[tokio::test]
async fn what_a_bandwidth_holds_arrives_when_it_is_healed() {
    let pair = Pair::open().await;
    let (id, mut all) = pair.both(Action::Bandwidth(1)).await;
    let bytes = [7; 1_000];
    for ends in &mut all {
        ends.server.write_all(&bytes).await.unwrap();
    }
    eventually("a byte passes", || pair.link.met(id).unwrap().bytes > 0).await;
    assert!(pair.link.heal(id).unwrap().bytes < 30);
    for ends in &mut all {
        arrives(&mut ends.client, &bytes).await;
        ends.work().await;
    }
    pair.connect().await.work().await;
}

#[tokio::test]
async fn a_blackhole_takes_everything_and_resets_what_lost_bytes_when_it_is_healed() {
    let pair = Pair::open().await;
    let mut idle = pair.connect().await;
    let (id, mut all) = pair.both(Action::Blackhole).await;
    let much = vec![7; MAX_HELD_BYTES * 20];
    for ends in &mut all {
        soon(ends.client.write_all(&much)).await.unwrap();
        ends.server.write_all(b"lost").await.unwrap();
    }
    let met = Met {
        connections: 2,
        bytes: 2 * (much.len() as u64 + 4),
    };
    pair.meets(id, met).await;
    for ends in &all {
        nothing_arrived(&ends.server);
        nothing_arrived(&ends.client);
    }
    assert_eq!(pair.link.heal(id), Some(met));
    for mut ends in all {
        assert_eq!(end_of(&mut ends.server).await, (vec![], End::Reset));
        assert_eq!(end_of(&mut ends.client).await, (vec![], End::Reset));
    }
    idle.work().await;
    pair.connect().await.work().await;
    assert_eq!(pair.link.traffic().met, met);
}

#[tokio::test]
async fn a_blackhole_keeps_an_end_until_it_is_healed() {
    let pair = Pair::open().await;
    let mut ends = pair.connect().await;
    let id = pair.link.apply(Action::Blackhole).unwrap();
    ends.client.shutdown().await.unwrap();
    let met = Met {
        connections: 1,
        bytes: 0,
    };
    pair.meets(id, met).await;
    nothing_arrived(&ends.server);
    pair.link.heal(id).unwrap();
    assert_eq!(end_of(&mut ends.server).await, (vec![], End::Closed));
    pass(&mut ends.server, &mut ends.client, b"still here").await;
}

#[tokio::test]
async fn a_fault_on_one_way_leaves_the_other_alone() {
    for direction in [Direction::Upstream, Direction::Downstream] {
        let pair = Pair::open().await;
        let fault = latency(AGES, 0).on(direction);
        let (id, all) = pair.both(fault).await;
        for (count, Ends { client, server }) in (1..).zip(all) {
            let (mut held, mut free) = match direction {
                Direction::Downstream => (server, client),
                Direction::Both | Direction::Upstream => (client, server),
            };
            held.write_all(b"held").await.unwrap();
            let met = Met {
                connections: count,
                bytes: 4 * count,
            };
            pair.meets(id, met).await;
            nothing_arrived(&free);
            pass(&mut free, &mut held, b"free").await;
            nothing_arrived(&free);
        }
    }
}

#[tokio::test]
async fn slow_close_holds_the_end_back_and_not_the_bytes() {
    let pair = Pair::open().await;
    let (_, all) = pair.both(Action::SlowClose(80)).await;
    for mut ends in all {
        let start = Instant::now();
        ends.client.write_all(b"all").await.unwrap();
        ends.client.shutdown().await.unwrap();
        arrives(&mut ends.server, b"all").await;
        assert_eq!(end_of(&mut ends.server).await, (vec![], End::Closed));
        let elapsed = start.elapsed();
        assert!(elapsed >= Duration::from_millis(80), "{elapsed:?}");
    }
}

#[tokio::test]
async fn an_end_that_is_held_back_comes_when_slow_close_is_healed() {
    let pair = Pair::open().await;
    let (id, mut all) = pair.both(Action::SlowClose(AGES)).await;
    for ends in &mut all {
        ends.server.shutdown().await.unwrap();
    }
    let met = Met {
        connections: 2,
        bytes: 0,
    };
    pair.meets(id, met).await;
    for ends in &all {
        nothing_arrived(&ends.client);
    }
    pair.link.heal(id).unwrap();
    for mut ends in all {
        assert_eq!(end_of(&mut ends.client).await, (vec![], End::Closed));
    }
    let mut new = pair.connect().await;
    new.server.shutdown().await.unwrap();
    assert_eq!(end_of(&mut new.client).await, (vec![], End::Closed));
}
