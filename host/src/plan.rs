//! What will run, as a pure value: the suites, their cases in order, their baselines with the levels that hold.
//! `host list` prints it; nothing here touches the system under test.

use std::collections::BTreeMap;

use assay_report::{
    event::{Baseline, CaseInfo, Direction, PluginInfo, ShardInfo},
    exit::Exit,
    hint::{Hinted, nearest},
};

use crate::{
    config::{BaselineLevels, Origin},
    plugin::{
        Outline,
        description::{Case, Description},
    },
};

pub mod filter;
mod shard;
#[cfg(test)]
mod tests;

use filter::Filter;

/// Everything that will run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In the order of the command line. Suites of which nothing was selected are left out.
    pub suites: Vec<PlannedSuite>,
    /// Which part of a larger plan it is; none if it is the whole.
    pub shard: Option<ShardInfo>,
}

/// A suite and what of it will run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSuite {
    /// The place of its plugin on the command line, from 0.
    pub plugin: usize,
    /// The file as it was named.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The suite's name.
    pub name: String,
    /// The suite's version.
    pub version: String,
    /// The suite in one line.
    pub summary: String,
    /// Whether a setup comes before the first case.
    pub has_setup: bool,
    /// Whether a teardown comes after the last case.
    pub has_teardown: bool,
    /// The selected cases, in the suite's order.
    pub cases: Vec<Case>,
    /// With the levels that hold in this run.
    pub baselines: Vec<Baseline>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A filter that cannot be read.
    #[error(transparent)]
    Filter(#[from] filter::FilterError),
    /// Nothing is left to run.
    #[error("the filter {filter} selects none of the {known} cases")]
    NothingSelected {
        /// The patterns.
        filter: String,
        /// How many cases there are.
        known: usize,
        /// The case that was probably meant.
        nearest: Option<String>,
        /// Whether the patterns are the name of a tag.
        tag: bool,
    },
    /// The plugins have no cases at all.
    #[error("the plugins have no cases, so there is nothing to test")]
    NoCases,
    /// Levels are given for a baseline that no plugin has.
    #[error("{origin}: the suite has no baseline `{name}`")]
    UnknownBaseline {
        /// Who said so.
        origin: Origin,
        /// As it was given: `suite/baseline`.
        name: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// Levels that contradict the direction.
    #[error(
        "{origin}: the levels of the baseline `{name}` contradict: a target of {target} is worse than a critical level of {critical}"
    )]
    Levels {
        /// Who said so.
        origin: Origin,
        /// `suite/baseline`.
        name: String,
        /// As given.
        target: f64,
        /// As given.
        critical: f64,
        /// Which way is good.
        direction: Direction,
    },
}

impl PlanError {
    /// What the process ends with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Filter(_) => Exit::Usage,
            Self::NothingSelected { .. } | Self::NoCases => Exit::NothingTested,
            Self::UnknownBaseline { .. } | Self::Levels { .. } => Exit::Config,
        }
    }
}

impl Hinted for PlanError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Filter(error) => return error.hint(),
            Self::NothingSelected {
                tag: true, filter, ..
            } => format!("that is a tag: write `tag:{}`", filter.trim_matches('`')),
            Self::NothingSelected {
                nearest: Some(near),
                ..
            } => format!("did you mean `{near}`? `host list` shows every case"),
            Self::NothingSelected { .. } => {
                "`host list` with the same plugins shows every case".into()
            }
            Self::NoCases => "give a plugin whose suite has at least one `#[case]`".into(),
            Self::UnknownBaseline {
                nearest: Some(near),
                ..
            } => format!("did you mean `{near}`? `host inspect` shows the baselines of a plugin"),
            Self::UnknownBaseline { .. } => "`host inspect` shows the baselines of a plugin".into(),
            Self::Levels {
                direction: Direction::AtMost,
                ..
            } => "less is better here: the target must be at most the critical level".into(),
            Self::Levels {
                direction: Direction::AtLeast,
                ..
            } => "more is better here: the target must be at least the critical level".into(),
        })
    }
}

