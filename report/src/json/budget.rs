//! How much text of evidence a document takes: one number for all attempts, so that a run of many bad ones stays readable.

/// Bytes of text of all evidence in the document. What comes later is left out and counted.
pub const MAX_EVIDENCE_BYTES: usize = 32 << 20;

/// How much text the document may still take.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: MAX_EVIDENCE_BYTES,
        }
    }
}

impl Budget {
    /// Those that fit, from the first one on.
    pub(super) fn keep<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        size: fn(&T) -> usize,
    ) -> Vec<T> {
        items
            .into_iter()
            .map_while(|item| {
                self.left = self.left.checked_sub(size(&item))?;
                Some(item)
            })
            .collect()
    }
}
