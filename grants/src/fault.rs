//! Kinds of faults, as the actions of the contract (`wit/v0.1/chaos.wit`) are called.

use std::{fmt, str::FromStr};

use assay_report::hint::nearest;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    invalid::Invalid,
    items::{Item, written_as_text},
};

/// The actions of the contract. A test holds them to its text.
pub const KINDS: [&str; 16] = [
    "stop",
    "kill",
    "pause",
    "restart",
    "disconnect",
    "limit-memory",
    "limit-cpu",
    "latency",
    "bandwidth",
    "blackhole",
    "refuse",
    "reset",
    "cut-after-bytes",
    "cut-after-ms",
    "slow-close",
    "drop-first",
];

/// A kind of fault, or all of them (`*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `*`.
    Any,
    /// One of [`KINDS`].
    Kind(&'static str),
}

written_as_text!(Fault);

/// By hand: a derived one would want its input to live as long as the names of the kinds.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::try_from(text).map_err(D::Error::custom)
    }
}

impl Fault {
    /// Whether this grants a fault of this kind.
    pub fn grants(&self, kind: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Kind(one) => *one == kind,
        }
    }
}

impl Item for Fault {
    fn covers(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }
}

impl FromStr for Fault {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let kind = KINDS.into_iter().find(|kind| *kind == text);
        kind.map(Self::Kind).ok_or_else(|| {
            let hint = match nearest(text, KINDS) {
                Some(near) => format!("is `{near}` meant?"),
                None => format!("there are `*` and {}", KINDS.join(", ")),
            };
            Invalid::new(text, "is no kind of fault", hint)
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Any => "*",
            Self::Kind(kind) => kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_the_actions_of_the_contract() {
        let contract = include_str!("../../wit/v0.1/chaos.wit");
        let (_, rest) = contract.split_once("variant action {").unwrap();
        let (actions, _) = rest.split_once("\n  }").unwrap();
        let lines = actions.lines().map(str::trim);
        let names = lines.filter(|line| !line.is_empty() && !line.starts_with("///"));
        let names: Vec<&str> = names
            .map(|line| line.trim_end_matches(',').split('(').next().unwrap())
            .collect();
        assert_eq!(names, KINDS);
    }

    #[test]
    fn a_slip_is_recognised() {
        use assay_report::hint::Hinted as _;
        let error = "pasue".parse::<Fault>().unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("is `pause` meant?"));
    }
}
