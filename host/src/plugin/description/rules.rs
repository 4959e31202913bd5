//! The limits that the contract sets to a description. A suite that is beyond one is not loaded: its reports would be wrong or unreadable.

use std::collections::HashSet;

use assay_report::event::Baseline;

use super::{Case, Description};

/// Characters of a name.
pub(super) const MAX_NAME: usize = 64;
/// Bytes of a summary.
pub(super) const MAX_SUMMARY: usize = 400;
/// Bytes of any other text: a version, a unit, a tag, the name of a service, a location.
pub(super) const MAX_TEXT: usize = 400;
/// Cases of a suite.
pub(super) const MAX_CASES: usize = 1_000;
/// Scenarios of a suite, and baselines of a suite.
pub(super) const MAX_SCENARIOS: usize = 100;
/// Tags of a case, and services that a case needs.
pub(super) const MAX_TAGS: usize = 16;
/// What no case may be called: the names of the entries that are not cases.
pub(super) const RESERVED: [&str; 2] = ["setup", "teardown"];

/// How a description breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// A name that is not kebab-case.
    #[error("the {what} `{name}` is not in kebab-case")]
    NotKebab {
        /// `suite`, `case`, `scenario`, `baseline`.
        what: &'static str,
        /// The name, cut.
        name: String,
    },
    /// A name that means something else.
    #[error("a case is called `{name}`, which is the name of another entry")]
    Reserved {
        /// The name.
        name: String,
    },
    /// One name twice.
    #[error("there are two {what}s called `{name}`")]
    Duplicate {
        /// `case`, `scenario`, `baseline`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// More than the contract allows.
    #[error("there are {count} {what}, and there may be {limit}")]
    TooMany {
        /// Of what, with the case that has them.
        what: String,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A text that is too long.
    #[error("the {what} has {bytes} bytes and may have {limit}")]
    TooLong {
        /// Which text.
        what: String,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Levels that are no numbers, or with the critical level better than the target.
    #[error("the baseline `{name}` contradicts itself: {why}")]
    Levels {
        /// The baseline.
        name: String,
        /// How.
        why: String,
    },
}

impl Breach {
    /// What the author of the suite has to do.
    pub fn hint(&self) -> String {
        match self {
            Self::NotKebab { .. } => format!(
                "use small letters and digits in parts joined by single dashes, a letter first, at most {MAX_NAME} characters"
            ),
            Self::Reserved { .. } | Self::Duplicate { .. } => "give it a name of its own".to_owned(),
            Self::TooMany { .. } => "split the suite into several plugins".to_owned(),
            Self::TooLong { .. } => {
                "shorten it; what needs more room belongs into the suite's documentation".to_owned()
            }
            Self::Levels { .. } => {
                "both levels are finite; `at-most` has its target at or below its critical level, `at-least` at or above".to_owned()
            }
        }
    }
}

/// Finds the first breach.
pub(super) fn check(description: &Description) -> Result<(), Breach> {
    let Description {
        name,
        version,
        summary,
        cases,
        scenarios,
        baselines,
        ..
    } = description;
    kebab("suite", name)?;
    short(MAX_TEXT, version, || "version of the suite".to_owned())?;
    short(MAX_SUMMARY, summary, || "summary of the suite".to_owned())?;
    few(MAX_CASES, cases.len(), || "cases".to_owned())?;
    few(MAX_SCENARIOS, scenarios.len(), || "scenarios".to_owned())?;
    few(MAX_SCENARIOS, baselines.len(), || "baselines".to_owned())?;
    names("case", cases.iter().map(|case| &*case.name))?;
    names("scenario", scenarios.iter().map(|scenario| &*scenario.name))?;
    names("baseline", baselines.iter().map(|baseline| &*baseline.name))?;
    for scenario in scenarios {
        short(MAX_SUMMARY, &scenario.summary, || {
            format!("summary of the scenario `{}`", scenario.name)
        })?;
    }
    cases.iter().try_for_each(case)?;
    baselines.iter().try_for_each(baseline)
}

fn case(case: &Case) -> Result<(), Breach> {
    let name = &case.name;
    if RESERVED.contains(&&**name) {
        return Err(Breach::Reserved { name: name.clone() });
    }
    short(MAX_SUMMARY, &case.summary, || {
        format!("summary of the case `{name}`")
    })?;
    few(MAX_TAGS, case.tags.len(), || {
        format!("tags of the case `{name}`")
    })?;
    few(MAX_TAGS, case.needs.len(), || {
        format!("services that the case `{name}` needs")
    })?;
    let texts = case.tags.iter().chain(&case.needs).chain(&case.location);
    for text in texts {
        short(MAX_TEXT, text, || {
            format!("tag, service or location of the case `{name}`")
        })?;
    }
    Ok(())
}

fn baseline(baseline: &Baseline) -> Result<(), Breach> {
    let Baseline {
        name,
        summary,
        unit,
        direction,
        target,
        critical,
    } = baseline;
    short(MAX_SUMMARY, summary, || {
        format!("summary of the baseline `{name}`")
    })?;
    short(MAX_TEXT, unit, || format!("unit of the baseline `{name}`"))?;
    let refuse = |why: String| {
        Err(Breach::Levels {
            name: name.clone(),
            why,
        })
    };
    if !target.is_finite() || !critical.is_finite() {
        return refuse(format!("its levels are {target} and {critical}"));
    }
    if !direction.reaches(*target, *critical) {
        return refuse(format!(
            "it is to be {} {target}, and critical is the better level {critical}",
            direction.words()
        ));
    }
    Ok(())
}

fn names<'a>(what: &'static str, names: impl IntoIterator<Item = &'a str>) -> Result<(), Breach> {
    let mut seen = HashSet::new();
    for name in names {
        kebab(what, name)?;
        if !seen.insert(name) {
            return Err(Breach::Duplicate {
                what,
                name: name.to_owned(),
            });
        }
    }
    Ok(())
}

fn kebab(what: &'static str, name: &str) -> Result<(), Breach> {
    let part_is_good = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_kebab = name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(part_is_good);
    if is_kebab {
        return Ok(());
    }
    Err(Breach::NotKebab {
        what,
        name: crate::capability::recorder::cut(name, 2 * MAX_NAME).to_owned(),
    })
}

fn short(limit: usize, text: &str, what: impl FnOnce() -> String) -> Result<(), Breach> {
    if text.len() <= limit {
        return Ok(());
    }
    Err(Breach::TooLong {
        what: what(),
        bytes: text.len(),
        limit,
    })
}

fn few(limit: usize, count: usize, what: impl FnOnce() -> String) -> Result<(), Breach> {
    if count <= limit {
        return Ok(());
    }
    Err(Breach::TooMany {
        what: what(),
        count,
        limit,
    })
}

#[cfg(test)]
mod tests;
