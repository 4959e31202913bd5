//! The lock file: what is read is written and read the same, and no change of it goes unseen.

use assay_pins::{Digest, lock::Lock};

use crate::pieces;

/// Bytes of a written lock that are changed, one at a time.
const CHANGES: usize = 8;

/// Reads bytes as a lock, and once more below the digest that fits them, which alone would keep everything out.
pub fn lock(data: &[u8]) {
    let text = pieces::text(data);
    if let Ok(lock) = Lock::from_text(&text) {
        read_back(&lock);
    }
    let body = text.split_once('\n').map_or(&*text, |(_, body)| body);
    if let Ok(lock) = Lock::from_text(&sealed(body)) {
        read_back(&lock);
        no_change_is_unseen(&lock.to_text(), data);
    }
}

fn sealed(body: &str) -> String {
    format!("digest = \"{}\"\n{body}", Digest::of(body.as_bytes()))
}

fn read_back(lock: &Lock) {
    let written = lock.to_text();
    let again = Lock::from_text(&written)
        .unwrap_or_else(|error| panic!("what was written is no lock, {error}: {written}"));
    assert_eq!(again.to_text(), written);
    assert_eq!(again.pins().len(), lock.pins().len());
    for (read, given) in again.pins().zip(lock.pins()) {
        // A relative path is written with `./` before it.
        assert_eq!(read.source.to_string(), given.source.to_string());
        let mut read = read.clone();
        read.source = given.source.clone();
        assert_eq!(read, *given);
    }
}

/// Wherever a byte is changed, no lock is left.
fn no_change_is_unseen(written: &str, data: &[u8]) {
    let places = Digest::of(data);
    for (place, change) in places.bytes().chunks(4).zip(1..).take(CHANGES) {
        let mut bytes = written.as_bytes().to_vec();
        let at = place
            .iter()
            .fold(0, |at, byte| at << 8 | usize::from(*byte))
            % bytes.len();
        bytes[at] ^= change;
        let changed = String::from_utf8_lossy(&bytes);
        assert!(Lock::from_text(&changed).is_err(), "{changed}");
    }
}
