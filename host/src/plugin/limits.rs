//! What an attempt may take of the host's memory. Beyond it the plugin is stopped where it asked, so that the backtrace names who did.

use wasmtime::ResourceLimiter;

use super::engine::TABLE_ELEMENTS;

/// Core instances, memories and tables of one attempt.
const MAX_INSTANCES: usize = 64;
const MAX_MEMORIES: usize = 4;
const MAX_TABLES: usize = 64;

/// A limit was reached; the text says which one, with its number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct LimitReached(pub(super) String);

/// The limits of one attempt.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Bytes of linear memory, all memories together.
    memory: usize,
    /// Bytes that are in use.
    used: usize,
}

impl Limits {
    /// At most so many bytes of linear memory.
    pub(crate) fn new(memory: usize) -> Self {
        Self { memory, used: 0 }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.used.saturating_add(desired.saturating_sub(current));
        if wanted > self.memory {
            return Err(LimitReached(format!(
                "the plugin asked for {} of memory and may have {}",
                size(wanted),
                size(self.memory)
            ))
            .into());
        }
        self.used = wanted;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(LimitReached(format!("the plugin's memory cannot grow: {error:#}")).into())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS {
            return Err(LimitReached(format!(
                "the plugin asked for a table of {desired} elements and may have {TABLE_ELEMENTS}"
            ))
            .into());
        }
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(LimitReached(format!("the plugin's table cannot grow: {error:#}")).into())
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }
}

/// A size for people, in the largest unit in which it is whole.
fn size(bytes: usize) -> String {
    match bytes {
        0 => "0 bytes".to_owned(),
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_granted_up_to_the_limit_and_refused_one_page_beyond() {
        let mut limits = Limits::new(2 << 20);
        assert!(limits.memory_growing(0, 1 << 20, None).unwrap());
        assert!(limits.memory_growing(0, 1 << 20, None).unwrap());
        let error = limits
            .memory_growing(1 << 20, (1 << 20) + (64 << 10), None)
            .unwrap_err();
        assert_eq!(
            error.downcast_ref::<LimitReached>().unwrap().0,
            "the plugin asked for 2112 KiB of memory and may have 2 MiB"
        );
    }

    #[test]
    fn a_table_is_granted_up_to_the_limit() {
        let mut limits = Limits::new(0);
        assert!(limits.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        assert!(limits.table_growing(0, TABLE_ELEMENTS + 1, None).is_err());
    }
}
