//! Whose each plugin is, and what it may do in this run: decided once all are loaded, and before anything of one is run for a case.

use std::path::Path;

use assay_grants::{
    Permit,
    standing::{Origin, Place, Standing, standing},
};
use assay_pins::{
    Digest,
    lock::{Lock, LockError, Pin},
    source::Source,
};
use assay_report::exit::Exit;

use super::{locked, output};
use crate::{
    config::{Settings, Trust},
    plugin::Outline,
};

/// What is known of the plugins of a project.
pub(super) struct Permits<'s> {
    settings: &'s Settings,
    lock: Lock,
}

/// What a plugin may do, and by what.
pub(super) struct Decision {
    pub(super) standing: Standing,
    pub(super) permit: Permit,
}

impl<'s> Permits<'s> {
    /// Reads the lock, if there is one: it says what came from elsewhere, whatever its file is called now.
    pub(super) fn new(settings: &'s Settings) -> Result<Self, Exit> {
        let lock = match Lock::read(&locked::path(settings)) {
            Err(LockError::Missing(_)) => Lock::default(),
            read => read.map_err(|error| output::fail(&error, Exit::Config))?,
        };
        Ok(Self { settings, lock })
    }

    /// Whose a plugin is, and what it may do.
    pub(super) fn decide(&self, plugin: &Outline) -> Decision {
        let pin = self.pin(plugin);
        let stem = plugin.file.file_stem();
        let name = match (pin, stem) {
            (Some(pin), _) => pin.name.clone(),
            (None, Some(stem)) => stem.to_string_lossy().into_owned(),
            (None, None) => String::new(),
        };
        let standing = match self.settings.trust {
            Trust::All => Standing::Own,
            Trust::Own => self.standing(plugin, pin),
        };
        let grants = &self.settings.grants;
        let permit = standing.permit(&name, grants.tables.get(&name), grants.given.get(&name));
        Decision { standing, permit }
    }

    /// The same, refused if it wants more than it has.
    pub(super) fn permit(&self, plugin: &Outline) -> Result<Permit, Exit> {
        let Decision { permit, .. } = self.decide(plugin);
        match permit.missing(&plugin.wants) {
            Some(missing) => Err(output::fail(&missing, Exit::Plugin)),
            None => Ok(permit),
        }
    }

    fn standing(&self, plugin: &Outline, pin: Option<&Pin>) -> Standing {
        // A path that cannot be resolved is nobody's.
        let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let project = self.settings.project.as_deref().map(resolved);
        standing(&Place {
            file: &resolved(&plugin.file),
            project: project.as_deref(),
            cache: &resolved(&locked::plugins_folder(self.settings)),
            origin: match pin.map(|pin| &pin.source) {
                None => Origin::Unlocked,
                Some(Source::File(_)) => Origin::File,
                Some(Source::Web { .. } | Source::Registry(_)) => Origin::Elsewhere,
            },
        })
    }

    fn pin(&self, plugin: &Outline) -> Option<&Pin> {
        let digest = Digest::from_hexadecimal(&plugin.digest).ok()?;
        self.lock.pins().find(|pin| pin.digest == digest)
    }
}
