//! The switchable defects: every real mistake that a service can be told to make, in one place.
//!
//! Code asks `defects.has(Defect::...)` exactly where the mistake is made, so that a search for a variant shows all of it.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use thiserror::Error;

/// A mistake of a published system of this kind, switched on by its id (`--defects D1,D5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// D1: `completed` is sent before the episode is stored, which then takes 300 ms.
    CompletedBeforeStored,
    /// D2: a failed save is only logged; the generation still says `completed`.
    FailedSaveIgnored,
    /// D3: `Idempotency-Key` is ignored, so that one key makes two things.
    IdempotencyKeyIgnored,
    /// D4: the same idempotency key with another body is answered with the first body instead of 409.
    IdempotencyConflictIgnored,
    /// D5: a reader that comes back gets the newest progress and what follows; the previews between are lost.
    NoReplay,
    /// D6: event ids count the events of all readers.
    EventIdsCountReaders,
    /// D7: what a restart finds unfinished stays as it is for ever, and its streams never end.
    UnfinishedForgotten,
    /// D8: no heartbeat and no `retry`.
    NoHeartbeat,
    /// D9: over the limit answers 500 instead of 429, and `X-Forwarded-For` is believed.
    RateLimitBroken,
    /// D10: an unknown project type is stored and answers 500; from then on the list of projects is 500 for everybody.
    UnknownTypeStored,
    /// D11: fixed words in a path are taken for ids, and answer 404.
    FixedPathsShadowed,
    /// D12: an episode for an unknown project is accepted, and the episodes of a deleted project stay.
    OrphanEpisodes,
    /// D13: the next number is the highest present plus one, so that a deleted last one is given again.
    NumbersReused,
    /// D14: the number is read, and only later written: two at once get the same.
    NumberingRace,
    /// D15: no counter ever moves, and the gauge of episodes reads a table that they are not in.
    CountersStuck,
    /// D16: the rates of failures and of conflicts are constants above their thresholds, whatever was measured.
    AlertValuesConstant,
    /// D17: the figures of the performance are constants.
    PerformanceConstant,
    /// D18: an alert is resolved by another name than the id that is listed.
    AlertsResolvedByKey,
    /// D19: health is always `healthy` and readiness always 200; health shows port 8000.
    ConstantHealth,
    /// D20: the redirect of the dependency's health is not followed, and the dependency is reported down.
    HealthRedirectNotFollowed,
    /// D21: on a connection that was used before, a stream is cut without its end.
    ReusedConnectionCut,
    /// D22: a dependency that is down is answered as 400.
    DependencyDownAs400,
    /// D23: the configured cache and vector store are silently ignored for the service's own memory.
    ConfigurationIgnored,
    /// D24: `/metrics` has other names than the alert rules ask for: each begins with the name of the service.
    MetricsRenamed,
    /// D25: a failed save cannot be put into the retry queue and is lost.
    RetryNotQueued,
    /// D26: a failed attempt is counted before the wait is computed: the first wait is that of the second.
    RetryCountedEarly,
    /// D27: whatever is made leaves 64 KiB in memory that nothing frees.
    MemoryKept,
    /// D28: the number of a new episode is found by reading every episode there is, and verifying each field of it anew, so that creations take longer the more there are.
    EveryEpisodeRead,
    /// D29: beyond 48 creations of episodes under way, each waits 6 s before it is begun; below that nothing shows.
    CreationCliff,
    /// D30: 16 event streams are served at once; the others are not answered until one of them ends.
    StreamLimit,
    /// D31: who reads a generation that 16 others read already gets no previews.
    CrowdedReadersSkipped,
}

impl Defect {
    /// All of them, in the order of their ids.
    pub const ALL: &[Self] = &[
        Self::CompletedBeforeStored,
        Self::FailedSaveIgnored,
        Self::IdempotencyKeyIgnored,
        Self::IdempotencyConflictIgnored,
        Self::NoReplay,
        Self::EventIdsCountReaders,
        Self::UnfinishedForgotten,
        Self::NoHeartbeat,
        Self::RateLimitBroken,
        Self::UnknownTypeStored,
        Self::FixedPathsShadowed,
        Self::OrphanEpisodes,
        Self::NumbersReused,
        Self::NumberingRace,
        Self::CountersStuck,
        Self::AlertValuesConstant,
        Self::PerformanceConstant,
        Self::AlertsResolvedByKey,
        Self::ConstantHealth,
        Self::HealthRedirectNotFollowed,
        Self::ReusedConnectionCut,
        Self::DependencyDownAs400,
        Self::ConfigurationIgnored,
        Self::MetricsRenamed,
        Self::RetryNotQueued,
        Self::RetryCountedEarly,
        Self::MemoryKept,
        Self::EveryEpisodeRead,
        Self::CreationCliff,
        Self::StreamLimit,
        Self::CrowdedReadersSkipped,
    ];

