//! A histogram of a delta: the buckets that have a value and how many, in a few bytes for each.
//!
//! A second of a share fills some hundreds of the 27,000 buckets that an hour has. Adding those costs as much as there are, where a whole
//! histogram would have to be made, filled and added.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::MAX_COUNT;
use super::error::BadTimes;
use crate::samples::bucket;

/// Numbers in LEB128: the sum, the least and the greatest value; then for each bucket how many empty ones are before it, and its count.
/// Nothing at all if there is no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times(Vec<u8>);

/// What is exact of a histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) count: u64,
    pub(crate) sum: u128,
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl Times {
    /// Of buckets in ascending order, each with its count.
    pub(crate) fn new(extent: &Extent, buckets: impl Iterator<Item = (u32, u64)>) -> Self {
        let mut bytes = Vec::new();
        write(&mut bytes, extent.sum);
        write(&mut bytes, extent.min.into());
        write(&mut bytes, extent.max.into());
        let mut next = 0;
        for (bucket, count) in buckets {
            write(&mut bytes, (bucket - next).into());
            write(&mut bytes, count.into());
            next = bucket + 1;
        }
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Shows each bucket by its number and with its count, and answers what is exact. On an error some buckets were shown already.
    pub(crate) fn read(&self, mut each: impl FnMut(u32, u64)) -> Result<Extent, BadTimes> {
        let mut rest = self.0.as_slice();
        if rest.is_empty() {
            return Ok(Extent::default());
        }
        let sum = read(&mut rest)?;
        let mut extent = Extent {
            count: 0,
            sum,
            min: narrow(read(&mut rest)?)?,
            max: narrow(read(&mut rest)?)?,
        };
        let (mut first, mut last, mut next) = (None, 0, 0_u64);
        while !rest.is_empty() {
            let place = next.saturating_add(narrow(read(&mut rest)?)?);
            let bucket = u32::try_from(place).map_err(|_| BadTimes::Bounds)?;
            if bucket > bucket::LAST {
                return Err(BadTimes::Bounds);
            }
            let count = narrow(read(&mut rest)?)?;
            if count == 0 || count > MAX_COUNT - extent.count {
                return Err(BadTimes::Count);
            }
            extent.count += count;
            (first, last, next) = (first.or(Some(bucket)), bucket, place + 1);
            each(bucket, count);
        }
        match first {
            Some(first) if extent.fits(first, last) => Ok(extent),
            _ => Err(BadTimes::Extremes),
        }
    }

    /// What is exact of it, if it is a histogram.
    pub(crate) fn extent(&self) -> Result<Extent, BadTimes> {
        self.read(|_, _| ())
    }
}

impl Extent {
    /// Whether these are the extremes and the sum of values that lie in such buckets.
    fn fits(&self, first: u32, last: u32) -> bool {
        let count = u128::from(self.count);
        let sums = u128::from(self.min) * count..=u128::from(self.max) * count;
        bucket::of(self.min) == first && bucket::of(self.max) == last && sums.contains(&self.sum)
    }
}

fn write(bytes: &mut Vec<u8>, mut number: u128) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7F);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read(bytes: &mut &[u8]) -> Result<u128, BadTimes> {
    let (mut number, mut shift) = (0_u128, 0);
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        // Seven bits at a time, 126 of them: no sum is longer.
        if shift >= 126 {
            return Err(BadTimes::BreaksOff);
        }
        number |= u128::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
        shift += 7;
    }
    Err(BadTimes::BreaksOff)
}

fn narrow(number: u128) -> Result<u64, BadTimes> {
    u64::try_from(number).map_err(|_| BadTimes::BreaksOff)
}

/// As base64: deltas are JSON.
impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text);
        bytes.map(Self).map_err(de::Error::custom)
    }
}
