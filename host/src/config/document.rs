//! Reads TOML into entries that know their lines.

use std::path::{Path, PathBuf};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::config::{
    entry::{Entry, Value},
    error::ConfigError,
    origin::Origin,
};

/// Bytes of an `assay.toml` that are read; a larger one is no configuration.
pub const MAX_BYTES: u64 = 1 << 20;

/// An `assay.toml` that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// How errors name it.
    pub name: PathBuf,
    /// Its folder: relative paths in it start here.
    pub folder: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Document {
    /// The top tables of the document, in the order in which they are written.
    pub fn entries(&self) -> Result<Vec<Entry>, ConfigError> {
        let at = |offset: usize| self.origin(offset);
        let table = DeTable::parse(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            ConfigError::new(
                &at(offset),
                one_line(error.message()),
                "see https://toml.io for how it is written",
            )
        })?;
        entries(table.get_ref(), &at)
    }

    fn origin(&self, offset: usize) -> Origin {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        Origin::File {
            path: self.name.clone(),
            line: before.split(|byte| *byte == b'\n').count(),
        }
    }
}

/// The nearest `assay.toml` of a folder and those above it; none if there is none.
pub fn search(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join("assay.toml"))
        .find(|file| file.is_file())
}

/// A value as the command line gives it: TOML, or else a text as it is, so that bare words need no quotes.
///
/// What begins like a list, a table or a quoted text must be one.
pub fn parse_value(text: &str, origin: &Origin) -> Result<Value, ConfigError> {
    let text = text.trim();
    match DeValue::parse(text) {
        Ok(parsed) => value(&parsed, &|_| origin.clone()),
        Err(error) if text.starts_with(['[', '{', '"', '\'']) => {
            let message = format!("`{text}` is no TOML value: {}", one_line(error.message()));
            Err(ConfigError::new(
                origin,
                message,
                "close what is open, or begin with another character",
            ))
        }
        Err(_) => Ok(Value::Text(text.to_owned())),
    }
}

fn entries(table: &DeTable<'_>, at: &dyn Fn(usize) -> Origin) -> Result<Vec<Entry>, ConfigError> {
    let mut written: Vec<(&Spanned<_>, &Spanned<DeValue<'_>>)> = table.iter().collect();
    // The parser's tables are sorted by key; services are started in the order in which they are written.
    written.sort_by_key(|(key, _)| key.span().start);
    written
        .into_iter()
        .map(|(key, found)| {
            let origin = at(key.span().start);
            let key: &str = key.get_ref();
            let value = value(found, at)?;
            Ok(Entry::new(key, value, origin))
        })
        .collect()
}

fn value(found: &Spanned<DeValue<'_>>, at: &dyn Fn(usize) -> Origin) -> Result<Value, ConfigError> {
    let wrong = |number: &str, problem: &str, hint: &str| {
        let message = format!("the number `{number}` is {problem}");
        ConfigError::new(&at(found.span().start), message, hint)
    };
    let out_of_range = |number: &str| {
        wrong(
            number,
            "out of range",
            "write a smaller number, or quote it as a text",
        )
    };
    Ok(match found.get_ref() {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Value::Integer(
            i64::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| out_of_range(number.as_str()))?,
        ),
        DeValue::Float(number) => {
            let text = number.as_str();
            let parsed: f64 = text.parse().map_err(|_| out_of_range(text))?;
            // JSON, in which suites read settings, has no word for these.
            if !parsed.is_finite() {
                return Err(wrong(
                    text,
                    "not finite",
                    "write a finite number, or quote it as a text",
                ));
            }
            Value::Float(parsed)
        }
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(list) => Value::List(
            list.iter()
                .map(|item| value(item, at))
                .collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => Value::Table(entries(table, at)?),
    })
}

/// Messages of the parser may have several lines; ours has one.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
