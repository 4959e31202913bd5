//! What is taken is told once, and comes back from bytes as it was.

use super::*;
use crate::phase::Phase;
use crate::samples::StreamSample;

#[tokio::test(start_paused = true)]
async fn a_delta_has_what_came_since_the_one_before_and_the_times_join() {
    let turns = share(1, 2);
    let shard = turns.worker().shard().clone();
    let mut deltas = Deltas::new(turns.clone());
    request(&shard, "list", None, 1_000);
    advance(Duration::from_millis(1_003)).await;
    let first = only(deltas.take(&Generator::default(), false));
    request(&shard, "list", None, 2_000);
    request(&shard, "list", Some("timeout"), 9_000);
    advance(Duration::from_millis(998)).await;
    let second = only(deltas.take(&Generator::default(), true));
    let third = only(deltas.take(&Generator::default(), true));
    let times =
        [&first, &second, &third].map(|delta| (delta.number(), delta.from_ms, delta.until_ms));
    assert_eq!(times, [(0, 0, 1_003), (1, 1_003, 2_001), (2, 2_001, 2_001)]);
    assert_eq!((first.share(), first.standing().over), (1, false));
    assert!(second.standing().over);
    let counts = |delta: &Delta| {
        let times = &delta.contents.requests.first().unwrap().times;
        [&times.succeeded, &times.failed].map(|times| times.extent().unwrap().count)
    };
    assert_eq!((counts(&first), counts(&second)), ([1, 0], [1, 1]));
    assert_eq!(third.contents, Contents::default());
}

#[tokio::test(start_paused = true)]
async fn it_comes_back_from_bytes_as_it_was() {
    let turns = share(0, 1);
    let shard = turns.worker().shard().clone();
    for time in [0, 63, 64, 5_000_000, 3_600_000_000_001, u64::MAX] {
        request(&shard, "list \"all\" \u{1}…", None, time);
        shard.iteration(Phase::Fault, Some(shard.failure("wrong")), time);
        shard.late(time);
        shard.stream(Phase::Recovery, time, StreamSample::Gap);
    }
    shard.check(shard.check_id("is there"), false);
    shard.lost(Phase::Baseline, 7);
    let generator = Generator {
        saturated: true,
        busiest: 0.1 + 0.2,
        ..Generator::default()
    };
    let delta = only(Deltas::new(turns).take(&generator, true));
    let bytes = delta.to_bytes().unwrap();
    assert_eq!(Delta::from_bytes(&bytes), Ok(delta));
}

#[test]
fn how_late_starts_were_stays_known_where_it_was_measured() {
    let turns = share(0, 1);
    turns.samples().shard().late(50_000_000);
    let mut deltas = Deltas::new(turns.clone());
    deltas.take(&Generator::default(), false);
    turns.samples().shard().late(1_000);
    for _ in 0..3 {
        assert!(turns.samples().lateness_of_the_free() >= Duration::from_millis(50));
        deltas.take(&Generator::default(), false);
    }
}

#[test]
fn a_second_of_a_share_is_some_kilobytes() {
    let turns = share(0, 1);
    let shard = turns.worker().shard().clone();
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..1_000 {
        let time = random.u64(1_000_000..60_000_000);
        shard.iteration(Phase::Baseline, None, time);
        request(&shard, "list", None, time);
    }
    let bytes = only(Deltas::new(turns).take(&Generator::default(), false))
        .to_bytes()
        .unwrap();
    assert!(bytes.len() < 7_000, "{}", bytes.len());
}

#[test]
fn what_does_not_fit_into_one_is_told_in_several_and_all_of_it_once() {
    let turns = share(0, 1);
    let shard = turns.worker().shard().clone();
    let mut random = fastrand::Rng::with_seed(6);
    for name in 0..1_000 {
        // The longest names, of characters that JSON has to escape.
        let name = format!("{name:04}{}", "\u{1}".repeat(252));
        for _ in 0..200 {
            request(&shard, &name, None, random.u64(1_000..1_000_000_000));
        }
        shard.check(shard.check_id(&name), true);
    }
    let deltas = Deltas::new(turns).take(&Generator::default(), true);
    assert!(deltas.len() > 1);
    let (mut requests, mut checks) = (0, 0);
    for (number, delta) in (0..).zip(&deltas) {
        assert_eq!(delta.number(), number);
        assert_eq!(delta.standing().over, number + 1 == deltas.len() as u64);
        assert!(Delta::from_bytes(&delta.to_bytes().unwrap()).is_ok());
        let times = delta
            .contents
            .requests
            .iter()
            .map(|of_name| &of_name.times.succeeded);
        requests += times
            .map(|times| times.extent().unwrap().count)
            .sum::<u64>();
        checks += delta.contents.checks.len();
    }
    assert_eq!((requests, checks), (200_000, 1_000));
}

#[test]
fn the_largest_histogram_fits_into_a_delta_many_times() {
    let each = MAX_COUNT / u64::from(crate::samples::bucket::LAST + 1);
    let buckets = || (0..=crate::samples::bucket::LAST).map(|bucket| (bucket, each));
    let count = buckets().map(|(_, count)| count).sum();
    let most = crate::samples::MOST_TIME;
    let extent = Extent {
        count,
        sum: u128::from(count) * 1_000,
        min: 0,
        max: most,
    };
    let times = Times::new(&extent, buckets());
    assert_eq!(times.extent(), Ok(extent));
    assert!(
        times.bytes().len().div_ceil(3) * 4 * 5 < MAX_BYTES,
        "{}",
        times.bytes().len()
    );
}
