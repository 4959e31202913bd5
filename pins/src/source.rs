//! Where a plugin comes from, as it is written on the command line and in the lock: a file, an address, or a name in a registry.
//!
//! The lock is committed, and messages are read by many: an address that holds credentials is refused when it is read, and the query of
//! an address, which may let somebody in, is in no message.

mod reference;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use assay_report::hint::Hinted;
use thiserror::Error;
use url::Url;

use crate::digest::Digest;

pub use reference::{At, Reference};

/// Bytes that a source may be written with.
pub const MAX_SOURCE: usize = 2048;

/// What the address of a name in a registry begins with.
const OCI: &str = "oci://";

/// One place that one plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file of this machine, relative to the folder of the lock or absolute.
    File(PathBuf),
    /// What a server answers, whose digest has to be known beforehand: behind `#` where it is not in a lock.
    Web {
        /// `https`, or `http` on loopback; without user, password and fragment.
        url: Url,
        /// What is behind `#`.
        digest: Option<Digest>,
    },
    /// An artifact of an OCI registry.
    Registry(Reference),
}

impl Source {
    /// As it is shown to people: without the query of an address.
    pub fn shown(&self) -> String {
        match self {
            Self::Web { url, .. } => shown(url),
            other => other.to_string(),
        }
    }

    /// As a lock has it: without the digest of an address, which stands beside it there, and with a path that does not look like a name.
    #[must_use]
    pub fn locked(&self) -> Self {
        match self {
            Self::Web { url, .. } => Self::Web {
                url: url.clone(),
                digest: None,
            },
            other => other.clone(),
        }
    }

    /// Whether asking it needs TLS.
    pub(crate) fn is_secure(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Web { url, .. } => url.scheme() == "https",
            Self::Registry(reference) => !reference.is_loopback(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => {
                let path = path.display().to_string();
                let plain = path.starts_with(['/', '.']);
                let before = if plain { "" } else { "./" };
                write!(formatter, "{before}{path}")
            }
            Self::Web { url, digest } => {
                formatter.write_str(url.as_str())?;
                digest.map_or(Ok(()), |digest| write!(formatter, "#{digest}"))
            }
            Self::Registry(reference) => write!(formatter, "{OCI}{reference}"),
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        if text.is_empty() {
            return Err(SourceError::Empty);
        }
        if text.len() > MAX_SOURCE {
            return Err(SourceError::TooLong(text.len()));
        }
        if text.chars().any(char::is_control) {
            return Err(SourceError::Control);
        }
        if let Some(reference) = text.strip_prefix(OCI) {
            return reference::parse(reference).map(Self::Registry);
        }
        if text.contains("://") {
            return web(text);
        }
        if is_name(text) {
            return reference::parse(text).map(Self::Registry);
        }
        // One path, written with and without it.
        let path = text.strip_prefix("./").filter(|rest| !rest.is_empty());
        Ok(Self::File(PathBuf::from(path.unwrap_or(text))))
    }
}

/// Whether a text without a scheme is a name in a registry. Its first part is a host then, and a tag or a digest follows; what begins
/// like a path or ends like a plugin's file is a path.
fn is_name(text: &str) -> bool {
    let is_path =
        text.starts_with(['/', '.']) || Path::new(text).extension() == Some("wasm".as_ref());
    let Some((host, name)) = text.split_once('/') else {
        return false;
    };
    let is_host = host == "localhost" || host.contains(['.', ':']);
    !is_path && is_host && name.contains([':', '@'])
}

fn web(text: &str) -> Result<Source, SourceError> {
    let wrong = |problem: &str| SourceError::Address {
        address: without_secrets(text),
        problem: problem.to_owned(),
    };
    let mut url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SourceError::Credentials(shown(&url)));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(SourceError::Plain(shown(&url))),
        other => return Err(wrong(&format!("nothing is fetched over `{other}`"))),
    }
    let digest = match url.fragment().map(str::parse) {
        None => None,
        Some(Ok(digest)) => Some(digest),
        Some(Err(_)) => return Err(wrong("behind `#` stands `sha256:` and 64 digits")),
    };
    url.set_fragment(None);
    Ok(Source::Web { url, digest })
}

