//! D27: what is made leaves memory behind that nothing frees, as a list for debugging does that nobody empties.

use std::sync::{Mutex, PoisonError};

/// What one thing leaves behind, in bytes.
const EACH: usize = 64 << 10;
/// After so many things no more is kept: 1 GiB, so that the machine of a long test lives.
const MOST: usize = 16_384;

/// The memory that was kept.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Vec<Box<[u8]>>>);

impl Kept {
    /// Keeps 64 KiB.
    pub fn more(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST {
            // Not of zeros: those would be pages that the kernel has yet to give.
            kept.push(vec![1; EACH].into_boxed_slice());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_ends_at_a_gibibyte() {
        let kept = Kept(Mutex::new(vec![Box::default(); MOST - 1]));
        kept.more();
        kept.more();
        let kept = kept.0.into_inner().unwrap();
        assert_eq!(kept.len(), MOST);
        assert_eq!(kept.last().unwrap().len(), EACH);
    }
}
