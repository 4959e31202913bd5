//! What can be wrong with a registry, or with what it has.

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::{digest::Digest, source::SourceError, web::WebError};

/// Why nothing came from a registry, or nothing went there.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// It does not answer, or says no.
    #[error(transparent)]
    Web(#[from] WebError),
    /// Its name is none.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What it has is no plugin, or not in the layout of one.
    #[error("`{reference}` is no plugin: {problem}")]
    NoPlugin {
        /// What was asked for.
        reference: String,
        /// What is other.
        problem: String,
    },
    /// A manifest is not what its digest says.
    #[error("the manifest of `{reference}` has to be {wanted}, and it is {got}")]
    OtherManifest {
        /// What was asked for.
        reference: String,
        /// What was asked for, or what the registry said.
        wanted: Digest,
        /// What came.
        got: Digest,
    },
    /// It wants to know who asks, and leads to where nobody tells it.
    #[error("{registry} asks for a login that cannot be given: {problem}")]
    Challenge {
        /// The registry.
        registry: String,
        /// What it asks.
        problem: &'static str,
    },
    /// What was put there is not what was sent.
    #[error("{registry} did not take what was sent: {problem}")]
    Untaken {
        /// The registry.
        registry: String,
        /// What it said instead.
        problem: String,
    },
    /// A manifest's digest is no place to publish at.
    #[error("`{0}` names a digest, and something is published under a tag")]
    NoTag(String),
    /// There is more to publish than a registry has to take.
    #[error("the {what} of `{reference}` has {bytes} bytes, more than {limit}")]
    TooBig {
        /// Where it was to be published.
        reference: String,
        /// `plugin` or `manifest`.
        what: &'static str,
        /// What it has.
        bytes: u64,
        /// What it may have.
        limit: u64,
    },
}

impl Hinted for RegistryError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Web(error) => return error.hint(),
            Self::Source(error) => return error.hint(),
            Self::NoPlugin { .. } => {
                "publish it with `host publish` or `wkg oci push`, which write the layout for WebAssembly components"
            }
            Self::OtherManifest { .. } => "do not use it; ask who runs the registry",
            Self::Challenge { .. } => "look whether this is the registry that is meant",
            Self::Untaken { .. } => "try again, or ask who runs the registry",
            Self::NoTag(_) => "write it as oci://REGISTRY/NAME:TAG",
            Self::TooBig { .. } => "build the plugin with `cargo xtask plugins`, which strips it",
        };
        Some(text.to_owned())
    }
}
