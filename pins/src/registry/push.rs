//! Publishing: the plugin, its configuration, and last the manifest that makes both visible under a tag ("Pushing a blob
//! monolithically", POST then PUT, and "Pushing Manifests"). What breaks off before the manifest is seen by nobody.

use bytes::Bytes;
use reqwest::{Method, StatusCode, header};
use url::Url;

use super::{
    Artifact, RegistryError, Session, manifest,
    session::{Access, DIGEST},
    succeeded,
};
use crate::{
    digest::Digest,
    limits::{MAX_MANIFEST, MAX_PLUGIN},
    source::{At, is_loopback},
};

/// What was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The manifest: for a reference that stays.
    pub manifest: Digest,
    /// The plugin.
    pub plugin: Digest,
}

impl Session<'_> {
    /// Publishes under the tag of the reference. Whatever was there under that tag stays in the registry under its digest.
    pub(crate) async fn push(&self, artifact: &Artifact) -> Result<Published, RegistryError> {
        let At::Tag(tag) = self.reference.at() else {
            return Err(RegistryError::NoTag(self.reference.to_string()));
        };
        self.fits("plugin", artifact.bytes.len(), MAX_PLUGIN)?;
        let plugin = artifact.digest();
        let config = artifact.config().map_err(|error| self.untaken(&error))?;
        let manifest = artifact.manifest(&config);
        let manifest = serde_json::to_vec(&manifest).map_err(|error| self.untaken(&error))?;
        self.fits("manifest", config.len().max(manifest.len()), MAX_MANIFEST)?;
        self.put_blob(&plugin, artifact.bytes.clone()).await?;
        self.put_blob(&Digest::of(&config), config.into()).await?;
        self.put_manifest(tag, manifest.into())
            .await
            .map(|manifest| Published { manifest, plugin })
    }

    async fn put_manifest(&self, tag: &str, bytes: Bytes) -> Result<Digest, RegistryError> {
        let digest = Digest::of(&bytes);
        let url = self.url(&format!("manifests/{tag}"))?;
        let answer = self
            .send(Access::Push, |web| {
                web.ask(Method::PUT, &url)
                    .header(header::CONTENT_TYPE, manifest::KIND)
                    .body(bytes.clone())
            })
            .await?;
        let answer = succeeded(answer, StatusCode::CREATED).await?;
        match answer.header(DIGEST) {
            Some(said) if said != digest.to_string() => Err(self.untaken(&format!(
                "it has {}, and not the manifest {digest}",
                crate::web::complaint(said.as_bytes())
            ))),
            _ => Ok(digest),
        }
    }

    async fn put_blob(&self, digest: &Digest, bytes: Bytes) -> Result<(), RegistryError> {
        // The first question of a session: it is the one that gets the proof, for writing.
        let url = self.url("blobs/uploads/")?;
        let answer = self
            .send(Access::Push, |web| {
                web.ask(Method::POST, &url)
                    .header(header::CONTENT_LENGTH, 0)
            })
            .await?;
        let answer = succeeded(answer, StatusCode::ACCEPTED).await?;
        let location = answer.header(header::LOCATION).map(str::to_owned);
        let mut place = self.place(answer.from(), location.as_deref())?;
        place
            .query_pairs_mut()
            .append_pair("digest", &digest.to_string());
        let question = self
            .web
            .ask(Method::PUT, &place)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(bytes);
        let answer = self.send_to(&place, question).await?;
        succeeded(answer, StatusCode::CREATED).await.map(drop)
    }

    /// Where a blob is to be sent, as the registry says it; nowhere that is less safe than the registry.
    fn place(&self, asked: &Url, location: Option<&str>) -> Result<Url, RegistryError> {
        let location = location.ok_or_else(|| self.untaken(&"it names no place to send it to"))?;
        let place = asked
            .join(location)
            .map_err(|_| self.untaken(&"it names a place that is no address"))?;
        let is_here = place.scheme() == "http" && is_loopback(&place);
        if place.scheme() == "https" || (is_here && self.reference.is_loopback()) {
            return Ok(place);
        }
        Err(self.untaken(&"it names a place that others can read on the way to"))
    }

    fn fits(&self, what: &'static str, bytes: usize, limit: u64) -> Result<(), RegistryError> {
        if bytes as u64 <= limit {
            return Ok(());
        }
        Err(RegistryError::TooBig {
            reference: self.reference.to_string(),
            what,
            bytes: bytes as u64,
            limit,
        })
    }

    fn untaken(&self, problem: &dyn std::fmt::Display) -> RegistryError {
        RegistryError::Untaken {
            registry: self.reference.registry().to_owned(),
            problem: problem.to_string(),
        }
    }
}
