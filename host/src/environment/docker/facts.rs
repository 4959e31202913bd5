//! What a person would ask an engine before a run: which it is, what time it has, and how the containers of a project stand.

use std::time::{Duration, SystemTime};

use bollard::models::{ContainerSummary, SystemInfo};

use super::{claim, error::DockerError, project::Project};

/// What an engine tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its version.
    pub version: String,
    /// Its clock when it was asked, as far as it tells it in a way that is understood.
    pub clock: Option<SystemTime>,
}

/// How a container of a project stands, as the engine lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The compose service.
    pub container: String,
    /// Such as `running` or `exited`.
    pub state: String,
    /// Whether it runs or is paused.
    pub runs: bool,
    /// For people: `Up 2 minutes (healthy)`.
    pub status: String,
}

impl Facts {
    pub(super) fn of(info: &SystemInfo) -> Self {
        let version = info.server_version.as_deref().unwrap_or("unknown");
        Self {
            version: version.to_owned(),
            clock: info.system_time.as_deref().and_then(time),
        }
    }
}

impl Project {
    /// How its containers stand; none if it is not up.
    pub async fn standing(&self) -> Result<Vec<Standing>, DockerError> {
        let found = self.list_containers().await?.into_iter();
        let mut standing: Vec<_> = found.filter_map(|one| self.stands(one)).collect();
        standing.sort_by(|one, other| one.container.cmp(&other.container));
        Ok(standing)
    }

    fn stands(&self, found: ContainerSummary) -> Option<Standing> {
        let state = found.state.map(|state| state.to_string());
        let status = found.status.clone();
        let listed = self.listed(found)?;
        Some(Standing {
            container: listed.service,
            state: state.unwrap_or_default(),
            runs: listed.runs,
            status: status.unwrap_or_default(),
        })
    }

    /// The process of the host that uses it now; 0 if that cannot be told.
    pub async fn user(&self) -> Option<i32> {
        claim::holder(self).await
    }
}

/// A time as RFC 3339 has it, with any offset: the engine tells that of its own zone.
fn time(text: &str) -> Option<SystemTime> {
    let (date_and_time, rest) = text.split_at_checked("2026-01-01T00:00:00".len())?;
    let zone = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone);
    let local = humantime::parse_rfc3339(&format!("{date_and_time}{fraction}Z")).ok()?;
    if zone == "Z" {
        return Some(local);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let minutes = hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?;
    let offset = Duration::from_secs(minutes * 60);
    if zone.starts_with('+') {
        local.checked_sub(offset)
    } else {
        local.checked_add(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_engine_is_read_in_every_zone() {
        let expected = humantime::parse_rfc3339("2026-11-25T20:30:00.5Z").unwrap();
        for text in [
            "2026-11-25T20:30:00.500000000Z",
            "2026-11-25T22:30:00.5+02:00",
            "2026-11-25T15:00:00.5-05:30",
        ] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "2026-11-25",
            "2026-11-25T20:30:00",
            "yesterday at half past eight Z",
            "2026-11-25T20:30:00+2",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
