//! Who takes part in a run, and which run it is. These are parts of the names of streams and subjects, so they are short and plain.

use std::{fmt, str::FromStr};

use assay_report::words::one_line;
use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;
use uuid::Uuid;

/// Letters of the longest identity.
pub const MAX_IDENTITY_BYTES: usize = 64;
/// Letters of an identity that tell it from others of a run, as a rule.
pub const SHORT_IDENTITY_BYTES: usize = 6;
/// Bytes of the longest name of an agent.
pub const MAX_NAME_BYTES: usize = 128;
/// Shards of one kind that one agent runs at the same time, at most.
pub const MAX_SLOTS: u32 = 1_024;
/// Addressed shards that one agent runs at the same time, at most: so many loads can go on at once.
pub const MAX_ADDRESSED: usize = 256;
/// Processors that one agent says that it has, at most.
pub const MAX_PROCESSORS: u32 = 65_536;

macro_rules! identity {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// One that nobody else has.
            pub fn random() -> Self {
                Self(Uuid::new_v4().simple().to_string())
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NoIdentity;

            fn from_str(text: &str) -> Result<Self, NoIdentity> {
                checked(text).map(|text| Self(text.to_owned()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

identity! {
    /// A run: 1 to [`MAX_IDENTITY_BYTES`] of `a-z`, `0-9` and `-`.
    RunId
}
identity! {
    /// An agent, from its start to its end: 1 to [`MAX_IDENTITY_BYTES`] of `a-z`, `0-9` and `-`. One that is started again is another one.
    AgentId
}

/// A text that is no identity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no identity: 1 to {MAX_IDENTITY_BYTES} of `a-z`, `0-9` and `-`")]
pub struct NoIdentity(String);

/// A text that is no name of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no name of an agent: give it 1 to {MAX_NAME_BYTES} bytes in one line, of letters that are seen and with none but them at both ends"
)]
pub struct NoName(String);

/// A name that an agent may have: reports have it in the middle of their lines, so it is one that stays there, and all of it is seen.
pub fn checked_name(text: &str) -> Result<&str, NoName> {
    let shown = one_line(text);
    let is_seen = shown == text && !text.contains(char::is_control);
    if (1..=MAX_NAME_BYTES).contains(&text.len()) && is_seen {
        return Ok(text);
    }
    let end = shown.floor_char_boundary(MAX_NAME_BYTES);
    Err(NoName(shown[..end].to_owned()))
}

/// What an agent says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentInfo {
    /// Which agent it is.
    pub id: AgentId,
    /// What people call it, such as its machine's name: [`checked_name`].
    pub name: String,
    /// The version of its program; cut to [`MAX_NAME_BYTES`].
    pub version: String,
    /// The contract with plugins that it keeps to; cut in the same way. All of a run keep to the same one.
    pub contract: String,
    /// The version of what its worker is given and tells, which is nothing to this crate. All of a run have the same one.
    pub words: u32,
    /// Shards of cases that it runs at the same time, from 1 to [`MAX_SLOTS`]. Those that are addressed to it run beside them ([`MAX_ADDRESSED`]).
    pub slots: u32,
    /// Processors that it has for loads, from 1 to [`MAX_PROCESSORS`]: the weight of its share of one.
    pub processors: u32,
}

/// What a coordinator says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoordinatorInfo {
    /// The version of its program.
    pub version: String,
    /// The contract with plugins that its run keeps to.
    pub contract: String,
    /// The version of what workers of its run are given and tell.
    pub words: u32,
}

impl AgentInfo {
    /// How what a run calls it begins where another agent of the run has its name, too; as a rule that is all of it.
    pub fn name_beside_others(&self) -> String {
        self.named_with(SHORT_IDENTITY_BYTES)
    }

    /// Its name with so many letters of its identity.
    pub(crate) fn named_with(&self, length: usize) -> String {
        // An identity has no letters of more than a byte.
        let id = self.id.as_str().get(..length);
        format!("{}-{}", self.name, id.unwrap_or(self.id.as_str()))
    }

    /// The same as somebody else said it, with texts that stay in their lines.
    pub(crate) fn in_lines(self) -> Self {
        Self {
            name: one_line(&self.name),
            version: one_line(&self.version),
            contract: one_line(&self.contract),
            ..self
        }
    }
}

fn checked(text: &str) -> Result<&str, NoIdentity> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=MAX_IDENTITY_BYTES).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(text);
    }
    Err(NoIdentity(text.chars().take(MAX_IDENTITY_BYTES).collect()))
}

#[cfg(test)]
mod tests {
    use super::{MAX_IDENTITY_BYTES, MAX_NAME_BYTES, RunId, checked_name};

    #[test]
    fn an_identity_is_short_and_plain_or_none() {
        let longest = "a".repeat(MAX_IDENTITY_BYTES);
        for text in ["a", "run-1", &longest, RunId::random().as_str()] {
            assert_eq!(text.parse::<RunId>().unwrap().as_str(), text);
        }
        let longer = "a".repeat(MAX_IDENTITY_BYTES + 1);
        for text in ["", "A", "a.b", "a b", "*", ">", "ä", "a_b", &longer] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<RunId>(&json).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_that_does_not_stay_in_its_line_or_is_not_all_seen_is_none() {
        let longest = "ä".repeat(MAX_NAME_BYTES / 2);
        for text in ["one", "worker-1.example.com", "Ada's machine", &longest] {
            assert_eq!(checked_name(text), Ok(text));
        }
        let longer = format!("{longest}a");
        for text in [
            "",
            " ",
            " one",
            "one ",
            "one\n",
            "one\npassed  shop/buys",
            "one\ttwo",
            "one\u{1b}[2J",
            "one\u{9b}",
            "one\u{202e}two",
            &longer,
        ] {
            let error = checked_name(text).unwrap_err().to_string();
            assert!(!error.contains(['\n', '\u{1b}', '\u{9b}']), "{error}");
            assert!(error.len() < 3 * MAX_NAME_BYTES, "{error}");
        }
    }
}