/// Lists, filters and orders. `baselines` are levels of `assay.toml` by `suite/baseline`; those of suites that take no part in
/// the run are left alone.
pub fn build<'a>(
    plugins: impl IntoIterator<Item = &'a Outline>,
    filter: &[String],
    baselines: &BTreeMap<String, BaselineLevels>,
) -> Result<Plan, PlanError> {
    let filter = Filter::parse(filter)?;
    let all: Vec<PlannedSuite> = plugins
        .into_iter()
        .enumerate()
        .map(|(index, plugin)| PlannedSuite::whole(index, plugin))
        .collect();
    select(all, &filter, baselines)
}

fn select(
    mut suites: Vec<PlannedSuite>,
    filter: &Filter,
    baselines: &BTreeMap<String, BaselineLevels>,
) -> Result<Plan, PlanError> {
    set_levels(&mut suites, baselines)?;
    let known: Vec<String> = suites
        .iter()
        .flat_map(|suite| {
            suite
                .cases
                .iter()
                .map(|case| format!("{}/{}", suite.name, case.name))
        })
        .collect();
    let tags = suites.iter().flat_map(|suite| &suite.cases);
    let tag = tags
        .flat_map(|case| &case.tags)
        .any(|tag| tag == filter.text());
    if known.is_empty() {
        return Err(PlanError::NoCases);
    }
    for suite in &mut suites {
        let name = &suite.name;
        suite
            .cases
            .retain(|case| filter.selects(name, &case.name, &case.tags));
    }
    suites.retain(|suite| !suite.cases.is_empty());
    if suites.is_empty() {
        return Err(PlanError::NothingSelected {
            filter: format!("`{}`", filter.text()),
            nearest: nearest(filter.text(), known.iter().map(String::as_str))
                .or_else(|| nearest_case(filter.text(), &known))
                .map(str::to_owned),
            known: known.len(),
            tag,
        });
    }
    Ok(Plan {
        suites,
        shard: None,
    })
}

/// A case whose name without its suite is near.
fn nearest_case<'a>(given: &str, known: &'a [String]) -> Option<&'a str> {
    let name = |id: &'a String| id.split_once('/').map_or("", |(_, case)| case);
    let near = nearest(given, known.iter().map(name))?;
    known.iter().find(|id| name(id) == near).map(String::as_str)
}

fn set_levels(
    suites: &mut [PlannedSuite],
    baselines: &BTreeMap<String, BaselineLevels>,
) -> Result<(), PlanError> {
    for (id, levels) in baselines {
        let suite = id.split_once('/').map_or("", |(suite, _)| suite);
        let Some(planned) = suites.iter_mut().find(|planned| planned.name == suite) else {
            continue;
        };
        let known: Vec<String> = planned
            .baselines
            .iter()
            .map(|baseline| format!("{suite}/{}", baseline.name))
            .collect();
        let Some(place) = known.iter().position(|name| name == id) else {
            return Err(PlanError::UnknownBaseline {
                origin: levels.origin.clone(),
                name: id.clone(),
                nearest: nearest(id, known.iter().map(String::as_str)).map(str::to_owned),
            });
        };
        let baseline = &mut planned.baselines[place];
        if !levels.agree(baseline.direction) {
            return Err(PlanError::Levels {
                origin: levels.origin.clone(),
                name: id.clone(),
                target: levels.target,
                critical: levels.critical,
                direction: baseline.direction,
            });
        }
        baseline.target = levels.target;
        baseline.critical = levels.critical;
    }
    Ok(())
}

impl PlannedSuite {
    fn whole(index: usize, plugin: &Outline) -> Self {
        let description: &Description = &plugin.description;
        Self {
            plugin: index,
            file: plugin.file.display().to_string(),
            digest: plugin.digest.clone(),
            size: plugin.size,
            name: description.name.clone(),
            version: description.version.clone(),
            summary: description.summary.clone(),
            has_setup: description.has_setup,
            has_teardown: description.has_teardown,
            cases: description.cases.clone(),
            baselines: description.baselines.clone(),
        }
    }

    /// As it is told to reporters.
    pub fn info(&self) -> PluginInfo {
        PluginInfo {
            file: self.file.clone(),
            digest: self.digest.clone(),
            size: self.size,
            suite: self.name.clone(),
            version: self.version.clone(),
            summary: self.summary.clone(),
            cases: self
                .cases
                .iter()
                .map(|case| CaseInfo {
                    name: case.name.clone(),
                    summary: case.summary.clone(),
                    tags: case.tags.clone(),
                    location: case.location.clone(),
                })
                .collect(),
            baselines: self.baselines.clone(),
        }
    }
}
