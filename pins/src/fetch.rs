//! Brings plugins from where they are into the cache, several side by side, each within its limits of time and of bytes. What is there
//! already is not asked for, what is damaged is fetched anew, and what is not the plugin that was pinned is thrown away.

mod error;
mod local;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use futures::{StreamExt as _, stream};
use tokio::sync::OnceCell;

use crate::{
    cache::{Cache, CacheError, Incoming, Kept},
    digest::Digest,
    limits::Limits,
    lock::Pin,
    registry::{Artifact, Logins, Published, Resolved, Session},
    signature::Signature,
    source::{Reference, Source},
    web::{Answer, Web, WebError},
};

pub use error::FetchError;

/// What fetches.
#[derive(Debug)]
pub struct Fetcher {
    cache: Cache,
    /// The folder of the lock, to which the paths of its files are relative.
    base: PathBuf,
    limits: Limits,
    logins: Logins,
    plain: OnceCell<Web>,
    secure: OnceCell<Web>,
}

/// How a plugin came into the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was there, and every byte of it is right.
    Present,
    /// It was brought.
    Fetched {
        /// Its bytes.
        bytes: u64,
    },
    /// What was there was damaged, and it was brought anew.
    Repaired {
        /// Its bytes.
        bytes: u64,
    },
}

/// What a source has at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The plugin, which is in the cache now.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
    /// Signatures that came with it; only registries have them.
    pub signatures: Vec<Signature>,
}

impl Fetcher {
    /// Fetches into this cache. Paths of files are relative to `base`, the folder of the lock.
    pub fn new(cache: Cache, base: impl Into<PathBuf>, limits: Limits, logins: Logins) -> Self {
        Self {
            cache,
            base: base.into(),
            limits,
            logins,
            plain: OnceCell::new(),
            secure: OnceCell::new(),
        }
    }

