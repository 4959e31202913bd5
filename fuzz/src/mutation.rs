//! Mutations of kept inputs for the gate: the same ones each time, so that what fails there fails again.
//!
//! Each is one to four small changes, of the kinds that fuzzers found to be worth most: a bit flipped, a byte of some meaning written, a part
//! removed, repeated or taken from another input, the end cut off.

use fastrand::Rng;

/// The most bytes of a mutated input, so that repeats do not add up.
const MAX_BYTES: usize = 16 << 10;
/// Bytes that formats give a meaning to, or that end something.
const TELLING: &[u8] =
    b"\0\n\r\t \"'\\<>&=#:;,./-*@%[]{}()`|~$09afzA\x1b\x7f\x80\xbf\xc2\xe2\xf0\xfe\xff";

/// The mutation of a kept input that has this number. `others` are what parts are taken from, and may be empty.
pub fn mutated(input: &[u8], others: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Rng::with_seed(number);
    let mut bytes = input.to_vec();
    for _ in 0..random.u32(1..=4) {
        change(&mut bytes, others, &mut random);
    }
    bytes.truncate(MAX_BYTES);
    bytes
}

fn change(bytes: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Rng) {
    let at = random.usize(0..=bytes.len());
    let telling = TELLING[random.usize(..TELLING.len())];
    match random.u8(..8) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.u8(..8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = telling;
            }
        }
        2 => bytes.insert(at, telling),
        3 => {
            bytes.drain(part(bytes.len(), random));
        }
        4 => {
            let repeated = bytes[part(bytes.len(), random)].to_vec();
            splice(bytes, at, &repeated.repeat(random.usize(1..=4)));
        }
        5 => {
            if let Some(other) = others.get(random.usize(0..=others.len())) {
                splice(bytes, at, &other[part(other.len(), random)]);
            }
        }
        6 => bytes.truncate(at),
        _ => splice(bytes, at, &[telling].repeat(random.usize(1..=64))),
    }
}

/// A part of so many bytes, mostly a short one.
fn part(length: usize, random: &mut Rng) -> std::ops::Range<usize> {
    let start = random.usize(0..=length);
    let most = if random.bool() { 16 } else { length };
    start..start + random.usize(0..=most.min(length - start))
}

fn splice(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_mutation_is_the_same_each_time_and_another_with_another_number() {
        let others = [b"other".to_vec()];
        let all = || -> Vec<_> {
            let numbers = 0..1_000;
            numbers
                .map(|number| mutated(b"an input", &others, number))
                .collect()
        };
        assert_eq!(all(), all());
        let different: BTreeSet<_> = all().into_iter().collect();
        assert!(different.len() > 700, "{}", different.len());
        assert!(different.iter().any(|bytes| bytes.starts_with(b"an in")));
    }

    #[test]
    fn nothing_grows_without_end_and_nothing_is_something_too() {
        let long = vec![b'x'; MAX_BYTES];
        for number in 0..1_000 {
            assert!(mutated(&long, &[], number).len() <= MAX_BYTES);
            mutated(&[], &[], number);
        }
    }
}
