//! A name in an OCI registry: `REGISTRY/NAME:TAG` or `REGISTRY/NAME@sha256:DIGITS`, by the grammar of OCI's distribution specification
//! ("Pulling manifests"). Nothing is made up: a registry is named, and so is a tag.

use std::{fmt, net::IpAddr};

use url::Url;

use super::{SourceError, is_loopback, without_secrets};
use crate::digest::Digest;

/// Characters that a name may have, so that with the host it fits into 255 as clients demand it.
const MAX_NAME: usize = 200;
/// Characters that a tag may have.
const MAX_TAG: usize = 128;

/// An artifact of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    registry: String,
    name: String,
    at: At,
}

/// Which of the artifacts of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// What a tag says today.
    Tag(String),
    /// The manifest with this digest, for ever.
    Digest(Digest),
}

impl Reference {
    /// Host, and port where it has one.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository in it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A tag, or a manifest's digest.
    pub fn at(&self) -> &At {
        &self.at
    }

    /// Whether it is on this machine, and spoken to without TLS.
    pub fn is_loopback(&self) -> bool {
        address(&self.registry).is_some_and(|url| is_loopback(&url))
    }

    /// Where a part of its repository is: `manifests/1.0`, `blobs/sha256:…`.
    pub(crate) fn url(&self, part: &str) -> Result<Url, SourceError> {
        let scheme = if self.is_loopback() { "http" } else { "https" };
        let text = format!("{scheme}://{}/v2/{}/{part}", self.registry, self.name);
        Url::parse(&text).map_err(|_| wrong(&self.to_string(), "its host is none"))
    }

    /// How a manifest is asked for.
    pub(crate) fn wanted(&self) -> String {
        match &self.at {
            At::Tag(tag) => tag.clone(),
            At::Digest(digest) => digest.to_string(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, name, at } = self;
        match at {
            At::Tag(tag) => write!(formatter, "{registry}/{name}:{tag}"),
            At::Digest(digest) => write!(formatter, "{registry}/{name}@{digest}"),
        }
    }
}

/// Reads what is behind `oci://`.
pub(super) fn parse(text: &str) -> Result<Reference, SourceError> {
    let begin = text.split('/').next().unwrap_or_default();
    if let Some((_, host)) = begin.rsplit_once('@') {
        return Err(SourceError::Credentials(format!("oci://{host}")));
    }
    let (registry, rest) = text
        .split_once('/')
        .ok_or_else(|| wrong(text, "it has no `/` behind its registry"))?;
    if !is_host(registry) {
        return Err(wrong(text, "its registry is no host"));
    }
    let (name, at) = if let Some((name, digest)) = rest.split_once('@') {
        let digest = digest
            .parse()
            .map_err(|_| wrong(text, "behind `@` stands `sha256:` and 64 digits"))?;
        (name, At::Digest(digest))
    } else if let Some((name, tag)) = rest.split_once(':') {
        if !is_tag(tag) {
            return Err(wrong(text, "its tag is none"));
        }
        (name, At::Tag(tag.to_owned()))
    } else {
        return Err(wrong(text, "it has neither a tag nor a digest"));
    };
    if name.len() > MAX_NAME || !name.split('/').all(is_part) {
        return Err(wrong(
            text,
            "its name is lower-case letters and digits, with `.`, `_`, `-` and `/` between them",
        ));
    }
    Ok(Reference {
        registry: registry.to_owned(),
        name: name.to_owned(),
        at,
    })
}

fn wrong(name: &str, problem: &'static str) -> SourceError {
    SourceError::Reference {
        name: without_secrets(name),
        problem,
    }
}

/// The registry as an address, if it is one and nothing more.
fn address(registry: &str) -> Option<Url> {
    Url::parse(&format!("http://{registry}/")).ok()
}

fn is_host(registry: &str) -> bool {
    let known = |character: char| character.is_ascii_alphanumeric() || ".-:[]".contains(character);
    registry.chars().all(known) && address(registry).is_some_and(|url| same_host(&url, registry))
}

/// An address may understand a host otherwise than it is written (`0x7f.1`): then nobody knows what is meant.
fn same_host(url: &Url, registry: &str) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let written = registry.to_ascii_lowercase();
    let rest = written.strip_prefix(host);
    let is_address = host
        .trim_matches(['[', ']'])
        .parse::<IpAddr>()
        .is_ok_and(|address| !address.is_unspecified());
    let is_name = !host.starts_with('[') && host.parse::<IpAddr>().is_err();
    (is_address || is_name)
        && rest.is_some_and(|port| {
            port.is_empty()
                || port
                    .strip_prefix(':')
                    .is_some_and(|digits| digits.parse::<u16>().is_ok_and(|port| port > 0))
        })
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_part(part: &str) -> bool {
    let plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let separated = part
        .split(plain)
        .filter(|separator| !separator.is_empty())
        .all(|separator| {
            matches!(separator, "." | "_" | "__") || separator.chars().all(|c| c == '-')
        });
    part.starts_with(plain) && part.ends_with(plain) && separated
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn is_tag(tag: &str) -> bool {
    let first = |character: char| character.is_ascii_alphanumeric() || character == '_';
    tag.len() <= MAX_TAG
        && tag.starts_with(first)
        && tag
            .chars()
            .all(|character| first(character) || ".-".contains(character))
}
