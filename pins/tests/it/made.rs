//! What the tests need: a cache in a folder that goes with it, plugins, and short limits for what never comes.

use std::time::{Duration, SystemTime};

use assay_pins::{
    Digest,
    cache::{Cache, DEFAULT_CAPACITY},
    fetch::{FetchError, Fetcher, How},
    limits::Limits,
    lock::Pin,
    registry::{Artifact, Logins},
};
use assay_report::hint::told;

/// What a test waits for, where nothing comes.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// A fetcher and the folder of its cache and of its lock.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) fetcher: Fetcher,
}

pub(crate) fn place(limits: Limits) -> Place {
    place_of(limits, Logins::default())
}

pub(crate) fn place_of(limits: Limits, logins: Logins) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("cache"), DEFAULT_CAPACITY);
    let fetcher = Fetcher::new(cache, folder.path(), limits, logins);
    Place { folder, fetcher }
}

/// A pin of these bytes from there.
pub(crate) fn pin(name: &str, source: &str, bytes: &[u8]) -> Pin {
    Pin {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        contract: "assay:suite@0.1.0".to_owned(),
        source: source.parse().unwrap(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        signatures: Vec::new(),
    }
}

pub(crate) fn artifact(bytes: &[u8]) -> Artifact {
    Artifact {
        bytes: bytes.to_vec().into(),
        version: "0.1.0".to_owned(),
        exports: vec!["assay:suite/suite@0.1.0".to_owned()],
        imports: vec!["assay:suite/http@0.1.0".to_owned()],
        created: SystemTime::UNIX_EPOCH,
        signatures: Vec::new(),
    }
}

impl Place {
    /// Fetches one plugin.
    pub(crate) async fn fetch(&self, pin: &Pin) -> Result<How, FetchError> {
        let mut all = self.fetcher.fetch([pin]).await.unwrap();
        all.pop().unwrap().1
    }

    /// What a person is told when one plugin cannot be fetched; the cache is as empty then as before.
    pub(crate) async fn problem(&self, pin: &Pin) -> String {
        let error = self.fetch(pin).await.unwrap_err();
        assert_eq!(self.fetcher.cache().check(&pin.digest).unwrap(), None);
        assert_eq!(self.beside(), 0, "nothing is left half done");
        told(&error)
    }

    /// Files that are on their way into the cache.
    pub(crate) fn beside(&self) -> usize {
        let incoming = self.folder.path().join("cache/incoming");
        std::fs::read_dir(incoming).map_or(0, Iterator::count)
    }
}

/// An answer with this body.
pub(crate) fn ok(kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
}
