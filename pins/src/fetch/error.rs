//! Why a plugin is not there, each with what to do about it.

use std::{io, path::PathBuf, time::Duration};

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::{cache::CacheError, digest::Digest, registry::RegistryError, web::WebError};

/// Why a plugin was not fetched. Addresses are without what may let somebody in.
#[derive(Debug, Error)]
pub enum FetchError {
    /// A server does not answer, or says no.
    #[error(transparent)]
    Web(#[from] WebError),
    /// A registry does not, or has no plugin.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The cache cannot take it.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is something else than what was pinned.
    #[error("{from} has to be {wanted}, and it is {got} ({size} bytes)")]
    Other {
        /// The source.
        from: String,
        /// What was pinned.
        wanted: Digest,
        /// What came.
        got: Digest,
        /// How many bytes came.
        size: u64,
    },
    /// It does not end where plugins do.
    #[error("{from} has more than {limit} bytes")]
    TooBig {
        /// The source.
        from: String,
        /// What a plugin may have.
        limit: u64,
    },
    /// It came too slowly.
    #[error("{from} was not there after {} s", waited.as_secs_f64())]
    TooSlow {
        /// The source.
        from: String,
        /// How long was waited.
        waited: Duration,
    },
    /// Nobody said what an address has to have.
    #[error("nothing says which plugin {from} has to have")]
    NoDigest {
        /// The source.
        from: String,
    },
}

impl Hinted for FetchError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Web(error) => return error.hint(),
            Self::Registry(error) => return error.hint(),
            Self::Cache(error) => return error.hint(),
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "build it, or look at its name"
            }
            Self::File { .. } => "look whether it is a file that you may read",
            Self::Other { .. } => {
                "if it was changed on purpose, let `host update` lock it anew; otherwise ask who changed it"
            }
            Self::TooBig { .. } => "look whether this is the plugin that is meant",
            Self::TooSlow { .. } => "try again; what was already fetched is not fetched twice",
            Self::NoDigest { .. } => {
                "write its digest behind it: https://HOST/FILE.wasm#sha256:DIGITS"
            }
        };
        Some(text.to_owned())
    }
}
