//! What is granted up to an amount: load and attachments.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::limits::{MAX_DURATION, MAX_RATE, MAX_VUS};

/// How much load at once, how fast, and for how long: `{ vus = 100, rate = 1000, duration = "5m" }`.
///
/// Without a `rate` no load that starts its iterations at a rate is granted. A load that is as fast as the system lets it be has no rate
/// of its own: its virtual users are its ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Load {
    /// Virtual users, from 1 to [`MAX_VUS`].
    pub vus: u32,
    /// Iterations that start each second, above 0 and at most [`MAX_RATE`].
    pub rate: Option<f64>,
    /// From the first iteration to the last, warm-up included; above 0 and at most [`MAX_DURATION`].
    pub duration: Duration,
}

/// A load as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    vus: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    duration: String,
}

impl Load {
    /// Whether whoever has this one needs not have the other one.
    pub fn covers(&self, other: &Self) -> bool {
        let rate = match (self.rate, other.rate) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(held), Some(wanted)) => held >= wanted,
        };
        rate && self.vus >= other.vus && self.duration >= other.duration
    }

    /// The least that covers both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let rate = match (self.rate, other.rate) {
            (Some(one), Some(two)) => Some(one.max(two)),
            (one, two) => one.or(two),
        };
        Self {
            vus: self.vus.max(other.vus),
            rate,
            duration: self.duration.max(other.duration),
        }
    }
}

impl TryFrom<Written> for Load {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            vus,
            rate,
            duration,
        } = written;
        if !(1..=MAX_VUS).contains(&vus) {
            return Err(format!("`vus` is not from 1 to {MAX_VUS}"));
        }
        if rate.is_some_and(|rate| !(rate > 0.0 && rate <= MAX_RATE)) {
            return Err(format!("`rate` is not above 0 and at most {MAX_RATE}"));
        }
        let parsed = humantime::parse_duration(&duration).ok();
        let duration = parsed
            .filter(|duration| !duration.is_zero() && *duration <= MAX_DURATION)
            .ok_or("`duration` is no duration above 0 and of at most 7 days, such as \"5m\"")?;
        Ok(Self {
            vus,
            rate,
            duration,
        })
    }
}

impl From<Load> for Written {
    fn from(load: Load) -> Self {
        Self {
            vus: load.vus,
            rate: load.rate,
            duration: humantime::format_duration(load.duration).to_string(),
        }
    }
}

/// As TOML, on one line.
impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            vus,
            rate,
            duration,
        } = self;
        write!(formatter, "{{ vus = {vus}")?;
        if let Some(rate) = rate {
            write!(formatter, ", rate = {rate}")?;
        }
        let duration = humantime::format_duration(*duration);
        write!(formatter, ", duration = \"{duration}\" }}")
    }
}

/// Bytes of evidence that an attempt may keep: `true` for as much as the contract allows, or a size such as `"4MiB"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attachments {
    /// None.
    #[default]
    Nothing,
    /// At most so many bytes in an attempt, all attachments together.
    UpTo(u64),
    /// As much as the contract allows.
    Everything,
}

/// Units of a size, the largest first.
const UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl Attachments {
    /// Whether nothing is granted.
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }

    /// Reads a size.
    pub(crate) fn size(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no size: write `4MiB`, in B, KiB, MiB or GiB");
        let text = text.trim();
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(unit, _)| text.ends_with(unit))
            .ok_or_else(wrong)?;
        let number = text[..text.len() - unit.len()].trim_end();
        let bytes = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor));
        match bytes.ok_or_else(wrong)? {
            0 => Ok(Self::Nothing),
            bytes => Ok(Self::UpTo(bytes)),
        }
    }
}

/// As in `--grant`: `true`, `false` or a size.
impl fmt::Display for Attachments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Nothing => formatter.write_str("false"),
            Self::Everything => formatter.write_str("true"),
            Self::UpTo(bytes) => {
                let whole = |(_, factor): &(&str, u64)| bytes.is_multiple_of(*factor);
                let (unit, factor) = UNITS.into_iter().find(whole).unwrap_or(("B", 1));
                write!(formatter, "{}{unit}", bytes / factor)
            }
        }
    }
}

impl Serialize for Attachments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_bool(false),
            Self::Everything => serializer.serialize_bool(true),
            Self::UpTo(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Attachments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "`attachments` is `true`, `false` or a size such as \"4MiB\""
        )]
        enum Either {
            All(bool),
            Size(String),
        }
        match Either::deserialize(deserializer)? {
            Either::All(true) => Ok(Self::Everything),
            Either::All(false) => Ok(Self::Nothing),
            Either::Size(text) => Self::size(&text).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Load, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_load_is_read_up_to_its_limits_and_not_beyond() {
        for (text, good) in [
            (r#"{"vus":1,"duration":"1s"}"#, true),
            (r#"{"vus":100000,"rate":1000000,"duration":"7days"}"#, true),
            (r#"{"vus":0,"duration":"1s"}"#, false),
            (r#"{"vus":100001,"duration":"1s"}"#, false),
            (r#"{"vus":1,"rate":0,"duration":"1s"}"#, false),
            (r#"{"vus":1,"rate":1000000.5,"duration":"1s"}"#, false),
            (r#"{"vus":1,"duration":"0s"}"#, false),
            (r#"{"vus":1,"duration":"7days 1s"}"#, false),
            (r#"{"vus":1}"#, false),
            (r#"{"duration":"1s"}"#, false),
            (r#"{"vus":1,"duration":"1s","users":1}"#, false),
        ] {
            assert_eq!(load(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_load_covers_what_is_smaller_in_all() {
        let held = load(r#"{"vus":10,"rate":5,"duration":"1m"}"#).unwrap();
        for (text, covered) in [
            (r#"{"vus":10,"rate":5,"duration":"1m"}"#, true),
            (r#"{"vus":1,"duration":"1m"}"#, true),
            (r#"{"vus":11,"rate":5,"duration":"1m"}"#, false),
            (r#"{"vus":10,"rate":5.1,"duration":"1m"}"#, false),
            (r#"{"vus":10,"rate":5,"duration":"61s"}"#, false),
        ] {
            let wanted = load(text).unwrap();
            assert_eq!(held.covers(&wanted), covered, "{text}");
            assert!(held.join(&wanted).covers(&held) && held.join(&wanted).covers(&wanted));
        }
        let slow = load(r#"{"vus":10,"duration":"1m"}"#).unwrap();
        assert!(!slow.covers(&held));
    }

    #[test]
    fn attachments_are_all_none_or_a_size() {
        for (text, expected) in [
            ("true", Some(Attachments::Everything)),
            ("false", Some(Attachments::Nothing)),
            ("\"4MiB\"", Some(Attachments::UpTo(4 << 20))),
            ("\"0B\"", Some(Attachments::Nothing)),
            (
                "\"17179869183GiB\"",
                Some(Attachments::UpTo(17_179_869_183 << 30)),
            ),
            ("\"17179869184GiB\"", None),
            ("\"4\"", None),
            ("\"-4B\"", None),
            ("4", None),
        ] {
            let read: Option<Attachments> = serde_json::from_str(text).ok();
            assert_eq!(read, expected, "{text}");
            if let Some(read) = read {
                let written = serde_json::to_string(&read).unwrap();
                assert_eq!(serde_json::from_str::<Attachments>(&written).unwrap(), read);
            }
        }
    }
}
