//! Deltas that are broken, of another version, or hostile: each is refused by its own name.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::*;
use crate::samples::MAX_NAME;

/// One with something of everything.
fn good() -> Value {
    let turns = share(0, 1);
    let shard = turns.worker().shard().clone();
    request(&shard, "list", None, 5_000);
    request(&shard, "list", Some("timeout"), 9_000);
    shard.iteration(crate::Phase::Baseline, None, 70_000);
    shard.check(shard.check_id("is there"), true);
    shard.stream(
        crate::Phase::Baseline,
        8_000,
        crate::samples::StreamSample::Connected,
    );
    let delta = only(Deltas::new(turns).take(&Generator::default(), false));
    assert!(delta.check().is_ok());
    serde_json::to_value(delta).unwrap()
}

/// With something else at a place.
fn with(place: &str, other: impl Into<Value>) -> Result<Delta, BadDelta> {
    let mut changed = good();
    *changed.pointer_mut(place).unwrap() = other.into();
    Delta::from_bytes(&serde_json::to_vec(&changed).unwrap())
}

/// Numbers as they are in a histogram.
fn times(numbers: &[u64]) -> String {
    let mut bytes = Vec::new();
    for number in numbers {
        let mut number = *number;
        while number >= 0x80 {
            bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        bytes.push(number.to_le_bytes()[0]);
    }
    BASE64_STANDARD.encode(bytes)
}

#[test]
fn another_version_is_told_as_one_even_if_it_looks_otherwise() {
    assert_eq!(with("/version", 2), Err(BadDelta::Version(2)));
    assert_eq!(
        Delta::from_bytes(br#"{"version":7,"all":"other"}"#),
        Err(BadDelta::Version(7))
    );
    let refused = with("/version", 2).unwrap_err().to_string();
    assert!(refused.contains("hosts of one version"), "{refused}");
}

#[test]
fn what_is_no_delta_is_not_read() {
    for bytes in [&b""[..], b"{", b"[]", br#"{"version":1}"#, b"\xFF\xFE"] {
        let refused = Delta::from_bytes(bytes);
        assert!(
            matches!(refused, Err(BadDelta::Unreadable(_))),
            "{refused:?}"
        );
    }
    let long = vec![b' '; MAX_BYTES + 1];
    assert_eq!(
        Delta::from_bytes(&long),
        Err(BadDelta::TooLong(MAX_BYTES + 1))
    );
    let fits = Delta::from_bytes(&long[1..]);
    assert!(matches!(fits, Err(BadDelta::Unreadable(_))));
    let refused = with("/contents/iterations/0/succeeded", "%%%");
    assert!(matches!(refused, Err(BadDelta::Unreadable(_))));
    // The reason would quote it.
    let refused = with("/share", "x".repeat(MAX_BYTES / 2)).unwrap_err();
    assert!(refused.to_string().len() < 400, "{refused}");
}

#[test]
fn histograms_of_other_bounds_are_refused() {
    for (place, other) in [
        ("/bounds/least_ns", 1_u64),
        ("/bounds/most_ns", 1 << 50),
        ("/bounds/figures", 2),
    ] {
        assert_eq!(with(place, other), Err(BadDelta::Bounds), "{place}");
    }
}

#[test]
fn a_histogram_that_is_none_is_refused_with_what_is_wrong() {
    let last = u64::from(crate::samples::bucket::LAST);
    for (numbers, problem) in [
        // A sum, the least, the greatest; a bucket and its count.
        (&[5_000, 5_000, 5_000, 78][..], BadTimes::BreaksOff),
        (&[5_000, 5_000], BadTimes::BreaksOff),
        (&[5_000, 5_000, 5_000], BadTimes::Extremes),
        (&[5_000, 5_000, 5_000, 77, 1], BadTimes::Extremes),
        (&[10_001, 5_000, 5_000, 78, 2], BadTimes::Extremes),
        (&[9_999, 5_000, 5_000, 78, 2], BadTimes::Extremes),
        (&[5_000, 5_000, 5_000, 78, 0], BadTimes::Count),
        (&[0, 0, 0, 0, MAX_COUNT + 1], BadTimes::Count),
        (&[0, 0, 64, 0, MAX_COUNT, 0, 1], BadTimes::Count),
        (&[1, 0, u64::MAX, last + 1, 1], BadTimes::Bounds),
        (&[1, 0, u64::MAX, u64::MAX, 1], BadTimes::Bounds),
        (&[1, 0, u64::MAX, last, 1, 0, 1], BadTimes::Bounds),
    ] {
        let found = with("/contents/requests/0/succeeded", times(numbers));
        let what = "requests";
        assert_eq!(found, Err(BadDelta::Times { what, problem }), "{numbers:?}");
    }
    let endless = BASE64_STANDARD.encode([0xFF; 40]);
    let problem = BadTimes::BreaksOff;
    let what = "iterations";
    assert_eq!(
        with("/contents/iterations/0/succeeded", endless),
        Err(BadDelta::Times { what, problem })
    );
    let fits = [
        times(&[10_000, 5_000, 5_000, 78, 2]),
        times(&[0, 0, 0, 0, MAX_COUNT]),
        times(&[u64::MAX, u64::MAX, u64::MAX, last, 1]),
    ];
    for times in fits {
        assert!(with("/contents/requests/0/succeeded", times).is_ok());
    }
}

#[test]
fn more_than_a_host_keeps_apart_is_refused() {
    let check = |number: usize| json!({"name": number.to_string(), "passed": 1, "failed": 0});
    let checks = |count| (0..count).map(check).collect::<Vec<_>>();
    assert!(with("/contents/checks", checks(1_001)).is_ok());
    let (what, found, most) = ("checks", 1_002, 1_001);
    assert_eq!(
        with("/contents/checks", checks(found)),
        Err(BadDelta::Many { what, found, most })
    );
    let requests = vec![good()["contents"]["requests"][0].clone(); 3 * 1_001 + 1];
    assert!(matches!(
        with("/contents/requests", requests),
        Err(BadDelta::Many { .. })
    ));
    let failures = vec![json!({"name": "timeout", "count": 1}); 66];
    let refused = with("/contents/requests/0/failures", failures);
    assert!(matches!(
        refused,
        Err(BadDelta::Many {
            found: 66,
            most: 65,
            ..
        })
    ));
    let phases = vec![good()["contents"]["streams"][0].clone(); 4];
    assert!(matches!(
        with("/contents/streams", phases),
        Err(BadDelta::Many { .. })
    ));
    let phases = vec![good()["contents"]["iterations"][0].clone(); 4];
    assert!(matches!(
        with("/contents/iterations", phases),
        Err(BadDelta::Many { .. })
    ));
}

#[test]
fn names_counts_and_times_have_limits() {
    let name = |length| "x".repeat(length);
    for place in [
        "/contents/requests/0/name",
        "/contents/checks/0/name",
        "/contents/requests/0/failures/0/name",
    ] {
        assert!(with(place, name(MAX_NAME)).is_ok());
        assert_eq!(
            with(place, name(MAX_NAME + 1)),
            Err(BadDelta::LongName(MAX_NAME + 1))
        );
    }
    for (place, most) in [
        ("/contents/checks/0/passed", MAX_COUNT),
        ("/contents/streams/0/stalls", MAX_COUNT),
        ("/contents/streams/0/lost", MAX_SUM),
        ("/contents/requests/0/received", MAX_SUM),
        ("/contents/requests/0/failures/0/count", MAX_COUNT),
        ("/standing/dropped", MAX_SUM),
        ("/standing/intended", MAX_SUM),
    ] {
        assert!(with(place, most).is_ok(), "{place}");
        assert!(
            matches!(with(place, most + 1), Err(BadDelta::Count { .. })),
            "{place}"
        );
    }
    assert!(with("/number", MAX_DELTAS - 1).is_ok());
    assert_eq!(
        with("/number", MAX_DELTAS),
        Err(BadDelta::Number(MAX_DELTAS))
    );
    let weeks = u64::try_from(MAX_TIME.as_millis()).unwrap();
    assert!(with("/until_ms", weeks).is_ok());
    assert!(matches!(
        with("/until_ms", weeks + 1),
        Err(BadDelta::Time { .. })
    ));
    assert!(matches!(with("/from_ms", 1), Err(BadDelta::Time { .. })));
    assert!(matches!(
        with("/standing/busiest", 1.01),
        Err(BadDelta::Busiest(_))
    ));
    assert!(with("/standing/busiest", 1.0).is_ok());
}
