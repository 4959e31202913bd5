//! The entries of the cache: bounded in memory, gone when their time is over.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

/// The most bytes of all keys and values together, with what each entry costs besides.
const MEMORY: usize = 256 << 20;
/// What an entry costs besides its key and value, roughly.
const OVERHEAD: usize = 96;

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OutOfMemory;

/// How long an entry will be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Absent,
    ForEver,
    For(Duration),
}

impl Left {
    /// The time, if there is an end.
    pub(super) const fn duration(self) -> Option<Duration> {
        match self {
            Self::For(left) => Some(left),
            Self::Absent | Self::ForEver => None,
        }
    }
}

#[derive(Debug)]
struct Entry {
    value: Bytes,
    ends: Option<Instant>,
}

impl Entry {
    fn is_over(&self, now: Instant) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }
}

/// All entries.
#[derive(Debug, Default)]
pub(super) struct Entries {
    entries: HashMap<Bytes, Entry>,
    used: usize,
}

impl Entries {
    pub(super) fn get(&mut self, key: &Bytes) -> Option<Bytes> {
        self.drop_if_over(key);
        self.entries.get(key).map(|entry| entry.value.clone())
    }

    pub(super) fn set(
        &mut self,
        key: Bytes,
        value: Bytes,
        ends: Option<Instant>,
    ) -> Result<(), OutOfMemory> {
        self.remove(&key);
        let cost = cost(&key, &value);
        if self.used + cost > MEMORY {
            self.sweep();
        }
        if self.used + cost > MEMORY {
            return Err(OutOfMemory);
        }
        self.used += cost;
        self.entries.insert(key, Entry { value, ends });
        Ok(())
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, key: &Bytes) -> bool {
        self.drop_if_over(key);
        self.take(key)
    }

    /// Whether it is there, to have its end changed; none keeps it for ever.
    pub(super) fn expire(&mut self, key: &Bytes, ends: Option<Instant>) -> bool {
        self.drop_if_over(key);
        match self.entries.get_mut(key) {
            Some(entry) => {
                entry.ends = ends;
                true
            }
            None => false,
        }
    }

    /// The time that is left to an entry.
    pub(super) fn left(&mut self, key: &Bytes) -> Left {
        self.drop_if_over(key);
        match self.entries.get(key).map(|entry| entry.ends) {
            None => Left::Absent,
            Some(None) => Left::ForEver,
            Some(Some(ends)) => Left::For(ends.saturating_duration_since(Instant::now())),
        }
    }

    pub(super) fn keys(&mut self) -> Vec<Bytes> {
        self.sweep();
        self.entries.keys().cloned().collect()
    }

    pub(super) fn len(&mut self) -> usize {
        self.sweep();
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Frees everything whose time is over.
    pub(super) fn sweep(&mut self) {
        let now = Instant::now();
        let used = &mut self.used;
        self.entries.retain(|key, entry| {
            let stays = !entry.is_over(now);
            if !stays {
                *used -= cost(key, &entry.value);
            }
            stays
        });
    }

    fn drop_if_over(&mut self, key: &Bytes) {
        let now = Instant::now();
        if self
            .entries
            .get(key)
            .is_some_and(|entry| entry.is_over(now))
        {
            self.take(key);
        }
    }

    fn take(&mut self, key: &Bytes) -> bool {
        let Some(entry) = self.entries.remove(key) else {
            return false;
        };
        self.used -= cost(key, &entry.value);
        true
    }
}

fn cost(key: &Bytes, value: &Bytes) -> usize {
    key.len() + value.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_entry_is_gone_when_its_time_is_over_and_its_memory_is_free() {
        let mut entries = Entries::default();
        let ends = Instant::now() + Duration::from_millis(100);
        entries.set("k".into(), "v".into(), Some(ends)).unwrap();
        tokio::time::advance(Duration::from_millis(99)).await;
        assert_eq!(entries.get(&"k".into()), Some("v".into()));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(entries.get(&"k".into()), None);
        assert_eq!(entries.used, 0);
    }

    #[tokio::test]
    async fn memory_is_bounded_and_comes_free_again() {
        let mut entries = Entries::default();
        let most = Bytes::from(vec![0; MEMORY - OVERHEAD - 1]);
        entries.set("k".into(), most, None).unwrap();
        assert_eq!(entries.used, MEMORY);
        assert_eq!(entries.set("l".into(), "v".into(), None), Err(OutOfMemory));
        assert!(entries.remove(&"k".into()));
        assert_eq!(entries.set("l".into(), "v".into(), None), Ok(()));
    }
}
