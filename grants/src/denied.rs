//! A refusal: what was wanted, why it is not granted, and what would grant it.

use assay_report::hint::Hinted;
use serde::Serialize;
use thiserror::Error;

use crate::{grants::Grants, invalid::shown, table, text};

/// What a grant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A request to a host, or a connection to an address.
    Host,
    /// A service of the environment.
    Service,
    /// A link of the environment.
    Link,
    /// A fault.
    Fault,
    /// Load.
    Load,
    /// A setting.
    Setting,
    /// A setting that is secret.
    Secret,
    /// Evidence.
    Attachments,
}

impl Kind {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Service => "service",
            Self::Link => "link",
            Self::Fault => "fault",
            Self::Load => "load",
            Self::Setting => "setting",
            Self::Secret => "secret",
            Self::Attachments => "attachments",
        }
    }
}

/// A plugin wanted what it has no grant for. `assay_report::hint::told` makes the text of the contract's `denied` of it.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("the plugin `{}` has no grant for the {} `{}`: {}", .0.plugin, .0.kind.word(), .0.subject, .0.why)]
pub struct Denied(Box<Parts>);

#[derive(Clone, Debug, PartialEq)]
struct Parts {
    plugin: String,
    kind: Kind,
    subject: String,
    why: String,
    grant: Grants,
}

impl Denied {
    pub(crate) fn new(plugin: &str, kind: Kind, subject: &str, why: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            plugin: plugin.to_owned(),
            kind,
            subject: shown(subject),
            why: why.into(),
            grant: Grants::default(),
        }))
    }

    /// The same, where these would grant it.
    pub(crate) fn granted_by(mut self, grant: Grants) -> Self {
        self.0.grant = grant;
        self
    }

    /// Whose it is: the plugin's name.
    pub fn plugin(&self) -> &str {
        &self.0.plugin
    }

    /// What kind of grant is missing.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What was wanted: `10.1.2.3:443`, `project-service`, `shop.token`. At most 200 bytes, on one line.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Why it is not granted.
    pub fn why(&self) -> &str {
        &self.0.why
    }

    /// What has to be granted beside what is; nothing if no grant would do.
    pub fn grant(&self) -> &Grants {
        &self.0.grant
    }

    /// What would grant it as one line, which is TOML by itself: `grants.shop.hosts = ["10.1.2.3:443"]`. None if no grant would do. The table as
    /// it has to be, with what is granted already, is [`Gathered`](crate::Gathered)'s to tell.
    pub fn line(&self) -> Option<String> {
        table::line(&self.0.plugin, &self.0.grant)
    }
}

impl Hinted for Denied {
    fn hint(&self) -> Option<String> {
        let hint = format!("grant it in assay.toml with `{}`", self.line()?);
        let argument = text::argument(&self.0.plugin, &self.0.grant);
        Some(match argument {
            Some(argument) => format!("{hint}, or to one run with `--grant '{argument}'`"),
            None => hint,
        })
    }
}
