//! `Idempotency-Key`: one key never makes two things, whatever fails in between.
//!
//! The answer is kept in the same commit that makes the thing. Requests with one key wait for one another; the cache only
//! saves a look into the store.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::envelope::json;
use super::error::{ApiError, ErrorCode};
use super::locks::Locks;
use crate::clients::cache::Cache;
use crate::clock;
use crate::defects::{Defect, Defects};
use crate::store::{Store, StoreError};

/// How long a key is kept: 24 h.
const KEPT: Duration = Duration::from_hours(24);
/// How long a request waits for another one with the same key.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest key.
const KEY_LENGTH: usize = 255;

const KEYS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("idempotency_keys");

/// The header that marks an answer as the repetition of an earlier one.
const REPLAYED: &str = "idempotency-replayed";

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    fingerprint: String,
    at_ms: u64,
    body: String,
}

/// What has to be kept together with the thing that is made.
#[derive(Clone, Debug)]
pub struct Claim {
    key: String,
    fingerprint: String,
}

impl Claim {
    fn of(
        headers: &HeaderMap,
        path: &str,
        request: &impl Serialize,
    ) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let key = value.to_str().ok().filter(|key| is_valid(key));
        let Some(key) = key else {
            return Err(ApiError::new(
                ErrorCode::InvalidIdempotencyKey,
                format!("an idempotency key is 1 to {KEY_LENGTH} of A-Z, a-z, 0-9, - and _"),
            ));
        };
        let request = serde_json::to_vec(request).map_err(ApiError::internal)?;
        let mut hasher = Sha256::new();
        hasher.update(path.as_bytes());
        hasher.update([0]);
        hasher.update(&request);
        Ok(Some(Self {
            key: key.to_owned(),
            fingerprint: hexadecimal(&hasher.finalize()),
        }))
    }

    /// Keeps the answer's body in the commit that makes the thing.
    pub fn keep(&self, transaction: &WriteTransaction, body: &[u8]) -> Result<(), StoreError> {
        let kept = serde_json::to_vec(&self.kept(body))?;
        transaction
            .open_table(KEYS)?
            .insert(self.key.as_str(), kept.as_slice())?;
        Ok(())
    }

    fn kept(&self, body: &[u8]) -> Kept {
        Kept {
            fingerprint: self.fingerprint.clone(),
            at_ms: clock::now_ms(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }
}

fn is_valid(key: &str) -> bool {
    (1..=KEY_LENGTH).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The bytes as hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// The keys of a service.
#[derive(Debug)]
pub struct Idempotency {
    locks: Locks,
    store: Store,
    cache: Arc<Cache>,
    defects: Defects,
}

impl Idempotency {
    /// Keys kept in this store, and looked up in this cache first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn new(
        store: Store,
        cache: Arc<Cache>,
        defects: Defects,
    ) -> Result<Self, StoreError> {
        store
            .write(|transaction| {
                transaction.open_table(KEYS)?;
                Ok(())
            })
            .await?;
        Ok(Self {
            locks: Locks::default(),
            store,
            cache,
            defects,
        })
    }

    /// The claim of a request: none without the header.
    ///
    /// `request` is what the request asks for, in a form that is the same for equal requests.
    ///
    /// # Errors
    /// 400 for a bad key.
    pub fn claim(
        &self,
        headers: &HeaderMap,
        path: &str,
        request: &impl Serialize,
    ) -> Result<Option<Claim>, ApiError> {
        if self.defects.has(Defect::IdempotencyKeyIgnored) {
            return Ok(None);
        }
        Claim::of(headers, path, request)
    }

    /// Makes the thing once for each key: 201 with the body that `make` answers, or 200 with the body of the first time.
    ///
    /// # Errors
    /// Those of `make`, which are not kept; 409 if the key was used for another request, or if one with it does not end in 10 s.
    pub async fn once<F: Future<Output = Result<Bytes, ApiError>>>(
        &self,
        claim: Option<Claim>,
        make: impl FnOnce(Option<Claim>) -> F,
    ) -> Result<Response, ApiError> {
        let Some(claim) = claim else {
            return Ok(json(StatusCode::CREATED, make(None).await?));
        };
        let Some(_held) = self.locks.hold(&claim.key, PATIENCE).await else {
            return Err(ApiError::key_in_progress());
        };
        if let Some(replayed) = self.replayed(&claim).await? {
            return Ok(replayed);
        }
        let body = make(Some(claim.clone())).await?;
        if let Ok(kept) = serde_json::to_string(&claim.kept(&body)) {
            self.cache
                .put(&self.cache.slot(&cache_key(&claim.key)), &kept, KEPT)
                .await;
        }
        Ok(json(StatusCode::CREATED, body))
    }

    /// The answer of the first time; none if there is none yet.
    ///
    /// # Errors
    /// 409 if the key was used for another request.
    pub async fn replayed(&self, claim: &Claim) -> Result<Option<Response>, ApiError> {
        let kept = self.recall(&claim.key).await?;
        kept.map(|kept| self.replay(claim, kept)).transpose()
    }

    async fn recall(&self, key: &str) -> Result<Option<Kept>, ApiError> {
        let slot = self.cache.slot(&cache_key(key));
        if let Some(text) = self.cache.get(&slot).await
            && let Ok(kept) = serde_json::from_str::<Kept>(&text)
        {
            return Ok(Some(kept));
        }
        let name = key.to_owned();
        let kept = self
            .store
            .read(move |transaction| {
                let table = transaction.open_table(KEYS)?;
                let found = table.get(name.as_str())?;
                Ok(found
                    .map(|value| serde_json::from_slice::<Kept>(value.value()))
                    .transpose()?)
            })
            .await?;
        Ok(kept.filter(|kept| !is_over(kept.at_ms)))
    }

    fn replay(&self, claim: &Claim, kept: Kept) -> Result<Response, ApiError> {
        if kept.fingerprint != claim.fingerprint
            && !self.defects.has(Defect::IdempotencyConflictIgnored)
        {
            return Err(ApiError::new(
                ErrorCode::IdempotencyConflict,
                "the idempotency key was used for another request; take a new key",
            ));
        }
        let mut response = json(StatusCode::OK, kept.body.into());
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }

    /// Forgets the keys whose time is over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_old(&self) -> Result<(), StoreError> {
        self.store
            .write(|transaction| {
                let mut table = transaction.open_table(KEYS)?;
                let mut old = Vec::new();
                for entry in table.iter()? {
                    let (key, value) = entry?;
                    if is_over(serde_json::from_slice::<Kept>(value.value())?.at_ms) {
                        old.push(key.value().to_owned());
                    }
                }
                for key in old {
                    table.remove(key.as_str())?;
                }
                Ok(())
            })
            .await
    }
}

