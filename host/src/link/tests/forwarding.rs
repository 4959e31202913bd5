//! What a link without a fault does: nothing that anybody could notice.

use super::{super::Met, *};

/// Sends everything in pieces of random sizes, and then the end.
async fn send(
    mut to: impl AsyncWriteExt + Unpin,
    bytes: &[u8],
    mut random: fastrand::Rng,
) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let most = if random.bool() { 100 } else { 300_000 };
        let (piece, later) = rest.split_at(random.usize(1..=most).min(rest.len()));
        to.write_all(piece).await?;
        rest = later;
    }
    to.shutdown().await
}

#[tokio::test]
async fn random_streams_arrive_unchanged_in_both_directions() {
    for seed in 0..12 {
        let mut random = fastrand::Rng::with_seed(seed);
        let [up, down] = [0; 2].map(|_| {
            let length = random.usize(0..1_000_000);
            random_bytes(length, &mut random)
        });
        let pair = Pair::open().await;
        let Ends { client, server } = pair.connect().await;
        let (mut from_link, to_link) = client.into_split();
        let (mut from_target, to_client) = server.into_split();
        let [mut arrived_up, mut arrived_down] = [Vec::new(), Vec::new()];
        let all = async {
            tokio::try_join!(
                send(to_link, &up, random.fork()),
                send(to_client, &down, random.fork()),
                from_target.read_to_end(&mut arrived_up),
                from_link.read_to_end(&mut arrived_down),
            )
        };
        soon(all).await.unwrap();
        assert!(arrived_up == up, "seed {seed}: upstream differs");
        assert!(arrived_down == down, "seed {seed}: downstream differs");
        let traffic = pair.link.close().await;
        assert_eq!(traffic.connections, 1);
        assert_eq!(traffic.upstream_bytes, up.len() as u64);
        assert_eq!(traffic.downstream_bytes, down.len() as u64);
        assert_eq!(traffic.met, Met::default());
    }
}

#[tokio::test]
async fn an_end_of_one_way_leaves_the_other_open() {
    let pair = Pair::open().await;
    let Ends {
        mut client,
        mut server,
    } = pair.connect().await;
    client.write_all(b"all").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(end_of(&mut server).await, (b"all".to_vec(), End::Closed));
    pass(&mut server, &mut client, b"still here").await;

    let Ends {
        mut client,
        mut server,
    } = pair.connect().await;
    server.shutdown().await.unwrap();
    assert_eq!(end_of(&mut client).await, (vec![], End::Closed));
    pass(&mut client, &mut server, b"still here").await;
    client.shutdown().await.unwrap();
    assert_eq!(end_of(&mut server).await, (vec![], End::Closed));
}

#[tokio::test]
async fn a_reset_of_one_side_resets_the_other() {
    let pair = Pair::open().await;
    let mut ends = pair.connect().await;
    ends.work().await;
    reset(ends.client).unwrap();
    assert_eq!(end_of(&mut ends.server).await.1, End::Reset);

    let mut ends = pair.connect().await;
    ends.work().await;
    reset(ends.server).unwrap();
    assert_eq!(end_of(&mut ends.client).await.1, End::Reset);
}

#[tokio::test]
async fn a_reset_after_an_end_is_passed_on_too() {
    let pair = Pair::open().await;
    let mut ends = pair.connect().await;
    ends.client.shutdown().await.unwrap();
    assert_eq!(end_of(&mut ends.server).await.1, End::Closed);
    reset(ends.client).unwrap();
    let sees_it = async {
        while ends.server.write_all(b"?").await.is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    soon(sees_it).await;
}

#[tokio::test]
async fn an_early_answer_arrives_though_the_rest_of_the_question_is_refused() {
    let pair = Pair::open().await;
    let Ends {
        mut client,
        mut server,
    } = pair.connect().await;
    client.write_all(&vec![0; 100_000]).await.unwrap();
    arrives(&mut server, &[0; 10]).await;
    server.write_all(b"too large").await.unwrap();
    drop(server); // with bytes unread: the system resets
    arrives(&mut client, b"too large").await;
    assert_eq!(end_of(&mut client).await.1, End::Reset);
}

#[tokio::test]
async fn a_target_that_is_not_there_resets_and_one_that_comes_back_is_used() {
    let pair = Pair::open().await;
    let address = pair.target.local_addr().unwrap();
    drop(pair.target);
    assert!(soon(is_reset_at_once(pair.link.address())).await);
    let pair = Pair {
        target: TcpListener::bind(address).await.unwrap(),
        ..pair
    };
    pair.connect().await.work().await;
}

#[tokio::test]
async fn closing_ends_all_connections_and_frees_the_port() {
    let pair = Pair::open().await;
    let mut all = [pair.connect().await, pair.connect().await];
    let address = pair.link.address();
    assert_eq!(pair.link.close().await.connections, 2);
    TcpListener::bind(address).await.unwrap();
    for ends in &mut all {
        assert!(end_of(&mut ends.client).await.0.is_empty());
        assert!(end_of(&mut ends.server).await.0.is_empty());
    }
}

#[tokio::test]
async fn a_dropped_link_is_closed_as_well() {
    let pair = Pair::open().await;
    let mut ends = pair.connect().await;
    let address = pair.link.address();
    drop(pair.link);
    end_of(&mut ends.client).await;
    end_of(&mut ends.server).await;
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    soon(refused).await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_reset_until_one_ends() {
    let pair = Pair::with_limit(2).await;
    let mut first = pair.connect().await;
    let mut second = pair.connect().await;
    assert!(pair.turns_away().await);
    assert_eq!(pair.link.traffic().turned_away, 1);
    assert_eq!(pair.link.traffic().connections, 2);
    first.work().await;
    drop(first);
    let free = async {
        while pair.turns_away().await {
            sleep(Duration::from_millis(1)).await;
        }
    };
    soon(free).await;
    second.work().await;
}

#[tokio::test]
async fn what_connects_before_it_is_known_where_to_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = soon(TcpStream::connect(address)).await.unwrap();
    client.write_all(b"early").await.unwrap();

    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = Link::on(listener, target.local_addr().unwrap()).unwrap();
    assert_eq!(link.address(), address);
    let (mut server, _) = soon(target.accept()).await.unwrap();
    let mut seen = [0; 5];
    soon(server.read_exact(&mut seen)).await.unwrap();
    assert_eq!(&seen, b"early");
    Ends { client, server }.work().await;
    assert_eq!(link.traffic().connections, 1);
}
