//! Values with their origins: what the layers of the configuration are made of and how one is laid over another.

use std::{fmt, ops::RangeInclusive, time::Duration};

use serde_json::Number;

use crate::config::{error::ConfigError, origin::Origin, quantity};

/// A key, its value, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, without those of the tables around it.
    pub key: String,
    /// What it is set to.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// A value as TOML has it. Dates are texts.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are TOML's own")]
pub enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    List(Vec<Value>),
    Table(Vec<Entry>),
}

impl Entry {
    /// An entry.
    pub fn new(key: &str, value: Value, origin: Origin) -> Self {
        Self {
            key: key.to_owned(),
            value,
            origin,
        }
    }

    /// An error about this entry.
    pub fn wrong(&self, message: impl fmt::Display, hint: impl Into<String>) -> ConfigError {
        ConfigError::new(&self.origin, format!("`{}`: {message}", self.key), hint)
    }

    fn not_a(&self, wanted: &str, example: &str) -> ConfigError {
        let hint = format!("write {wanted}, such as {example}");
        self.wrong(format_args!("`{}` is not {wanted}", self.value), hint)
    }

    /// A text.
    pub fn text(&self) -> Result<&str, ConfigError> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.not_a("a text in quotes", r#""text""#)),
        }
    }

    /// True or false.
    pub fn boolean(&self) -> Result<bool, ConfigError> {
        match self.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(self.not_a("true or false", "`true`")),
        }
    }

    /// A whole number within a range.
    pub fn integer(&self, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
        let number = match self.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let wanted = format!("a whole number from {} to {}", range.start(), range.end());
                self.not_a(&wanted, &format!("`{}`", range.start()))
            })
    }

    /// A number that is neither infinite nor no number.
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole numbers up to 2^53 are exact as f64"
    )]
    pub fn number(&self) -> Result<f64, ConfigError> {
        match self.value {
            Value::Float(number) if number.is_finite() => Ok(number),
            Value::Integer(number) if number.unsigned_abs() <= 1 << 53 => Ok(number as f64),
            _ => Err(self.not_a("a number", "`0.5`")),
        }
    }

    /// A duration as text, within a range.
    pub fn duration(&self, range: RangeInclusive<Duration>) -> Result<Duration, ConfigError> {
        let written = self
            .text()
            .map_err(|_| self.not_a("a duration in quotes", r#""30s""#))?;
        let duration = quantity::duration(written)
            .map_err(|problem| {
            self.wrong(problem, "write whole numbers with the units ms, s, m or h, such as `500ms`, `30s` or `1m 30s`")
        })?;
        if range.contains(&duration) {
            return Ok(duration);
        }
        let wanted = format!(
            "a duration from {} to {}",
            humantime::format_duration(*range.start()),
            humantime::format_duration(*range.end())
        );
        Err(self.not_a(&wanted, r#""30s""#))
    }

    /// A size as text, in bytes, within a range.
    pub fn size(&self, range: RangeInclusive<usize>) -> Result<usize, ConfigError> {
        let written = self
            .text()
            .map_err(|_| self.not_a("a size in quotes", r#""64MiB""#))?;
        let size = quantity::size(written).map_err(|problem| {
            self.wrong(
                problem,
                "write a whole number with the unit B, KiB, MiB or GiB, such as `64MiB`",
            )
        })?;
        if range.contains(&size) {
            return Ok(size);
        }
        let (start, end) = (
            quantity::write_size(*range.start()),
            quantity::write_size(*range.end()),
        );
        Err(self.not_a(&format!("a size from {start} to {end}"), r#""64MiB""#))
    }

    /// The texts of a list.
    pub fn texts(&self) -> Result<Vec<&str>, ConfigError> {
        let wrong = || self.not_a("a list of texts", r#"["a", "b"]"#);
        let Value::List(list) = &self.value else {
            return Err(wrong());
        };
        list.iter()
            .map(|value| match value {
                Value::Text(text) => Ok(text.as_str()),
                _ => Err(wrong()),
            })
            .collect()
    }

    /// The entries of a table, in the order in which they are written.
    pub fn table(&self) -> Result<&[Self], ConfigError> {
        match &self.value {
            Value::Table(entries) => Ok(entries),
            _ => Err(self.not_a("a table", &format!("`[{}]`", self.key))),
        }
    }

    /// The same, if no key of it is unknown. `what` names such a key in the error, such as "key of `[run]`".
    pub fn table_of(&self, what: &str, known: &[&str]) -> Result<&[Self], ConfigError> {
        let entries = self.table()?;
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                let known = known.iter().copied();
                return Err(ConfigError::unknown(&entry.origin, what, &entry.key, known));
            }
        }
        Ok(entries)
    }
}

/// The entry of a key.
pub fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key == key)
}

/// Lays entries over others: tables are merged, any other value is replaced together with its origin.
///
/// A table in the place of a plain value, or the reverse, is an error: one of the two is a slip.
pub fn overlay(base: &mut Vec<Entry>, over: Vec<Entry>) -> Result<(), ConfigError> {
    for entry in over {
        let Some(below) = base.iter_mut().find(|below| below.key == entry.key) else {
            base.push(entry);
            continue;
        };
        match (&mut below.value, entry.value) {
            (Value::Table(below), Value::Table(entries)) => overlay(below, entries)?,
            (Value::Table(_), _) => {
                let message = format!("`{}` is a table, set at {}", entry.key, below.origin);
                let hint = format!("give one of its values: `{}.NAME=VALUE`", entry.key);
                return Err(ConfigError::new(&entry.origin, message, hint));
            }
            (value, Value::Table(_)) => {
                let message = format!(
                    "`{}` is no table but {value}, set at {}",
                    entry.key, below.origin
                );
                let hint = format!("give it a value: `{}=VALUE`", entry.key);
                return Err(ConfigError::new(&entry.origin, message, hint));
            }
            (_, value) => {
                below.value = value;
                below.origin = entry.origin;
            }
        }
    }
    Ok(())
}

impl Value {
    /// The value as JSON, which suites read.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Integer(number) => (*number).into(),
            // What JSON cannot say has been refused when it was read.
            Self::Float(number) => {
                Number::from_f64(*number).map_or(serde_json::Value::Null, Into::into)
            }
            Self::Boolean(value) => (*value).into(),
            Self::List(list) => list.iter().map(Self::to_json).collect(),
            Self::Table(entries) => to_json(entries).into(),
        }
    }
}

/// Entries as a JSON object.
pub fn to_json(entries: &[Entry]) -> serde_json::Map<String, serde_json::Value> {
    entries
        .iter()
        .map(|entry| (entry.key.clone(), entry.value.to_json()))
        .collect()
}

/// As TOML, on one line.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "{}", toml::Value::String(text.clone())),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Float(number) => write!(formatter, "{}", toml::Value::Float(*number)),
            Self::Boolean(value) => write!(formatter, "{value}"),
            Self::List(list) => {
                formatter.write_str("[")?;
                for (index, value) in list.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(formatter, "{comma}{value}")?;
                }
                formatter.write_str("]")
            }
            Self::Table(entries) => {
                formatter.write_str("{")?;
                for (index, entry) in entries.iter().enumerate() {
                    let comma = if index == 0 { " " } else { ", " };
                    write!(formatter, "{comma}{} = {}", entry.key, entry.value)?;
                }
                formatter.write_str(" }")
            }
        }
    }
}
