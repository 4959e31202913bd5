//! A lock as text: written by one function, so that the same pins are the same bytes, and read by one that knows every key.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Lock, LockError, Pin, VERSION};
use crate::{digest::Digest, signature::Signature, source::Source};

/// What stands before and behind the digest of all that follows.
const BEFORE: &str = "digest = \"";
const BEHIND: &str = "\"\n";
/// What people read first.
const COMMENT: &str = "# The digest is that of all that is below it. `host lock` writes this file, and no hand: what is changed here does not run.\n";

impl Lock {
    /// The bytes of the file.
    pub fn to_text(&self) -> String {
        let body = self.body();
        format!("{BEFORE}{}{BEHIND}{body}", Digest::of(body.as_bytes()))
    }

    fn body(&self) -> String {
        let mut body = format!("{COMMENT}version = {VERSION}\n");
        for pin in self.pins() {
            body.push_str(&table(pin));
        }
        body
    }

    /// Reads what [`Lock::to_text`] wrote. Whatever is other than it was written is refused before it is understood.
    pub fn from_text(text: &str) -> Result<Self, LockError> {
        let body = intact(text)?;
        let at = |error: &toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            LockError::Text {
                // The first line is not part of what is parsed.
                line: body[..start].matches('\n').count() + 2,
                problem: error.message().to_owned(),
            }
        };
        let head: Head = toml::from_str(body).map_err(|error| at(&error))?;
        if head.version != i64::from(VERSION) {
            return Err(LockError::Version(head.version));
        }
        let document: Document = toml::from_str(body).map_err(|error| at(&error))?;
        Self::new(document.plugins.into_iter().map(Pin::from))
    }
}

/// What is below the first line, if that is the digest of it.
fn intact(text: &str) -> Result<&str, LockError> {
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    let got = Digest::of(body.as_bytes());
    let said = first
        .strip_prefix(BEFORE)
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|digest| digest.parse().ok());
    match said {
        Some(wanted) if wanted == got => Ok(body),
        Some(wanted) => Err(LockError::Changed { wanted, got }),
        None => Err(LockError::NoDigest { got }),
    }
}

fn table(pin: &Pin) -> String {
    let mut table = "\n[[plugins]]\n".to_owned();
    let mut line = |key: &str, value: &str| {
        // Writing into a string cannot fail.
        let _ = writeln!(table, "{key} = {value}");
    };
    line("name", &quoted(&pin.name));
    line("version", &quoted(&pin.version));
    line("contract", &quoted(&pin.contract));
    line("source", &quoted(&pin.source.to_string()));
    line("digest", &quoted(&pin.digest.to_string()));
    line("size", &pin.size.to_string());
    if !pin.signatures.is_empty() {
        let lines: Vec<String> = pin
            .signatures
            .iter()
            .map(|signature| format!("  {},\n", quoted(&signature.to_string())))
            .collect();
        line("signatures", &format!("[\n{}]", lines.concat()));
    }
    table
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Enough of a lock of any version to know which it is.
#[derive(Deserialize)]
struct Head {
    version: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    plugins: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    version: String,
    contract: String,
    #[serde(deserialize_with = "source")]
    source: Source,
    digest: Digest,
    size: u64,
    #[serde(default)]
    signatures: Vec<Signature>,
}

fn source<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Source, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

impl From<Table> for Pin {
    fn from(table: Table) -> Self {
        let Table {
            name,
            version,
            contract,
            source,
            digest,
            size,
            signatures,
        } = table;
        Self {
            name,
            version,
            contract,
            source,
            digest,
            size,
            signatures,
        }
    }
}
