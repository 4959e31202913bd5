//! Plugins in an OCI registry, in the layout that `wkg` and its like use for WebAssembly components: a manifest whose configuration is
//! `application/vnd.wasm.config.v0+json`, with one layer of `application/wasm`, which is the plugin (CNCF's "Wasm OCI Artifact layout").
//!
//! The digest of that layer is the digest of the plugin. So what is pinned is asked for by its digest alone, whatever its tag says
//! meanwhile; a tag is only looked at to lock or to update. The protocol is the part of OCI's distribution specification that this
//! takes, spoken through the client of [`web`](crate::web), because each of its answers has to have a bound.

mod artifact;
mod challenge;
mod error;
mod logins;
pub mod manifest;
mod push;
mod session;

use reqwest::{Method, StatusCode, header};

use crate::{
    digest::Digest,
    limits::{Limits, MAX_MANIFEST},
    signature::Signature,
    source::At,
    web::{Answer, WebError},
};
use manifest::Manifest;
use session::Access;

pub use artifact::Artifact;
pub use challenge::Challenge;
pub use error::RegistryError;
pub use logins::{Login, Logins, NoLogins};
pub use push::Published;
pub(crate) use session::Session;

/// What a tag says: which plugin, and who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The manifest.
    pub manifest: Digest,
    /// The plugin.
    pub plugin: Digest,
    /// Bytes of the plugin, as the manifest has it.
    pub size: u64,
    /// Signatures that were published with it.
    pub signatures: Vec<Signature>,
}

impl Session<'_> {
    /// Asks what a tag says, or what a manifest does that is known by its digest.
    pub(crate) async fn resolve(&self, limits: &Limits) -> Result<Resolved, RegistryError> {
        let wanted = self.reference.wanted();
        let url = self.url(&format!("manifests/{wanted}"))?;
        let answer = self
            .send(Access::Pull, |web| {
                web.ask(Method::GET, &url)
                    .header(header::ACCEPT, manifest::KIND)
            })
            .await?;
        let mut answer = succeeded(answer, StatusCode::OK).await?;
        let kind = answer.kind();
        if kind != manifest::KIND {
            return Err(RegistryError::NoPlugin {
                reference: self.reference.to_string(),
                problem: format!(
                    "it is of the kind `{}`",
                    crate::web::complaint(kind.as_bytes())
                ),
            });
        }
        let said = answer.header(session::DIGEST).map(str::to_owned);
        let body = answer.whole(MAX_MANIFEST).await?;
        let digest = Digest::of(&body);
        self.same(&digest, said.as_deref())?;
        let plugin = Manifest::read(&body)
            .and_then(|manifest| manifest.plugin(limits.bytes))
            .map_err(|problem| RegistryError::NoPlugin {
                reference: self.reference.to_string(),
                problem,
            })?;
        Ok(Resolved {
            manifest: digest,
            plugin: plugin.digest,
            size: plugin.size,
            signatures: plugin.signatures,
        })
    }

    /// Whether a manifest is the one that was asked for, and the one that the registry says that it is.
    fn same(&self, got: &Digest, said: Option<&str>) -> Result<(), RegistryError> {
        let said = said.and_then(|said| said.parse::<Digest>().ok());
        let asked = match self.reference.at() {
            At::Digest(digest) => Some(*digest),
            At::Tag(_) => None,
        };
        match asked.or(said) {
            Some(wanted) if wanted != *got => Err(RegistryError::OtherManifest {
                reference: self.reference.to_string(),
                wanted,
                got: *got,
            }),
            _ => Ok(()),
        }
    }

    /// Begins to read a plugin by its digest.
    pub(crate) async fn blob(&self, digest: &Digest) -> Result<Answer, RegistryError> {
        let url = self.url(&format!("blobs/{digest}"))?;
        let answer = self
            .send(Access::Pull, |web| web.ask(Method::GET, &url))
            .await?;
        succeeded(answer, StatusCode::OK).await
    }
}

/// An answer of the status that was asked for.
async fn succeeded(answer: Answer, status: StatusCode) -> Result<Answer, RegistryError> {
    if answer.status() == status {
        return Ok(answer);
    }
    let refusal: WebError = answer.refusal().await;
    Err(refusal.into())
}
