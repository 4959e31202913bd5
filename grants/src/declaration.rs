//! What a plugin says that it wants, in its own file: the custom section `assay:wants`, whose text is [`Grants`] as JSON.
//!
//! It is read without running or compiling anything. A suite in Rust has it in the core module that becomes part of the component, since
//! that is where the compiler puts it; other builders add it to the component itself ([`declare`]). All that are found count together,
//! also those that a linker has put one after the other into one section. To declare grants nothing: it only lets a missing grant be told
//! before the run, and not in the middle of it.

use assay_report::hint::Hinted;
use serde::Deserialize as _;
use serde_json::{Map, Value};
use thiserror::Error;
use wasmparser::{Parser, Payload};

use crate::{grants::Grants, limits::MAX_DECLARATION};

/// The name of the section.
pub const SECTION: &str = "assay:wants";
/// How deep components and modules may be in one another.
const MAX_DEPTH: usize = 64;
/// Bytes that come before the sections of a module or a component.
const HEADER: usize = 8;

/// Why what a plugin declares cannot be known.
#[derive(Debug, Error)]
pub enum DeclarationError {
    /// The file is no WebAssembly, or breaks off.
    #[error("what the plugin wants cannot be read: it is no WebAssembly, {0}")]
    Broken(String),
    /// It is nested without end.
    #[error(
        "what the plugin wants cannot be read: its components are more than {MAX_DEPTH} deep in one another"
    )]
    TooDeep,
    /// It declares too much.
    #[error("the plugin's `{SECTION}` is over 64 KiB, or has a list of more than 256 entries")]
    TooLong,
    /// What it declares is no JSON, or no grants.
    #[error("the plugin's `{SECTION}` cannot be read: {0}")]
    Unreadable(String),
}

impl Hinted for DeclarationError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Broken(_) | Self::TooDeep => {
                "look whether the file is whole, and build or fetch it anew"
            }
            Self::TooLong => "declare fewer and wider entries, such as `*.example.com:443`",
            Self::Unreadable(_) => {
                "declare it with `wants` of `suite!`, or with the keys of `[grants.NAME]`; a newer host may know more of them"
            }
        };
        Some(text.to_owned())
    }
}

/// What a plugin declares that it wants; none if it declares nothing.
///
/// `plugin` is the whole file. Sections are stepped over, and never copied but for what is declared.
pub fn declared(plugin: &[u8]) -> Result<Option<Grants>, DeclarationError> {
    let mut depth = 0;
    let mut text = Vec::new();
    let mut found = false;
    for payload in Parser::new(0).parse_all(plugin) {
        match payload.map_err(|error| DeclarationError::Broken(error.message().to_owned()))? {
            Payload::Version { .. } if depth == MAX_DEPTH => return Err(DeclarationError::TooDeep),
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            // The parser itself takes the end of the file for that of whatever is open.
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } if unchecked_range.end > plugin.len() => {
                return Err(DeclarationError::Broken("it breaks off".to_owned()));
            }
            Payload::CustomSection(section) if section.name() == SECTION => {
                found = true;
                if text.len() + section.data().len() > MAX_DECLARATION {
                    return Err(DeclarationError::TooLong);
                }
                text.extend_from_slice(section.data());
            }
            _ => {}
        }
    }
    if found {
        read(&text).map(Some)
    } else {
        Ok(None)
    }
}

/// Reads one JSON object after the other. Objects alone: serde would take a list for one, too.
fn read(text: &[u8]) -> Result<Grants, DeclarationError> {
    let mut all = Grants::default();
    let unreadable = |error: serde_json::Error| DeclarationError::Unreadable(error.to_string());
    for object in serde_json::Deserializer::from_slice(text).into_iter::<Map<String, Value>>() {
        let object = object.map_err(unreadable)?;
        let wanted = Grants::deserialize(Value::Object(object)).map_err(unreadable)?;
        all = all.union(&wanted);
    }
    if all.is_within_limits() {
        Ok(all)
    } else {
        Err(DeclarationError::TooLong)
    }
}

/// The component with what it wants, beside what it declares already.
pub fn declare(component: &[u8], wants: &Grants) -> Result<Vec<u8>, DeclarationError> {
    let held = declared(component)?.unwrap_or_default();
    let json = serde_json::to_vec(wants)
        .map_err(|error| DeclarationError::Unreadable(error.to_string()))?;
    let mut content = Vec::with_capacity(json.len() + SECTION.len() + 1);
    write_number(&mut content, SECTION.len());
    content.extend_from_slice(SECTION.as_bytes());
    content.extend_from_slice(&json);
    let mut declaring = Vec::with_capacity(component.len() + content.len() + HEADER);
    declaring.extend_from_slice(component);
    // 0: a custom section.
    declaring.push(0);
    write_number(&mut declaring, content.len());
    declaring.append(&mut content);
    // What is written can be read: also together with what was there.
    match declared(&declaring)? {
        Some(all) if all == held.union(wants) => Ok(declaring),
        _ => Err(DeclarationError::TooLong),
    }
}

/// LEB128, as WebAssembly writes lengths.
fn write_number(into: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            into.push(low);
            return;
        }
        into.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests;
