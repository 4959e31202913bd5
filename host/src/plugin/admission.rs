//! Whether the bytes of a file may become a plugin, asked once they are read and before anything of them is compiled.

use std::{path::Path, sync::Mutex};

use assay_pins::{
    Digest,
    signature::{Distrust, Trust},
    verify::{Gate, Refusal},
};

use super::error::Problem;

/// Who lets plugins in.
#[derive(Debug, Default)]
pub struct Admission<'a> {
    /// What is locked; without it everything that is named may be loaded.
    gate: Option<&'a Gate<'a>>,
    /// Those that were let in though no known key vouches for them, by name.
    warned: Mutex<Vec<(String, Distrust)>>,
}

impl<'a> Admission<'a> {
    /// Lets everything in that is named.
    pub fn open() -> Self {
        Self::default()
    }

    /// Lets in what is locked.
    pub fn locked(gate: &'a Gate<'a>) -> Self {
        Self {
            gate: Some(gate),
            warned: Mutex::default(),
        }
    }

    /// Judges a file by the digest of its bytes, in hexadecimal.
    pub(super) fn admit(&self, file: &Path, digest: &str) -> Result<(), Problem> {
        let Some(gate) = self.gate else {
            return Ok(());
        };
        let digest = Digest::from_hexadecimal(digest)
            .map_err(|error| Problem::Unreadable(std::io::Error::other(error)))?;
        let admitted = gate.admit(file, &digest)?;
        if let Trust::Warned(distrust) = admitted.trust {
            let warned = (admitted.pin.name.clone(), distrust);
            self.warned_mut().push(warned);
        }
        Ok(())
    }

    /// What has to be told of those that were let in, by name.
    pub fn warned(self) -> Vec<(String, Distrust)> {
        let mut warned = std::mem::take(&mut *self.warned_mut());
        warned.sort_by(|one, other| one.0.cmp(&other.0));
        warned.dedup();
        warned
    }

    fn warned_mut(&self) -> std::sync::MutexGuard<'_, Vec<(String, Distrust)>> {
        // Whoever panicked left a whole list.
        self.warned
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::NotLocked(Box::new(refusal))
    }
}
