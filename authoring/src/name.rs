//! The name of a suite. It is part of each case's id, of the file that is made, and the name of a crate, so that it keeps to the rules of all three.

use std::{fmt, str::FromStr};

use assay_report::hint::Hinted;
use thiserror::Error;

/// The most characters, by the contract (`suite.wit`).
const LONGEST: usize = 64;

/// Names that a crate cannot have: words of the language, and crates that every suite is compiled with.
const TAKEN: [&str; 60] = [
    "abstract",
    "alloc",
    "as",
    "assay-sdk",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "serde-json",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A name in kebab-case with 1 to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SuiteName(String);

/// Why a text is no name of a suite.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// More than 64 characters.
    #[error("`{name}` has {} characters, and a suite's name may have {LONGEST}", .name.chars().count())]
    Long {
        /// As it was given.
        name: String,
    },
    /// Another form.
    #[error("`{name}` is not kebab-case")]
    Form {
        /// As it was given.
        name: String,
        /// What it might become.
        instead: Option<String>,
    },
    /// Something else is called so.
    #[error("a suite cannot be called `{name}`: the compiler knows something else by that name")]
    Taken {
        /// As it was given.
        name: String,
    },
}

impl Hinted for NameError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Long { .. } => "give it a shorter name".to_owned(),
            Self::Form {
                instead: Some(instead),
                ..
            } => format!("call it `{instead}`"),
            Self::Form { .. } => {
                "small letters and digits in parts joined by single dashes, a letter first: `my-suite`".to_owned()
            }
            Self::Taken { name } => format!("call it `{name}-suite`"),
        })
    }
}

impl SuiteName {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SuiteName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for SuiteName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = text.to_owned();
        if name.chars().count() > LONGEST {
            return Err(NameError::Long { name });
        }
        if !is_kebab_case(text) {
            let instead = Some(kebab_case(text)).filter(|instead| is_kebab_case(instead));
            return Err(NameError::Form { name, instead });
        }
        if TAKEN.contains(&text) {
            return Err(NameError::Taken { name });
        }
        Ok(Self(name))
    }
}

fn is_kebab_case(text: &str) -> bool {
    let part_is_good = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.split('-').all(part_is_good)
}

/// What was probably meant: `MySuite_2` is `my-suite-2`.
fn kebab_case(text: &str) -> String {
    let mut name = String::new();
    let mut after_small = false;
    for letter in text.chars() {
        let starts_word = letter.is_ascii_uppercase() && after_small;
        let gap = !letter.is_ascii_alphanumeric();
        if (starts_word || gap) && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if !gap {
            name.push(letter.to_ascii_lowercase());
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_64_characters() {
        assert!("a".repeat(64).parse::<SuiteName>().is_ok());
        let long = "a".repeat(65);
        assert_eq!(
            long.parse::<SuiteName>(),
            Err(NameError::Long { name: long })
        );
    }

    #[test]
    fn what_is_not_kebab_case_is_refused_with_what_was_probably_meant() {
        for (given, instead) in [
            ("My_Suite", Some("my-suite")),
            ("mySuite2", Some("my-suite2")),
            ("shop tests", Some("shop-tests")),
            ("-a-", Some("a")),
            ("a--b", Some("a-b")),
            ("", None),
            ("1a", None),
            ("ä", None),
            ("../escape", Some("escape")),
        ] {
            let expected = NameError::Form {
                name: given.to_owned(),
                instead: instead.map(str::to_owned),
            };
            assert_eq!(given.parse::<SuiteName>(), Err(expected), "{given:?}");
        }
    }

    #[test]
    fn words_of_the_language_are_no_names() {
        for given in ["match", "yield", "assay-sdk", "core"] {
            let error = given.parse::<SuiteName>().unwrap_err();
            let hint = format!("call it `{given}-suite`");
            assert_eq!(error.hint(), Some(hint));
        }
    }
}
