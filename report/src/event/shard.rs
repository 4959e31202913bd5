//! Shards: parts of a plan, each of which is run by a host of its own.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{hint::Hinted, words::count};

/// Parts that a plan can be split into: as many as a matrix of GitHub Actions has jobs.
pub const MAX_SHARDS: u32 = 256;

/// Which part of how many, written as `2/4`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Shard {
    /// From 1.
    pub number: u32,
    /// How many there are in all, at most [`MAX_SHARDS`].
    pub of: u32,
}

/// What is known of a shard when it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShardInfo {
    /// Which one it is.
    pub shard: Shard,
    /// How many cases the plan has, all shards together.
    pub plan_cases: u64,
    /// SHA-256 of the ids of all these cases and of the digests of their plugins, hexadecimal: shards with the same one are of the same plan.
    pub plan_digest: String,
}

/// A shard as it became a part of a merged run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergedShard {
    /// Which one.
    pub shard: Shard,
    /// The id of its own run.
    pub run_id: String,
    /// How much later than the first of them it began, by the clocks of their machines, which tell whole seconds.
    pub started_after_ns: u64,
    /// For its random choices.
    pub seed: u64,
    /// How many of its cases ran at once.
    pub jobs: u32,
}

/// What is no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoShard {
    /// It does not look like one.
    #[error("`{0}` is not two whole numbers with `/` between them")]
    NotTwoNumbers(String),
    /// There is no such part.
    #[error("there is no shard {number} of {of}")]
    NotThere {
        /// Which was asked for.
        number: u32,
        /// Of how many.
        of: u32,
    },
    /// They are too many.
    #[error("{of} shards are more than {MAX_SHARDS}")]
    TooMany {
        /// How many were asked for.
        of: u32,
    },
}

impl Hinted for NoShard {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotTwoNumbers(_) | Self::NotThere { of: 0, .. } => {
                "write which one of how many, such as `2/4`".to_owned()
            }
            Self::NotThere { of, .. } => {
                format!("the first one is `1/{of}`, and the last one `{of}/{of}`")
            }
            Self::TooMany { .. } => {
                format!(
                    "split the plan into at most {MAX_SHARDS}; each runs `--jobs` cases at once"
                )
            }
        })
    }
}

impl Shard {
    /// All of a plan in one part.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Refuses what no plan has.
    pub fn new(number: u32, of: u32) -> Result<Self, NoShard> {
        if of > MAX_SHARDS {
            return Err(NoShard::TooMany { of });
        }
        if number == 0 || number > of {
            return Err(NoShard::NotThere { number, of });
        }
        Ok(Self { number, of })
    }

    /// Whether it is all that there is.
    pub fn is_whole(self) -> bool {
        self.of == 1
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let number = |part: &str| part.trim().parse().ok();
        let numbers = text
            .split_once('/')
            .and_then(|(one, of)| Some((number(one)?, number(of)?)));
        let (one, of) = numbers.ok_or_else(|| NoShard::NotTwoNumbers(text.to_owned()))?;
        Self::new(one, of)
    }
}

impl Display for Shard {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.number, self.of)
    }
}

impl ShardInfo {
    /// For people: `2/4 of a plan of 116 cases`.
    pub fn words(&self) -> String {
        let cases = usize::try_from(self.plan_cases).unwrap_or(usize::MAX);
        format!("{} of a plan of {}", self.shard, count(cases, "case"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        for (text, number, of) in [
            ("1/1", 1, 1),
            ("2/4", 2, 4),
            (" 3 / 4 ", 3, 4),
            ("256/256", 256, 256),
        ] {
            assert_eq!(text.parse(), Ok(Shard { number, of }), "{text}");
        }
        assert_eq!(Shard { number: 2, of: 4 }.to_string(), "2/4");
    }

    #[test]
    fn what_is_no_shard_is_refused_with_what_to_write() {
        for (text, error) in [
            ("", "`` is not two whole numbers with `/` between them"),
            ("2", "`2` is not two whole numbers with `/` between them"),
            ("2/", "`2/` is not two whole numbers with `/` between them"),
            (
                "-1/4",
                "`-1/4` is not two whole numbers with `/` between them",
            ),
            (
                "1/2/3",
                "`1/2/3` is not two whole numbers with `/` between them",
            ),
            ("0/4", "there is no shard 0 of 4"),
            ("5/4", "there is no shard 5 of 4"),
            ("1/0", "there is no shard 1 of 0"),
            ("1/257", "257 shards are more than 256"),
        ] {
            let refused = text.parse::<Shard>().expect_err(text);
            assert_eq!(refused.to_string(), error);
            assert!(
                refused.hint().is_some_and(|hint| hint.contains('`')),
                "{text}"
            );
        }
    }
}
