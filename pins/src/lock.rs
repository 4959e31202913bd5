//! The lock file `assay.lock`: which plugins run, by the digest of their bytes, where they came from, and who signed them.
//!
//! It is text for people and for `git`: the same pins give the same bytes, sorted by name. Its first line is the digest of all that
//! follows, so that no byte of it changes unseen; who changes it on purpose lets `host lock` write it anew.

mod changes;
mod error;
mod file;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use crate::{
    digest::Digest,
    limits::{MAX_PLUGIN, MAX_PLUGINS},
    signature::{MAX_SIGNATURES, Signature},
    source::Source,
};

pub use changes::{Change, changes};
pub use error::LockError;

/// What the file is called, beside `assay.toml`.
pub const FILE: &str = "assay.lock";
/// The version of the format that this host writes, and the only one that it reads.
pub const VERSION: u32 = 1;
/// Bytes that the file may have: what 1000 plugins take with a signature each.
pub const MAX_FILE: u64 = 1 << 20;
/// Bytes of a name: those of a suite's name by the contract.
const MAX_NAME: usize = 64;
/// Bytes of a plugin's version and of its contract, as in the contract.
const MAX_TEXT: usize = 400;

/// One plugin that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The suite's name, in kebab-case.
    pub name: String,
    /// The suite's own version.
    pub version: String,
    /// The line of the contract that it was built for: `assay:suite@0.1.0`.
    pub contract: String,
    /// Where it came from, and can be had again.
    pub source: Source,
    /// What its bytes are.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
    /// Who vouches for it; at most [`MAX_SIGNATURES`].
    pub signatures: Vec<Signature>,
}

/// Plugins that may run, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pins: BTreeMap<String, Pin>,
}

impl Lock {
    /// A lock of these plugins, in any order.
    pub fn new(pins: impl IntoIterator<Item = Pin>) -> Result<Self, LockError> {
        let mut lock = Self::default();
        for pin in pins {
            lock.add(pin)?;
        }
        Ok(lock)
    }

    /// One more plugin, whose name is not there yet.
    fn add(&mut self, mut pin: Pin) -> Result<(), LockError> {
        check(&pin)?;
        if self.pins.len() == MAX_PLUGINS {
            return Err(LockError::TooMany);
        }
        if self.pins.contains_key(&pin.name) {
            return Err(LockError::Twice(pin.name));
        }
        // A name comes out of the bytes: the same bytes with two names are a mistake of who made the lock.
        if let Some(other) = self.pins().find(|other| other.digest == pin.digest) {
            return Err(LockError::Same(other.name.clone(), pin.name));
        }
        pin.source = pin.source.locked();
        self.pins.insert(pin.name.clone(), pin);
        Ok(())
    }

    /// All pins, by name.
    pub fn pins(&self) -> impl ExactSizeIterator<Item = &Pin> {
        self.pins.values()
    }

    /// The pin of this name.
    pub fn get(&self, name: &str) -> Option<&Pin> {
        self.pins.get(name)
    }
}

/// Whether each value is one that can be written and read.
fn check(pin: &Pin) -> Result<(), LockError> {
    let wrong = |what, problem| LockError::Value {
        name: pin.name.chars().take(MAX_NAME).collect(),
        what,
        problem,
    };
    if !is_kebab(&pin.name) {
        return Err(wrong(
            "name",
            "is not in kebab-case with at most 64 characters",
        ));
    }
    for (what, text) in [("version", &pin.version), ("contract", &pin.contract)] {
        if text.len() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(wrong(what, "is not one line of at most 400 bytes"));
        }
    }
    if pin.size > MAX_PLUGIN {
        return Err(wrong("size", "is more than a plugin may have"));
    }
    if pin.signatures.len() > MAX_SIGNATURES {
        return Err(wrong("signatures", "are more than 16"));
    }
    // What was made by hand need not be what was parsed.
    match pin.source.locked().to_string().parse::<Source>() {
        Ok(source) if source == pin.source.locked() || is_same_file(&source, &pin.source) => Ok(()),
        _ => Err(wrong("source", "cannot be read back")),
    }
}

/// A relative path is written with `./` before it.
fn is_same_file(read: &Source, given: &Source) -> bool {
    match (read, given) {
        (Source::File(read), Source::File(given)) => {
            read == given || read.strip_prefix(".").is_ok_and(|rest| rest == given)
        }
        _ => false,
    }
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, as the contract has it.
fn is_kebab(name: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
    };
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(word)
}
