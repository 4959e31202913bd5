//! Services and links by their names, and settings by theirs.

use std::{fmt, str::FromStr};

use serde::Deserialize;

use crate::{
    invalid::{Invalid, checked},
    items::{Item, written_as_text},
};

/// A service of the environment, or all of them (`*`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Service {
    /// `*`.
    Any,
    /// One, by its name.
    One(String),
}

/// A link of the environment, or all of them (`*`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Link {
    /// `*`.
    Any,
    /// One, as `from->to`.
    One(String),
}

/// A setting by its dotted name. It covers all that the value holds: `shop` and `shop.*` are the same, and `*` is all settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Setting(String);

written_as_text!(Service, Link, Setting);

impl Service {
    /// Whether this grants the service of this name.
    pub fn grants(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == name,
        }
    }
}

impl Link {
    /// Whether this grants the link of this name.
    pub fn grants(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == name,
        }
    }
}

impl Setting {
    /// Whether this grants the setting of this name.
    pub fn grants(&self, name: &str) -> bool {
        let held = self.base();
        held.is_empty() || is_within(name, held)
    }

    /// The name of the value that is granted with all that it holds; empty for all settings.
    fn base(&self) -> &str {
        match self.0.as_str() {
            "*" => "",
            text => text.strip_suffix(".*").unwrap_or(text),
        }
    }
}

/// Whether a setting is the other one, or a member of it.
pub(crate) fn is_within(name: &str, table: &str) -> bool {
    name.strip_prefix(table)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Item for Service {
    fn covers(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }
}

impl Item for Link {
    fn covers(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }
}

impl Item for Setting {
    fn covers(&self, other: &Self) -> bool {
        let (held, wanted) = (self.base(), other.base());
        held.is_empty() || (!wanted.is_empty() && is_within(wanted, held))
    }
}

impl FromStr for Service {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "*" {
            return Ok(Self::Any);
        }
        checked(text, "project-service")?;
        if text.contains("->") || text.contains('*') {
            let hint = "write the name of one service, `*` for all, and links into `links`";
            return Err(Invalid::new(text, "is no name of a service", hint));
        }
        Ok(Self::One(text.to_owned()))
    }
}

impl FromStr for Link {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "*" {
            return Ok(Self::Any);
        }
        checked(text, "client->project-service")?;
        let ends: Vec<&str> = text.split("->").collect();
        let is_link = ends.len() == 2 && ends.iter().all(|end| !end.is_empty());
        if !is_link || text.contains('*') {
            let hint =
                "write both ends of one link, such as `client->project-service`, or `*` for all";
            return Err(Invalid::new(text, "is no link", hint));
        }
        Ok(Self::One(text.to_owned()))
    }
}

impl FromStr for Setting {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        checked(text, "shop.url")?;
        let base = text.strip_suffix(".*").unwrap_or(text);
        if text != "*" && (base.is_empty() || base.contains('*')) {
            let hint = "write `shop.url`, `shop.*` for all of a table, or `*` for all settings";
            return Err(Invalid::new(text, "is no name of a setting", hint));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("*"),
            Self::One(name) => formatter.write_str(name),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("*"),
            Self::One(name) => formatter.write_str(name),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_TEXT;

    #[test]
    fn a_setting_is_granted_with_what_it_holds_and_nothing_beside_it() {
        for (granted, name, expected) in [
            ("shop", "shop", true),
            ("shop", "shop.url", true),
            ("shop.*", "shop", true),
            ("shop.*", "shop.a.b", true),
            ("shop.url", "shop.url", true),
            ("shop.url", "shop", false),
            ("shop", "shopping", false),
            ("shop.*", "shopping.url", false),
            ("shop.u", "shop.url", false),
            ("*", "anything", true),
        ] {
            let setting: Setting = granted.parse().unwrap();
            assert_eq!(setting.grants(name), expected, "{granted} {name}");
        }
    }

    #[test]
    fn a_wider_name_covers_a_narrower_one() {
        for (held, wanted, expected) in [
            ("shop", "shop.*", true),
            ("shop.*", "shop", true),
            ("shop", "shop.url", true),
            ("shop.url", "shop", false),
            ("*", "shop", true),
            ("shop", "*", false),
        ] {
            let (held, wanted): (Setting, Setting) =
                (held.parse().unwrap(), wanted.parse().unwrap());
            assert_eq!(held.covers(&wanted), expected, "{held} {wanted}");
        }
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in [
            "",
            " a",
            "a ",
            "a\nb",
            "a*",
            "a->b",
            &"a".repeat(MAX_TEXT + 1),
        ] {
            assert!(text.parse::<Service>().is_err(), "{text:?}");
        }
        for text in ["", "a", "->a", "a->", "a->b->c", "*->b"] {
            assert!(text.parse::<Link>().is_err(), "{text:?}");
        }
        for text in ["", ".*", "*.a", "a.*.b", "**"] {
            assert!(text.parse::<Setting>().is_err(), "{text:?}");
        }
        assert!("a".repeat(MAX_TEXT).parse::<Service>().is_ok());
    }
}
