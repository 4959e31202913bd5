//! What is in the way of a run: everything that a person would look at by hand, each with what to do about it.
//!
//! It looks and changes nothing. Each check is a function of what was found, so that its good and its bad answer can be tried without
//! the machine that gives them.

mod cache;
mod clock;
mod docker;
mod journal;
mod limits;
mod nats;
mod ports;
mod published;
mod services;
mod target;

use assay_agents::connection::Access;
use serde::Serialize;

use crate::config::Settings;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it must be.
    Ok,
    /// A run is possible, and may not be what it should be.
    Warn,
    /// A run cannot be.
    Bad,
}

impl Grade {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to: `port`, `service`, `limit`, ...
    pub area: &'static str,
    /// What was looked at.
    pub name: String,
    /// How it stands.
    pub grade: Grade,
    /// What is.
    pub what: String,
    /// What to do; none if it is as it must be.
    pub hint: Option<String>,
}

impl Finding {
    fn new(area: &'static str, name: &str, grade: Grade, what: String, hint: Option<&str>) -> Self {
        Self {
            area,
            name: name.to_owned(),
            grade,
            what,
            hint: hint.map(str::to_owned),
        }
    }

    fn ok(area: &'static str, name: &str, what: impl Into<String>) -> Self {
        Self::new(area, name, Grade::Ok, what.into(), None)
    }

    fn warn(area: &'static str, name: &str, what: impl Into<String>, hint: &str) -> Self {
        Self::new(area, name, Grade::Warn, what.into(), Some(hint))
    }

    fn bad(area: &'static str, name: &str, what: impl Into<String>, hint: &str) -> Self {
        Self::new(area, name, Grade::Bad, what.into(), Some(hint))
    }
}

/// Looks at everything that a run with these settings needs, and at the NATS server if it is to be shared.
pub async fn examine(settings: &Settings, access: Option<&Access>) -> Vec<Finding> {
    let mut findings = ports::look(settings);
    findings.extend(services::look(settings).await);
    findings.extend(docker::look(settings).await);
    if let Some(access) = access {
        // Large, as all that speaks with a server, and done once.
        findings.push(Box::pin(nats::look(access)).await);
    }
    findings.extend(limits::look());
    findings.extend(clock::look());
    findings.extend(cache::look(settings.cache_dir.as_deref()));
    findings.extend(journal::look(&settings.state_dir));
    findings.push(target::look().await);
    findings
}

/// A number of bytes, for people, in the largest unit that fits.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];
    let fitting = UNITS.iter().find(|(_, shift)| count >> shift > 0);
    let (unit, shift) = fitting.unwrap_or(&("B", 0));
    let tenths = (u128::from(count) * 10) >> shift;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn bytes_are_shown_in_the_largest_unit_that_fits() {
        for (count, text) in [
            (0, "0.0 B"),
            (1023, "1023.0 B"),
            (1024, "1.0 KiB"),
            (3 << 19, "1.5 MiB"),
            (5 << 40, "5120.0 GiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