fn cache_key(key: &str) -> String {
    format!("idempotency:{key}")
}

fn is_over(at_ms: u64) -> bool {
    u128::from(clock::now_ms().saturating_sub(at_ms)) >= KEPT.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_1_to_255_plain_characters() {
        for (key, valid) in [
            ("a", true),
            ("A-z_09", true),
            ("", false),
            ("a b", false),
            ("ä", false),
            (&"k".repeat(255), true),
            (&"k".repeat(256), false),
        ] {
            assert_eq!(is_valid(key), valid, "{key}");
        }
    }

    #[tokio::test]
    async fn a_key_is_forgotten_after_24_hours_and_not_before() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let cache = Cache::new("test", "redis://127.0.0.1:1", Defects::default()).unwrap();
        let keys = Idempotency::new(store.clone(), Arc::new(cache), Defects::default())
            .await
            .unwrap();
        let day_ms = 24 * 60 * 60 * 1_000;
        for (key, age_ms) in [("old", day_ms), ("young", day_ms - 60_000)] {
            let kept = Kept {
                fingerprint: String::new(),
                at_ms: clock::now_ms() - age_ms,
                body: String::new(),
            };
            store
                .write(move |transaction| {
                    let value = serde_json::to_vec(&kept)?;
                    transaction
                        .open_table(KEYS)?
                        .insert(key, value.as_slice())?;
                    Ok(())
                })
                .await
                .unwrap();
        }
        assert!(keys.recall("old").await.unwrap().is_none());
        assert!(keys.recall("young").await.unwrap().is_some());
        keys.forget_old().await.unwrap();
        let left = store
            .read(|transaction| {
                let table = transaction.open_table(KEYS)?;
                let (key, _) = table.first()?.unwrap();
                Ok((
                    redb::ReadableTableMetadata::len(&table)?,
                    key.value().to_owned(),
                ))
            })
            .await;
        assert_eq!(left.unwrap(), (1, "young".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_behind_one_that_does_not_end_is_a_conflict_to_retry_and_no_fault() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let cache = Cache::new("test", "redis://127.0.0.1:1", Defects::default()).unwrap();
        let keys = Idempotency::new(store, Arc::new(cache), Defects::default())
            .await
            .unwrap();
        let _endless = keys.locks.hold("k", PATIENCE).await;
        let claim = Claim {
            key: "k".to_owned(),
            fingerprint: String::new(),
        };
        let make = |_| async { Ok(Bytes::new()) };
        let error = keys.once(Some(claim), make).await.unwrap_err();
        assert_eq!(error.status, StatusCode::CONFLICT);
        assert_eq!(error.code, ErrorCode::IdempotencyInProgress);
        assert_eq!(error.retry_after_s, Some(1));
    }

    #[test]
    fn the_fingerprint_tells_requests_and_paths_apart() {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", "k".parse().unwrap());
        let print = |path: &str, request: &str| {
            Claim::of(&headers, path, &request)
                .unwrap()
                .unwrap()
                .fingerprint
        };
        assert_eq!(print("/a", "x"), print("/a", "x"));
        assert_ne!(print("/a", "x"), print("/a", "y"));
        assert_ne!(print("/a", "x"), print("/b", "x"));
    }
}