    /// Where it fetches to.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Brings all of these, side by side; how it went with each, in their order. One that fails stops no other. Afterwards the cache
    /// is made as small as it has to be, without these.
    pub async fn fetch<'a>(
        &self,
        pins: impl IntoIterator<Item = &'a Pin>,
    ) -> Result<Vec<(&'a Pin, Result<How, FetchError>)>, CacheError> {
        let pins: Vec<&Pin> = pins.into_iter().collect();
        let all: Vec<_> = stream::iter(pins)
            .map(|pin| async move { (pin, self.bring(pin).await) })
            .buffered(self.limits.at_once.max(1))
            .collect()
            .await;
        let keep: BTreeSet<Digest> = all.iter().map(|(pin, _)| pin.digest).collect();
        local::in_background(&self.cache, move |cache| cache.make_room(&keep)).await?;
        Ok(all)
    }

    async fn bring(&self, pin: &Pin) -> Result<How, FetchError> {
        let digest = pin.digest;
        let there = local::in_background(&self.cache, move |cache| {
            let checked = cache.check(&digest);
            match checked {
                Ok(Some(_)) => cache.renew(&digest)?,
                Err(ref error) if error.is_damage() => cache.discard(&digest)?,
                _ => {}
            }
            Ok(checked)
        })
        .await?;
        let is_damaged = match there {
            Ok(Some(_)) => return Ok(How::Present),
            Ok(None) => false,
            Err(error) if error.is_damage() => true,
            Err(error) => return Err(error.into()),
        };
        let (_, bytes) = self
            .within(&pin.source, self.take(&pin.source, Some(&digest)))
            .await?;
        Ok(if is_damaged {
            How::Repaired { bytes }
        } else {
            How::Fetched { bytes }
        })
    }

    /// Looks what a source has at present, and brings it: to lock it, or to update a lock.
    pub async fn find(&self, source: &Source) -> Result<Found, FetchError> {
        self.within(source, self.look(source)).await
    }

    async fn look(&self, source: &Source) -> Result<Found, FetchError> {
        let (wanted, signatures) = match source {
            Source::File(_) => (None, Vec::new()),
            Source::Web { digest: None, .. } => {
                return Err(FetchError::NoDigest {
                    from: source.shown(),
                });
            }
            Source::Web { digest, .. } => (*digest, Vec::new()),
            Source::Registry(reference) => {
                let resolved = self.resolve(reference).await?;
                (Some(resolved.plugin), resolved.signatures)
            }
        };
        if let Some(digest) = wanted
            && let Ok(Some(size)) =
                local::in_background(&self.cache, move |cache| cache.check(&digest)).await
        {
            return Ok(Found {
                digest,
                size,
                signatures,
            });
        }
        let (digest, size) = self.take(source, wanted.as_ref()).await?;
        Ok(Found {
            digest,
            size,
            signatures,
        })
    }

    /// What a tag of a registry says at present, without bringing it.
    pub async fn resolve(&self, reference: &Reference) -> Result<Resolved, FetchError> {
        let web = self.web(!reference.is_loopback()).await?;
        let session = Session::new(web, reference, self.logins.get(reference.registry()));
        Ok(session.resolve(&self.limits).await?)
    }

    /// Publishes a plugin in a registry, under a tag.
    pub async fn publish(
        &self,
        reference: &Reference,
        artifact: &Artifact,
    ) -> Result<Published, FetchError> {
        let web = self.web(!reference.is_loopback()).await?;
        let session = Session::new(web, reference, self.logins.get(reference.registry()));
        Ok(session.push(artifact).await?)
    }

    /// Brings what a source has, if it is what is wanted.
    async fn take(
        &self,
        source: &Source,
        wanted: Option<&Digest>,
    ) -> Result<(Digest, u64), FetchError> {
        let incoming = match source {
            Source::File(path) => {
                let path = self.base.join(path);
                let limit = self.limits.bytes;
                local::in_background(&self.cache, move |cache| {
                    Ok(local::copy(cache, &path, limit))
                })
                .await??
            }
            Source::Web { url, .. } => {
                let web = self.web(source.is_secure()).await?;
                let answer = web.send(web.ask(reqwest::Method::GET, url)).await?;
                let answer = page_or_plugin(answer).await?;
                self.download(source, answer).await?
            }
            Source::Registry(reference) => {
                let web = self.web(source.is_secure()).await?;
                let session = Session::new(web, reference, self.logins.get(reference.registry()));
                let digest = wanted.ok_or_else(|| FetchError::NoDigest {
                    from: source.shown(),
                })?;
                let answer = session.blob(digest).await?;
                self.download(source, answer).await?
            }
        };
        match incoming.keep(wanted)? {
            Kept::Stored { digest, size } => Ok((digest, size)),
            Kept::Other { got, size } => Err(FetchError::Other {
                from: source.shown(),
                // Without a wish everything is kept.
                wanted: wanted.copied().unwrap_or(got),
                got,
                size,
            }),
        }
    }

    /// Takes a body in, part by part, and not one byte more than a plugin may have.
    async fn download(&self, source: &Source, mut answer: Answer) -> Result<Incoming, FetchError> {
        let mut incoming = self.cache.begin()?;
        while let Some(part) = answer.part().await? {
            if incoming.size() + part.len() as u64 > self.limits.bytes {
                return Err(FetchError::TooBig {
                    from: source.shown(),
                    limit: self.limits.bytes,
                });
            }
            incoming.write(&part)?;
        }
        Ok(incoming)
    }

    async fn within<T>(
        &self,
        source: &Source,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        match tokio::time::timeout(self.limits.total, work).await {
            Ok(done) => done,
            Err(_) => Err(FetchError::TooSlow {
                from: source.shown(),
                waited: self.limits.total,
            }),
        }
    }

    async fn web(&self, is_secure: bool) -> Result<&Web, WebError> {
        let client = if is_secure { &self.secure } else { &self.plain };
        client
            .get_or_try_init(|| async { Web::new(self.limits, is_secure) })
            .await
    }

    /// The file that a source is, if it is one of this machine.
    pub fn local(&self, source: &Source) -> Option<PathBuf> {
        local_path(&self.base, source)
    }
}

pub(crate) fn local_path(base: &Path, source: &Source) -> Option<PathBuf> {
    match source {
        Source::File(path) => Some(base.join(path)),
        Source::Web { .. } | Source::Registry(_) => None,
    }
}

/// An answer with a plugin. A page is what a login or a mistyped address gives.
async fn page_or_plugin(answer: Answer) -> Result<Answer, WebError> {
    if answer.status() != reqwest::StatusCode::OK {
        return Err(answer.refusal().await);
    }
    let kind = answer.kind();
    if kind.starts_with("text/") || kind == "application/json" {
        return Err(WebError::Kind {
            url: answer.url().to_owned(),
            kind,
            wanted: "a plugin",
        });
    }
    Ok(answer)
}
