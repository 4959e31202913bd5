//! An encoded histogram before it is decoded: inflated within a bound, and looked at.
//!
//! The decoder trusts what it reads. It takes as much memory as the head says that there are counts, which may be 4 GiB in a head of 40 bytes,
//! and negates and adds counts without a look. The layout is that of the encoding V2 of HDR histograms
//! (<https://github.com/HdrHistogram/HdrHistogram/blob/master/src/main/java/org/HdrHistogram/EncodableHistogram.java>).

use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// What the deflated form begins with.
const DEFLATED: u32 = 0x1c84_9314;
/// Bytes before the deflated ones: the number above, and how many there are.
const BEFORE: usize = 8;
/// Bytes before the counts: a number, how many bytes the counts have, an offset, the digits, the lowest and the highest value, a ratio.
const HEAD: usize = 40;
/// The significant digits of all histograms here; with more, one of them may take 50 MB.
const MAX_DIGITS: u32 = 3;
/// Bytes of a count.
const MAX_COUNT_BYTES: usize = 9;
/// Bytes of counts: a histogram of three digits has less than 60,000.
const MAX_COUNTS: usize = 60_000 * MAX_COUNT_BYTES;

/// The plain form of a deflated histogram, if decoding it costs no more than it may.
pub(super) fn inflated(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (Some(DEFLATED), Some(length), Some(body)) =
        (number(bytes, 0), number(bytes, 4), bytes.get(BEFORE..))
    else {
        return Err("it does not begin like one that is deflated".to_owned());
    };
    let limit = (HEAD + MAX_COUNTS) as u64;
    let mut plain = Vec::new();
    ZlibDecoder::new(body.take(length.into()))
        .take(limit + 1)
        .read_to_end(&mut plain)
        .map_err(|error| error.to_string())?;
    if plain.len() as u64 > limit {
        return Err(format!("it has more than {limit} bytes"));
    }
    let (Some(said), Some(digits), Some(counts)) =
        (number(&plain, 4), number(&plain, 12), plain.get(HEAD..))
    else {
        return Err("its head breaks off".to_owned());
    };
    if u32::try_from(counts.len()) != Ok(said) {
        let found = counts.len();
        return Err(format!("it has {found} bytes of counts and says {said}"));
    }
    if digits > MAX_DIGITS {
        return Err(format!("it has {digits} digits, more than {MAX_DIGITS}"));
    }
    if !can_be_added(counts) {
        return Err("its counts are more than 2^63".to_owned());
    }
    Ok(plain)
}

/// The four bytes from there.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

/// Whether the counts, and the zeros that stand for many, are below 2^63 all together.
fn can_be_added(mut counts: &[u8]) -> bool {
    let mut sum = 0_i64;
    while !counts.is_empty() {
        let (value, length) = variable(counts);
        counts = &counts[length..];
        // ZigZag: the lowest bit is the sign.
        let half = i64::try_from(value >> 1).unwrap_or(i64::MAX);
        let next = half.checked_add((value & 1).cast_signed());
        let Some(next) = next.and_then(|magnitude| sum.checked_add(magnitude)) else {
            return false;
        };
        sum = next;
    }
    true
}

/// The first number in LEB128 whose ninth byte is whole, and how many bytes it has. What breaks off is for the decoder to refuse.
fn variable(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(MAX_COUNT_BYTES).enumerate() {
        let is_last = place + 1 == MAX_COUNT_BYTES;
        let bits = if is_last { *byte } else { byte & 0x7F };
        value |= u64::from(bits) << (7 * place);
        if is_last || byte & 0x80 == 0 {
            return (value, place + 1);
        }
    }
    (value, bytes.len())
}
