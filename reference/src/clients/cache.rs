//! The cache, as something that may be missing: a call is short, a failure is silent, and what could not be replaced is never
//! read again.
//!
//! Keys carry an epoch that is drawn at start. A replacement that is not confirmed draws a new one, which puts everything
//! older out of reach; the expiry of the keys cleans up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Cmd, FromRedisValue, cmd};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::defects::{Defect, Defects};

/// The most time that a request loses to the cache.
const CALL: Duration = Duration::from_millis(60);
/// How long the cache is left alone after a failure.
const REST: Duration = Duration::from_millis(500);
/// How many entries the service's own memory holds in place of the cache.
const OWN_ENTRIES: usize = 10_000;

/// Where a value is, under the epoch in which it was looked up.
#[derive(Clone, Debug)]
pub struct Slot(String);

/// A cache.
#[derive(Debug)]
pub struct Cache {
    kind: Kind,
    service: &'static str,
    epoch: RwLock<String>,
}

#[derive(Debug)]
enum Kind {
    Remote(Remote),
    Own(Mutex<HashMap<String, String>>),
}

#[derive(Debug)]
struct Remote {
    manager: ConnectionManager,
    began: Instant,
    /// Milliseconds after `began` until which the cache is left alone.
    rests_until: AtomicU64,
}

impl Cache {
    /// A cache that is connected to when it is first used.
    ///
    /// # Errors
    /// When the address is not one of a Redis.
    pub fn new(
        service: &'static str,
        url: &str,
        defects: Defects,
    ) -> Result<Self, redis::RedisError> {
        let kind = if defects.has(Defect::ConfigurationIgnored) {
            Kind::Own(Mutex::default())
        } else {
            let settings = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(CALL))
                .set_response_timeout(Some(CALL))
                .set_number_of_retries(0);
            let client = redis::Client::open(url)?;
            Kind::Remote(Remote {
                manager: ConnectionManager::new_lazy_with_config(client, settings)?,
                began: Instant::now(),
                rests_until: AtomicU64::new(0),
            })
        };
        Ok(Self {
            kind,
            service,
            epoch: RwLock::new(Uuid::new_v4().to_string()),
        })
    }

    /// Where the value of this key is. Look up and fill with the same slot.
    pub fn slot(&self, key: &str) -> Slot {
        let epoch = self.epoch.read().unwrap_or_else(PoisonError::into_inner);
        Slot(format!("assay:{}:{epoch}:{key}", self.service))
    }

    /// The value, if there is one and the cache answers.
    pub async fn get(&self, slot: &Slot) -> Option<String> {
        match &self.kind {
            Kind::Remote(remote) => remote
                .call::<Option<String>>(cmd("GET").arg(&slot.0))
                .await
                .flatten(),
            Kind::Own(entries) => lock(entries).get(&slot.0).cloned(),
        }
    }

    /// Fills a slot that was found empty. A value that came there meanwhile is newer and stays.
    pub async fn fill(&self, slot: &Slot, value: &str, kept: Duration) {
        match &self.kind {
            Kind::Remote(remote) => {
                let mut command = set(slot, value, kept);
                command.arg("NX");
                remote.call::<Option<String>>(&command).await;
            }
            Kind::Own(entries) => {
                let mut entries = lock(entries);
                if entries.len() < OWN_ENTRIES {
                    entries
                        .entry(slot.0.clone())
                        .or_insert_with(|| value.to_owned());
                }
            }
        }
    }

    /// Replaces what is in a slot.
    pub async fn put(&self, slot: &Slot, value: &str, kept: Duration) {
        let replaced = match &self.kind {
            Kind::Remote(remote) => remote
                .call::<Option<String>>(&set(slot, value, kept))
                .await
                .is_some(),
            Kind::Own(entries) => {
                let mut entries = lock(entries);
                if entries.len() >= OWN_ENTRIES {
                    entries.clear();
                }
                entries.insert(slot.0.clone(), value.to_owned());
                true
            }
        };
        if !replaced {
            let mut epoch = self.epoch.write().unwrap_or_else(PoisonError::into_inner);
            *epoch = Uuid::new_v4().to_string();
        }
    }

    /// Whether the cache answers.
    ///
    /// # Errors
    /// Why not.
    pub async fn ping(&self) -> Result<(), String> {
        match &self.kind {
            // The first call after an outage finds the old connection broken, and makes a new one for the second.
            Kind::Remote(remote) => match remote.ping().await {
                Ok(()) => Ok(()),
                Err(_) => remote.ping().await,
            }
            .map_err(|error| error.to_string()),
            Kind::Own(_) => Ok(()),
        }
    }
}

fn set(slot: &Slot, value: &str, kept: Duration) -> Cmd {
    let mut command = cmd("SET");
    command.arg(&slot.0).arg(value);
    command.arg("EX").arg(kept.as_secs().max(1));
    command
}

fn lock(
    entries: &Mutex<HashMap<String, String>>,
) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Remote {
    async fn ping(&self) -> Result<(), redis::RedisError> {
        let mut manager = self.manager.clone();
        cmd("PING")
            .query_async::<String>(&mut manager)
            .await
            .map(drop)
    }

    /// The answer; none if the cache rests or fails.
    async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if !self.may_call() {
            return None;
        }
        let mut manager = self.manager.clone();
        let answer = timeout(CALL, command.query_async(&mut manager))
            .await
            .ok()
            .and_then(Result::ok);
        let rest = if answer.is_some() {
            0
        } else {
            self.now() + millis(REST)
        };
        self.rests_until.store(rest, Ordering::Relaxed);
        answer
    }

    /// After a rest, one request tries and the others go on without: they must not all wait for a cache that is still down.
    fn may_call(&self) -> bool {
        let until = self.rests_until.load(Ordering::Relaxed);
        until == 0
            || (self.now() >= until
                && self
                    .rests_until
                    .compare_exchange(
                        until,
                        self.now() + millis(REST),
                        Ordering::Relaxed,
                        Ordering::Relaxed,
                    )
                    .is_ok())
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