    /// The id by which it is switched on: `D1`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::CompletedBeforeStored => "D1",
            Self::FailedSaveIgnored => "D2",
            Self::IdempotencyKeyIgnored => "D3",
            Self::IdempotencyConflictIgnored => "D4",
            Self::NoReplay => "D5",
            Self::EventIdsCountReaders => "D6",
            Self::UnfinishedForgotten => "D7",
            Self::NoHeartbeat => "D8",
            Self::RateLimitBroken => "D9",
            Self::UnknownTypeStored => "D10",
            Self::FixedPathsShadowed => "D11",
            Self::OrphanEpisodes => "D12",
            Self::NumbersReused => "D13",
            Self::NumberingRace => "D14",
            Self::CountersStuck => "D15",
            Self::AlertValuesConstant => "D16",
            Self::PerformanceConstant => "D17",
            Self::AlertsResolvedByKey => "D18",
            Self::ConstantHealth => "D19",
            Self::HealthRedirectNotFollowed => "D20",
            Self::ReusedConnectionCut => "D21",
            Self::DependencyDownAs400 => "D22",
            Self::ConfigurationIgnored => "D23",
            Self::MetricsRenamed => "D24",
            Self::RetryNotQueued => "D25",
            Self::RetryCountedEarly => "D26",
            Self::MemoryKept => "D27",
            Self::EveryEpisodeRead => "D28",
            Self::CreationCliff => "D29",
            Self::StreamLimit => "D30",
            Self::CrowdedReadersSkipped => "D31",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }

    fn known() -> String {
        let ids: Vec<_> = Self::ALL.iter().map(|defect| defect.id()).collect();
        ids.join(", ")
    }
}

/// The id is none of the table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown defect {given}: known are {known}")]
pub struct UnknownDefect {
    given: String,
    known: String,
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|defect| defect.id().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownDefect {
                given: text.trim().to_owned(),
                known: Self::known(),
            })
    }
}

/// Which defects a service was started with; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defects(u32);

impl Defects {
    /// Whether this mistake is to be made.
    pub const fn has(self, defect: Defect) -> bool {
        self.0 & defect.bit() != 0
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        Self(
            defects
                .into_iter()
                .fold(0, |bits, defect| bits | defect.bit()),
        )
    }
}

impl FromStr for Defects {
    type Err = UnknownDefect;

    /// Ids with commas between them; empty for none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .filter(|part| !part.trim().is_empty())
            .map(Defect::from_str)
            .collect()
    }
}

impl Display for Defects {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = Defect::ALL
            .iter()
            .filter(|defect| self.has(**defect))
            .map(|defect| defect.id())
            .collect();
        formatter.write_str(&ids.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_ids_switches_on_exactly_those() {
        let defects: Defects = "D1, d23,".parse().unwrap();
        let on: Vec<_> = Defect::ALL
            .iter()
            .copied()
            .filter(|defect| defects.has(*defect))
            .collect();
        assert_eq!(
            on,
            [Defect::CompletedBeforeStored, Defect::ConfigurationIgnored]
        );
        assert_eq!(defects.to_string(), "D1,D23");
        assert_eq!("".parse(), Ok(Defects::default()));
    }

    #[test]
    fn an_unknown_id_is_refused_with_those_known() {
        let error = "D1,D99".parse::<Defects>().unwrap_err().to_string();
        assert!(
            error.starts_with("unknown defect D99: known are D1, D2, D3, "),
            "{error}"
        );
    }

    #[test]
    fn the_readme_lists_every_defect_and_no_other() {
        let readme = include_str!("../README.md");
        let listed: Vec<_> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("| D")?.split_once(' '))
            .filter(|(number, _)| number.parse::<u8>().is_ok())
            .map(|(number, _)| format!("D{number}"))
            .collect();
        let all: Vec<_> = Defect::ALL.iter().map(|defect| defect.id()).collect();
        assert_eq!(listed, all);
    }
}
