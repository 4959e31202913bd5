//! What is known of a plugin without its code: enough to list, inspect and plan it.

use std::path::PathBuf;

use assay_grants::Grants;

use super::{Description, cache};

/// A plugin that was found good, without what runs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// The file as it was named.
    pub file: PathBuf,
    /// Where the file lies whose bytes these are, without links: told by the same opening as the bytes.
    pub place: PathBuf,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The line of the contract it was built for: `assay:suite@0.1.0`.
    pub contract: String,
    /// What it imports, sorted: interfaces of the contract and of WASI.
    pub imports: Vec<String>,
    /// What of the contract it can call, sorted: `chaos.inject`, `load.run`.
    pub calls: Vec<String>,
    /// What it declares that it wants to be granted.
    pub wants: Grants,
    /// What its suite says of itself.
    pub description: Description,
    /// What the cache did for it.
    pub cached: cache::Use,
}

impl Outline {
    /// The suite's name.
    pub fn suite(&self) -> &str {
        &self.description.name
    }
}
