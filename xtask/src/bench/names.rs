//! The sections of the benchmark, by the names that `cargo xtask bench` takes.

use clap::ValueEnum;

use super::section::Section;
use super::{Bench, agents, hour, link, load, memory, processes, rate, recovery, streams, suites};
use crate::Outcome;

/// Something that is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Load as fast as it goes, beside wrk, oha, hey, k9-load and locust; 5 minutes
    Load,
    /// What a virtual user costs in memory; 2 minutes
    Memory,
    /// 10,000 event streams at once; 2 minutes
    Streams,
    /// 20,000 starts a second; a minute
    Rate,
    /// Two agents beside one, and a host that conducts ten; 4 minutes
    Agents,
    /// Whether the host grows while it makes load; an hour, or --seconds; only if it is named
    Hour,
    /// All suites in the quick profile; 2 minutes
    Suites,
    /// Starting the host, listing suites, cases that do nothing; 20 s
    Processes,
    /// The proxy that faults on links are made by; 10 s
    Links,
    /// How finely recoveries are measured; 20 s
    Recoveries,
}

impl Name {
    /// In the order in which they are measured and written.
    pub(super) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What is measured if nothing is named.
    pub(super) fn usual() -> Vec<Self> {
        let usual = |name: &&Self| !matches!(name, Self::Hour);
        Self::all().iter().filter(usual).copied().collect()
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Processes => "Processes and cases",
            Self::Links => "Links",
            Self::Recoveries => "Recoveries",
            Self::Load => "Load beside others",
            Self::Memory => "Memory for a virtual user",
            Self::Streams => "Event streams",
            Self::Rate => "A rate",
            Self::Agents => "Agents",
            Self::Suites => "All suites",
            Self::Hour => "An hour of load",
        }
    }

    /// As it is written on the command line.
    pub(super) fn word(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// What it measures, in a line.
    pub(super) fn help(self) -> String {
        let value = self.to_possible_value();
        let help = value.as_ref().and_then(|value| value.get_help());
        help.map_or_else(String::new, ToString::to_string)
    }

    pub(super) fn measure(self, bench: &Bench) -> Outcome<Section> {
        match self {
            Self::Processes => processes::measure(&bench.suites),
            Self::Links => link::section(),
            Self::Recoveries => recovery::section(),
            Self::Load => load::measure(bench),
            Self::Memory => memory::measure(bench),
            Self::Streams => streams::measure(bench),
            Self::Rate => rate::measure(bench),
            Self::Agents => agents::measure(bench),
            Self::Suites => suites::measure(bench),
            Self::Hour => hour::measure(bench),
        }
    }
}
