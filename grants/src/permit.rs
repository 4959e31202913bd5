//! What one plugin may do in one run: the one place that is asked before anything is done for it.
//!
//! Each question is answered from memory, with the longest lists in microseconds (`examples/cost_of_asking.rs`); what a load does often, such as a
//! prepared request, is asked once.

use std::time::Duration;

use crate::{
    amounts::{Attachments, Load},
    denied::{Denied, Kind},
    grants::Grants,
    items::Item,
    limits::{MAX_DURATION, MAX_RATE, MAX_VUS},
    missing::Missing,
    names::is_within,
};

/// The duration that is proposed for a load that names none.
const PROPOSED: Duration = Duration::from_mins(1);

/// What a plugin may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Permit {
    plugin: String,
    reach: Reach,
}

#[derive(Clone, Debug, PartialEq)]
enum Reach {
    Everything,
    Only(Box<Granted>),
}

#[derive(Clone, Debug, PartialEq)]
struct Granted {
    /// All that holds for this run.
    now: Grants,
    /// What holds for the next one, too.
    lasting: Grants,
}

/// What a fault is made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A service, by its name.
    Service(&'a str),
    /// A link, as `from->to`.
    Link(&'a str),
}

impl Permit {
    /// For a plugin of the project's own: everything, and no address is looked at.
    pub fn everything(plugin: impl Into<String>) -> Self {
        Self {
            plugin: plugin.into(),
            reach: Reach::Everything,
        }
    }

    /// These grants and no more.
    pub fn only(plugin: impl Into<String>, grants: Grants) -> Self {
        Self {
            plugin: plugin.into(),
            reach: Reach::Only(Box::new(Granted {
                now: grants.clone(),
                lasting: grants,
            })),
        }
    }

    /// The same, and what one run grants beside.
    #[must_use]
    pub fn with(mut self, more: &Grants) -> Self {
        if let Reach::Only(granted) = &mut self.reach {
            granted.now = granted.now.union(more);
        }
        self
    }

    /// The plugin's name.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// What is granted; none if everything is.
    pub fn grants(&self) -> Option<&Grants> {
        match &self.reach {
            Reach::Everything => None,
            Reach::Only(granted) => Some(&granted.now),
        }
    }

    /// What of it is granted for longer than one run, which is what a table that is proposed begins with; none if everything is granted.
    pub(crate) fn lasting(&self) -> Option<&Grants> {
        match &self.reach {
            Reach::Everything => None,
            Reach::Only(granted) => Some(&granted.lasting),
        }
    }

    /// What the plugin declares that it wants and has no grant for.
    pub fn missing(&self, wants: &Grants) -> Option<Missing> {
        Missing::new(&self.plugin, self.grants()?, self.lasting()?, wants)
    }

    /// Whether it may know of a service or a link (where it answers, how it is, what it uses and wrote).
    pub fn may_look(&self, name: &str) -> Result<(), Denied> {
        let target = Target::of(name);
        match self.grants() {
            Some(grants) if !target.is_in(grants) => Err(self.denied_target(target)),
            _ => Ok(()),
        }
    }

    /// Whether it may make a fault of this kind, one of [`KINDS`](crate::fault::KINDS), there.
    pub fn may_fault(&self, kind: &str, target: Target<'_>) -> Result<(), Denied> {
        let Some(grants) = self.grants() else {
            return Ok(());
        };
        if !grants.faults.iter().any(|fault| fault.grants(kind)) {
            let mut wanted = granting(kind, |grants| &mut grants.faults);
            if !target.is_in(grants) {
                wanted = wanted.union(&target.grant());
            }
            let subject = format!("{kind} on {}", target.name());
            let why = "faults of this kind are not granted";
            let denied = Denied::new(&self.plugin, Kind::Fault, &subject, why);
            return Err(denied.granted_by(wanted));
        }
        if target.is_in(grants) {
            return Ok(());
        }
        Err(self.denied_target(target))
    }

    /// Whether it may read a setting. `secrets` are the dotted names of all settings that are marked as secret; those that the setting is,
    /// holds or is in need a grant of their own.
    pub fn may_read<'s>(
        &self,
        name: &str,
        secrets: impl IntoIterator<Item = &'s str>,
    ) -> Result<(), Denied> {
        let Some(grants) = self.grants() else {
            return Ok(());
        };
        let mut is_secret = false;
        for secret in secrets {
            let wanted = match (is_within(name, secret), is_within(secret, name)) {
                (true, _) => name,
                (false, true) => secret,
                (false, false) => continue,
            };
            is_secret |= wanted == name;
            if !grants.secrets.iter().any(|granted| granted.grants(wanted)) {
                let grant = granting(wanted, |grants| &mut grants.secrets);
                let why = "it is secret, which `settings` does not grant";
                let denied = Denied::new(&self.plugin, Kind::Secret, wanted, why);
                return Err(denied.granted_by(grant));
            }
        }
        if is_secret || grants.settings.iter().any(|granted| granted.grants(name)) {
            return Ok(());
        }
        let grant = granting(name, |grants| &mut grants.settings);
        let denied = Denied::new(&self.plugin, Kind::Setting, name, "it is not in `settings`");
        Err(denied.granted_by(grant))
    }

    /// Whether it may make a load of so many virtual users, so many starts a second at most (none where the system sets the pace), and such
    /// a duration with its warm-up (none where it ends by its iterations). Answers the time after which a load without a duration has to
    /// be stopped; none if it never has to.
    pub fn may_load(
        &self,
        vus: u32,
        rate: Option<f64>,
        duration: Option<Duration>,
    ) -> Result<Option<Duration>, Denied> {
        let Some(grants) = self.grants() else {
            return Ok(None);
        };
        let ceiling = grants.load;
        let wanted = Load {
            vus: vus.max(1),
            rate,
            duration: duration
                .or(ceiling.map(|ceiling| ceiling.duration))
                .unwrap_or(PROPOSED),
        };
        if ceiling.is_some_and(|ceiling| ceiling.covers(&wanted)) {
            return Ok(ceiling.map(|ceiling| ceiling.duration));
        }
        let why = match ceiling {
            None => "no load is granted".to_owned(),
            Some(ceiling) => format!("it is beyond `load = {ceiling}`"),
        };
        let denied = Denied::new(&self.plugin, Kind::Load, &wanted.to_string(), why);
        Err(if is_grantable(&wanted) {
            let load = ceiling.map_or(wanted, |ceiling| ceiling.join(&wanted));
            denied.granted_by(Grants {
                load: Some(load),
                ..Grants::default()
            })
        } else {
            denied
        })
    }

    /// Whether an attempt that has attached `so_far` bytes may attach `more`.
    pub fn may_attach(&self, so_far: u64, more: u64) -> Result<(), Denied> {
        let Some(grants) = self.grants() else {
            return Ok(());
        };
        let all = so_far.saturating_add(more);
        let why = match grants.attachments {
            Attachments::Everything => return Ok(()),
            Attachments::UpTo(bytes) if all <= bytes => return Ok(()),
            Attachments::UpTo(bytes) => format!("an attempt may attach {bytes} bytes"),
            Attachments::Nothing => "none are granted".to_owned(),
        };
        let subject = format!("{all} bytes");
        let denied = Denied::new(&self.plugin, Kind::Attachments, &subject, why);
        Err(denied.granted_by(Grants {
            attachments: Attachments::Everything,
            ..Grants::default()
        }))
    }

    fn denied_target(&self, target: Target<'_>) -> Denied {
        let (kind, why) = match target {
            Target::Service(_) => (Kind::Service, "it is not in `services`"),
            Target::Link(_) => (Kind::Link, "it is not in `links`"),
        };
        Denied::new(&self.plugin, kind, target.name(), why).granted_by(target.grant())
    }
}