/// Whether it leads to this machine, whatever a resolver says.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// An address for messages: without what may let somebody in.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let had_query = url.query().is_some();
    url.set_query(None);
    url.set_fragment(None);
    // Only an address without a host refuses this, and that has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let rest = if had_query { "?…" } else { "" };
    format!("{url}{rest}")
}

/// The same of a text that may be no address at all, or one that others understand otherwise: of each of its parts without what is before
/// an `@`, if that has a colon or stands where users do.
fn without_secrets(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let authority = text.find("://").map_or(usize::MAX, |at| at + "://".len());
    let mut start = 0;
    let parts = text[..end].split('/').map(|part| {
        let is_authority = start == authority;
        start += part.len() + 1;
        match part.rsplit_once('@') {
            Some((user, host)) if is_authority || user.contains(':') => host,
            _ => part,
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// What somebody names to be locked: one plugin, or a folder of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// One place.
    One(Source),
    /// All files of this folder whose names end in `.wasm`.
    Folder(PathBuf),
}

impl Given {
    /// Reads what was written; `is_folder` says what is one on this machine.
    pub fn read(text: &str, is_folder: impl Fn(&Path) -> bool) -> Result<Self, SourceError> {
        Ok(match text.parse()? {
            Source::File(path) if is_folder(&path) => Self::Folder(path),
            source => Self::One(source),
        })
    }
}

/// The plugins of a folder, sorted by name. What lies in folders below it is not looked at.
pub fn plugins_of(folder: &Path) -> Result<Vec<Source>, SourceError> {
    let failed = |source| SourceError::Folder {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|end| end == "wasm") {
            files.push(path);
        }
        if files.len() > crate::limits::MAX_PLUGINS {
            return Err(SourceError::TooMany(folder.to_owned()));
        }
    }
    if files.is_empty() {
        return Err(SourceError::NoPlugins(folder.to_owned()));
    }
    files.sort_unstable();
    Ok(files.into_iter().map(Source::File).collect())
}

/// Why a text is no source.
#[derive(Debug, Error)]
pub enum SourceError {
    /// There is nothing.
    #[error("a source is empty")]
    Empty,
    /// It is longer than [`MAX_SOURCE`].
    #[error("a source has {0} bytes, more than {MAX_SOURCE}")]
    TooLong(usize),
    /// It would not stay on its line.
    #[error("a source has a character that cannot be seen")]
    Control,
    /// It is no address of a server.
    #[error("`{address}` is no address to fetch from: {problem}")]
    Address {
        /// Without what may let somebody in.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The lock would publish them.
    #[error("`{0}` was written with a user or a password")]
    Credentials(String),
    /// Anybody on the way could read and change it.
    #[error("`{0}` is not encrypted")]
    Plain(String),
    /// It is no name in a registry.
    #[error("`{name}` is no name in a registry: {problem}")]
    Reference {
        /// As it was written.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A folder cannot be read.
    #[error("cannot read the folder `{}`: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder has none.
    #[error("there is no plugin in `{}`", .0.display())]
    NoPlugins(PathBuf),
    /// A folder has too many.
    #[error("there are more than {} plugins in `{}`", crate::limits::MAX_PLUGINS, .0.display())]
    TooMany(PathBuf),
}

impl Hinted for SourceError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Empty | Self::TooLong(_) | Self::Control => {
                "write ./FILE.wasm, https://HOST/FILE.wasm#sha256:DIGITS or oci://REGISTRY/NAME:TAG"
            }
            Self::Address { .. } => "write it as https://HOST/FILE.wasm#sha256:DIGITS",
            Self::Credentials(_) => {
                "leave them out: those of registries are read from a file of their own, and the lock is for everybody"
            }
            Self::Plain(_) => "use https; http is for loopback alone",
            Self::Reference { .. } => {
                "write it as oci://REGISTRY/NAME:TAG or oci://REGISTRY/NAME@sha256:DIGITS"
            }
            Self::Folder { .. } => "look whether it is a folder that you may read",
            Self::NoPlugins(_) => "build the plugins first; their names end in `.wasm`",
            Self::TooMany(_) => "name fewer, or a folder with fewer",
        };
        Some(text.to_owned())
    }
}
