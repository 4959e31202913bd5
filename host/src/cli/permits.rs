//! Whose each plugin is, and what it may do in this run: decided once all are loaded, and before anything of one is run for a case.

use std::path::Path;

use assay_grants::{
    Permit,
    standing::{Origin, Place, Standing, standing},
};
use assay_pins::{
    Digest,
    lock::{Lock, Pin},
    source::Source,
};
use assay_report::exit::Exit;

use super::{locked, output};
use crate::{
    config::{Settings, Trust},
    plugin::{Outline, Plugin},
};

/// What is known of the plugins of a project.
pub(super) struct Permits<'s> {
    settings: &'s Settings,
    lock: Lock,
    /// Whether the plugins came from another host: where their files lie here means nothing then.
    are_sent: bool,
}

/// What a plugin may do, and by what.
pub(super) struct Decision {
    pub(super) standing: Standing,
    pub(super) permit: Permit,
}

impl<'s> Permits<'s> {
    /// With the lock of the project, which says what came from elsewhere, whatever its file is called now.
    pub(super) fn new(settings: &'s Settings, lock: Lock) -> Self {
        Self {
            settings,
            lock,
            are_sent: false,
        }
    }

    /// The same for plugins that another host has sent: only what the lock pins can be the project's own.
    pub(super) fn of_sent(settings: &'s Settings, lock: Lock) -> Self {
        Self {
            are_sent: true,
            ..Self::new(settings, lock)
        }
    }

    /// Whose a plugin is, and what it may do.
    pub(super) fn decide(&self, plugin: &Outline) -> Decision {
        let pin = self.pin(plugin);
        let standing = match self.settings.trust {
            Trust::All => Standing::Own,
            Trust::Own => self.standing(plugin, pin),
        };
        let name = match standing {
            Standing::Own => self.own_name(plugin, pin),
            Standing::Stranger(_) => known_name(plugin, pin),
        };
        let grants = &self.settings.grants;
        let is_known = standing == Standing::Own || self.is_known(plugin, &name);
        let table = grants.tables.get(&name).filter(|_| is_known);
        let given = grants.given.get(&name).filter(|_| is_known);
        let permit = standing.permit(&name, table, given);
        Decision { standing, permit }
    }

    /// Tells of a `--grant` that no plugin of the run goes by: a slip in its name would grant nothing, without a word.
    pub(super) fn tell_of_idle_arguments<'p>(&self, plugins: impl IntoIterator<Item = &'p Plugin>) {
        if self.settings.grants.given.is_empty() {
            return;
        }
        let decisions = plugins.into_iter().map(|plugin| self.decide(plugin));
        let names: Vec<String> = decisions
            .map(|decision| decision.permit.plugin().to_owned())
            .collect();
        for name in self.settings.grants.given.keys() {
            if !names.contains(name) {
                let known = names.join("`, `");
                output::note(&format!(
                    "warning: `--grant` names `{name}`, and the plugins of this run are `{known}`"
                ));
            }
        }
    }

    /// Whether a name is a plugin's: other bytes than those that are locked under it have nothing of what they have.
    fn is_known(&self, plugin: &Outline, name: &str) -> bool {
        self.pin(plugin).is_some() || self.lock.get(name).is_none()
    }

    /// The name of a plugin of the project's own: any that it goes by, if a table restricts that one, so that no other one leads around it.
    fn own_name(&self, plugin: &Outline, pin: Option<&Pin>) -> String {
        let tables = &self.settings.grants.tables;
        // Where nothing is restricted, no file has to be looked for.
        if tables.is_empty() {
            return known_name(plugin, pin);
        }
        let in_place = self.lock.pins().find(|pin| match &pin.source {
            Source::File(path) => {
                let source = self.settings.root.join(path).canonicalize();
                source.is_ok_and(|source| source == plugin.place)
            }
            Source::Web { .. } | Source::Registry(_) => false,
        });
        let names = [
            pin.map(|pin| pin.name.clone()),
            Some(stem(plugin)),
            Some(plugin.suite().to_owned()),
            in_place.map(|pin| pin.name.clone()),
        ];
        let restricted = names
            .iter()
            .flatten()
            .find(|name| tables.contains_key(*name));
        restricted
            .or(names.iter().flatten().next())
            .cloned()
            .unwrap_or_default()
    }

    /// The same, refused if it wants more than it has.
    pub(super) fn permit(&self, plugin: &Outline) -> Result<Permit, Exit> {
        let Decision { permit, standing } = self.decide(plugin);
        if matches!(standing, Standing::Stranger(_)) && !self.is_known(plugin, permit.plugin()) {
            let (name, file) = (permit.plugin(), plugin.file.display());
            output::note(&format!(
                "warning: `{name}` is locked with other bytes, so what is granted to it is not for {file}: `host update {name}` pins what its source has now"
            ));
        }
        match permit.missing(&plugin.wants) {
            Some(missing) => Err(output::fail(&missing, Exit::Plugin)),
            None => Ok(permit),
        }
    }

    fn standing(&self, plugin: &Outline, pin: Option<&Pin>) -> Standing {
        if self.are_sent && pin.is_none() {
            return Standing::Stranger("was sent by another host, and is not locked here");
        }
        // A path that cannot be resolved is nobody's.
        let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let project = self.settings.project.as_deref().map(resolved);
        // A plugin of the cache is what its source was when it was pinned, byte by byte, wherever that is now.
        let file = match pin.map(|pin| &pin.source) {
            Some(Source::File(path)) => {
                let source = self.settings.root.join(path);
                resolved(&std::path::absolute(&source).unwrap_or(source))
            }
            // Where the bytes were read, whatever its path leads to by now.
            _ => plugin.place.clone(),
        };
        standing(&Place {
            file: &file,
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

/// What a plugin is called in the lock, or else by its file: never what it says of itself.
fn known_name(plugin: &Outline, pin: Option<&Pin>) -> String {
    pin.map_or_else(|| stem(plugin), |pin| pin.name.clone())
}

fn stem(plugin: &Outline) -> String {
    let stem = plugin.file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}
