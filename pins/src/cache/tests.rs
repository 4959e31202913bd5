use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use super::*;

/// A cache in a folder that goes with it.
fn cache(capacity: u64) -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("plugins"), capacity);
    (folder, cache)
}

fn put(cache: &Cache, bytes: &[u8]) -> Digest {
    let mut incoming = cache.begin().unwrap();
    for part in bytes.chunks(3) {
        incoming.write(part).unwrap();
    }
    assert_eq!(incoming.size(), bytes.len() as u64);
    match incoming.keep(None).unwrap() {
        Kept::Stored { digest, .. } => digest,
        other @ Kept::Other { .. } => panic!("{other:?}"),
    }
}

fn age(cache: &Cache, digest: &Digest, seconds: u64) {
    let file = fs::File::open(cache.path(digest)).unwrap();
    let then = SystemTime::now() - Duration::from_secs(seconds);
    file.set_modified(then).unwrap();
}

fn beside(cache: &Cache) -> usize {
    fs::read_dir(cache.incoming()).map_or(0, Iterator::count)
}

#[test]
fn what_is_put_in_is_found_by_its_digest() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let digest = Digest::of(b"plugin");
    assert_eq!(cache.read(&digest).unwrap(), None);
    assert_eq!(cache.check(&digest).unwrap(), None);
    assert_eq!(put(&cache, b"plugin"), digest);
    assert_eq!(cache.read(&digest).unwrap().unwrap(), b"plugin");
    assert_eq!(cache.check(&digest).unwrap(), Some(6));
    assert_eq!(cache.named(&cache.path(&digest)), Some(digest));
    assert_eq!(cache.named(Path::new(&digest.hexadecimal())), None);
    assert_eq!(beside(&cache), 0);
}

#[test]
fn what_is_no_regular_file_in_its_place_is_refused_and_not_waited_for() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let digest = put(&cache, b"plugin");
    let path = cache.path(&digest);
    fs::remove_file(&path).unwrap();
    let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
    rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).unwrap();
    for kind in ["a pipe", "a folder"] {
        let told = cache.read(&digest).unwrap_err().to_string();
        assert!(told.contains(kind), "{told}");
        assert!(cache.check(&digest).is_err(), "{kind}");
        fs::remove_file(&path)
            .or_else(|_| fs::remove_dir(&path))
            .unwrap();
        fs::create_dir(&path).unwrap();
    }
}

#[test]
fn what_is_not_wanted_is_not_kept() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let mut incoming = cache.begin().unwrap();
    incoming.write(b"tampered").unwrap();
    let wanted = Digest::of(b"plugin");
    let got = Digest::of(b"tampered");
    let kept = incoming.keep(Some(&wanted)).unwrap();
    assert_eq!(kept, Kept::Other { got, size: 8 });
    assert_eq!(cache.check(&wanted).unwrap(), None);
    assert_eq!(cache.check(&got).unwrap(), None);
    assert_eq!(beside(&cache), 0);
}

#[test]
fn what_is_given_up_leaves_nothing() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let mut incoming = cache.begin().unwrap();
    incoming.write(b"half").unwrap();
    assert_eq!(beside(&cache), 1);
    drop(incoming);
    assert_eq!(beside(&cache), 0);
}

#[test]
fn each_flipped_byte_is_seen_and_the_file_is_thrown_away_when_somebody_says_so() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let digest = put(&cache, b"plugin");
    for at in 0..6 {
        let mut bytes = b"plugin".to_vec();
        bytes[at] ^= 4;
        fs::write(cache.path(&digest), &bytes).unwrap();
        for error in [
            cache.read(&digest).unwrap_err(),
            cache.check(&digest).unwrap_err(),
        ] {
            assert!(error.is_damage());
            let CacheError::Damaged { wanted, got, .. } = error else {
                panic!("{error}");
            };
            assert_eq!((wanted, got), (digest, Digest::of(&bytes)));
        }
    }
    cache.discard(&digest).unwrap();
    cache.discard(&digest).unwrap();
    assert_eq!(cache.read(&digest).unwrap(), None);
}

#[test]
fn a_file_that_is_bigger_than_any_plugin_is_damage_and_not_read() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let digest = put(&cache, b"plugin");
    // A sparse file: it has the size and takes no room.
    let file = fs::File::options()
        .write(true)
        .open(cache.path(&digest))
        .unwrap();
    file.set_len(MAX_PLUGIN + 1).unwrap();
    assert!(cache.read(&digest).unwrap_err().is_damage());
    assert!(cache.check(&digest).unwrap_err().is_damage());
}

#[test]
fn the_oldest_go_when_there_is_no_room_and_what_is_needed_stays() {
    let (_folder, cache) = cache(20);
    let oldest = put(&cache, &[1; 10]);
    let needed = put(&cache, &[2; 10]);
    let third = put(&cache, &[3; 10]);
    let newest = put(&cache, &[4; 10]);
    for (digest, seconds) in [(oldest, 400), (needed, 300), (third, 200), (newest, 100)] {
        age(&cache, &digest, seconds);
    }
    let keep = BTreeSet::from([needed]);
    assert_eq!(cache.make_room(&keep).unwrap(), 20);
    let there = |digest| cache.check(digest).unwrap().is_some();
    assert_eq!(
        [&oldest, &needed, &third, &newest].map(there),
        [false, true, false, true]
    );
    assert_eq!(
        cache.make_room(&BTreeSet::new()).unwrap(),
        0,
        "20 bytes fit exactly"
    );
}

#[test]
fn what_was_asked_for_again_is_not_the_oldest() {
    let (_folder, cache) = cache(10);
    let first = put(&cache, &[1; 10]);
    let second = put(&cache, &[2; 10]);
    age(&cache, &first, 200);
    age(&cache, &second, 100);
    cache.renew(&first).unwrap();
    cache.make_room(&BTreeSet::new()).unwrap();
    assert_eq!(cache.check(&first).unwrap(), Some(10));
    assert_eq!(cache.check(&second).unwrap(), None);
    cache.renew(&second).unwrap();
}

#[test]
fn what_a_dead_host_had_begun_goes_and_what_a_living_one_writes_stays() {
    let (_folder, cache) = cache(DEFAULT_CAPACITY);
    let mut living = cache.begin().unwrap();
    living.write(b"plugin").unwrap();
    let keep = BTreeSet::new();
    cache.make_room(&keep).unwrap();
    assert_eq!(beside(&cache), 1);
    let later = SystemTime::now() + Duration::from_hours(25);
    cache.make_room_at(&keep, later).unwrap();
    assert_eq!(beside(&cache), 0);
}

#[test]
fn an_empty_cache_has_room() {
    let (_folder, cache) = cache(0);
    assert_eq!(cache.make_room(&BTreeSet::new()).unwrap(), 0);
}

#[test]
fn several_at_once_leave_one_file_that_is_whole() {
    let (_folder, cache) = cache(1 << 20);
    let bytes = vec![7; 100_000];
    let digest = Digest::of(&bytes);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    put(&cache, &bytes);
                    // Another one may have thrown it away: then it is not there, and never half of it.
                    assert!(matches!(cache.check(&digest), Ok(None | Some(100_000))));
                    cache.make_room(&BTreeSet::new()).unwrap();
                    cache.discard(&digest).unwrap();
                }
            });
        }
    });
    assert_eq!(put(&cache, &bytes), digest);
    assert_eq!(cache.check(&digest).unwrap(), Some(100_000));
    assert_eq!(beside(&cache), 0);
}