/// Whether a ceiling can be written so high.
fn is_grantable(load: &Load) -> bool {
    let rate = load.rate.is_none_or(|rate| rate > 0.0 && rate <= MAX_RATE);
    rate && load.vus <= MAX_VUS && !load.duration.is_zero() && load.duration <= MAX_DURATION
}

impl<'a> Target<'a> {
    pub(crate) fn of(name: &'a str) -> Self {
        if name.contains("->") {
            Self::Link(name)
        } else {
            Self::Service(name)
        }
    }

    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Service(name) | Self::Link(name) => name,
        }
    }

    pub(crate) fn is_in(self, grants: &Grants) -> bool {
        match self {
            Self::Service(name) => grants.services.iter().any(|held| held.grants(name)),
            Self::Link(name) => grants.links.iter().any(|held| held.grants(name)),
        }
    }

    pub(crate) fn grant(self) -> Grants {
        match self {
            Self::Service(name) => granting(name, |grants| &mut grants.services),
            Self::Link(name) => granting(name, |grants| &mut grants.links),
        }
    }
}

/// What grants one entry of one list; nothing if no list can have such an entry. A plugin that asks for `*` is not proposed to get all.
fn granting<T: Item + std::str::FromStr>(
    text: &str,
    list: impl FnOnce(&mut Grants) -> &mut crate::items::Items<T>,
) -> Grants {
    let mut grants = Grants::default();
    if let Ok(item) = text.parse()
        && !text.contains('*')
    {
        list(&mut grants).add(item);
    }
    grants
}

#[cfg(test)]
mod tests;
