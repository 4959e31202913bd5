//! Faults that only take time, in any order and on any way: whatever comes and goes of them, no byte is lost, added or moved.

use super::{
    super::{Action, Delay, Direction, Fault, FaultId},
    *,
};

/// A fault after which all bytes still arrive.
fn slow(random: &mut fastrand::Rng) -> Fault {
    let action = match random.u8(..4) {
        0 => Action::Latency(Delay {
            milliseconds: random.u32(..20),
            jitter: random.u32(..20),
        }),
        1 => Action::Bandwidth(random.u64(200_000..5_000_000)),
        2 => Action::SlowClose(random.u32(..20)),
        _ => Action::Observe,
    };
    let ways = [Direction::Both, Direction::Upstream, Direction::Downstream];
    Fault {
        action,
        direction: ways[random.usize(..ways.len())],
        share: 1.0,
        seed: random.u64(..),
    }
}

/// Makes one fault and heals another, if there is one.
fn change(link: &Link, active: &mut Vec<FaultId>, random: &mut fastrand::Rng) {
    if active.len() < 4 {
        active.push(link.apply(slow(random)).unwrap());
    }
    if random.bool() {
        let healed = active.swap_remove(random.usize(..active.len()));
        assert!(link.heal(healed).is_some());
    }
}

#[tokio::test]
async fn faults_that_take_time_lose_no_byte_however_they_come_and_go() {
    for seed in 0..8 {
        let mut random = fastrand::Rng::with_seed(seed);
        let pair = Pair::open().await;
        let Ends { client, server } = pair.connect().await;
        let (mut answers, mut questions) = client.into_split();
        let (mut asked, mut answering) = server.into_split();
        let bytes = random_bytes(random.usize(1..100_000), &mut random);
        let mut active = Vec::new();
        let sending = async {
            for piece in bytes.chunks(bytes.len() / 8 + 1) {
                change(&pair.link, &mut active, &mut random);
                questions.write_all(piece).await?;
            }
            questions.shutdown().await
        };
        let echoing = async {
            tokio::io::copy(&mut asked, &mut answering).await?;
            answering.shutdown().await
        };
        let mut echoed = Vec::new();
        let all = async { tokio::try_join!(sending, echoing, answers.read_to_end(&mut echoed)) };
        soon(all).await.unwrap();
        assert!(echoed == bytes, "seed {seed}: other bytes came back");
        for fault in active {
            assert!(pair.link.heal(fault).is_some());
        }
    }
}
