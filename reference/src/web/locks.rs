//! Locks by name, made when they are needed and freed when nobody holds or awaits them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

type Named = HashMap<String, Arc<tokio::sync::Mutex<()>>>;

/// A family of locks.
#[derive(Clone, Debug, Default)]
pub struct Locks(Arc<Mutex<Named>>);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Held {
    guard: Option<OwnedMutexGuard<()>>,
    name: String,
    locks: Locks,
}

impl Locks {
    /// Takes the lock of this name, in the order of asking; none if it did not come free in time.
    pub async fn hold(&self, name: &str, within: Duration) -> Option<Held> {
        let lock = Arc::clone(self.named().entry(name.to_owned()).or_default());
        let guard = timeout(within, lock.lock_owned()).await.ok();
        let held = Held {
            guard,
            name: name.to_owned(),
            locks: self.clone(),
        };
        held.guard.is_some().then_some(held)
    }

    fn named(&self) -> std::sync::MutexGuard<'_, Named> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.guard = None;
        let mut named = self.locks.named();
        // Waiters own a clone each, and nobody can take another one while the map is locked.
        if named
            .get(&self.name)
            .is_some_and(|lock| Arc::strong_count(lock) == 1)
        {
            named.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_held_lock_is_waited_for_within_the_bound_and_freed_after_use() {
        let locks = Locks::default();
        let second = Duration::from_secs(1);
        let held = locks.hold("a", second).await.unwrap();
        assert!(locks.hold("b", second).await.is_some());
        assert!(locks.hold("a", second).await.is_none());
        drop(held);
        assert!(locks.hold("a", second).await.is_some());
        assert!(locks.named().is_empty());
    }
}
