//! What `host inspect` prints: everything that a plugin says of itself, before any case of it is run.

use std::fmt::{self, Display, Formatter};

use assay_grants::{standing, table};
use assay_report::{event::Baseline, words::count};

use super::permits::Decision;
use crate::plugin::{Case, Outline};

/// A plugin for people.
pub(super) struct Inspection<'a> {
    pub(super) plugin: &'a Outline,
    pub(super) decision: Decision,
}

impl Display for Inspection<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { plugin, decision } = self;
        let description = &plugin.description;
        writeln!(out, "file       {}", plugin.file.display())?;
        writeln!(out, "digest     sha256:{}", plugin.digest)?;
        writeln!(out, "size       {} bytes", plugin.size)?;
        writeln!(out, "contract   {}", plugin.contract)?;
        writeln!(
            out,
            "suite      {} {}",
            description.name, description.version
        )?;
        writeln!(out, "           {}", description.summary)?;
        for (index, import) in plugin.imports.iter().enumerate() {
            let title = if index == 0 { "imports" } else { "" };
            writeln!(out, "{title:10} {import}")?;
        }
        writeln!(out, "standing   {}", Standing(decision))?;
        for (index, line) in table::lines(&plugin.wants).iter().enumerate() {
            let title = if index == 0 { "wants" } else { "" };
            writeln!(out, "{title:10} {line}")?;
        }
        let hooks: Vec<&str> = [
            (description.has_setup, "setup"),
            (description.has_teardown, "teardown"),
        ]
        .into_iter()
        .filter_map(|(has, name)| has.then_some(name))
        .collect();
        if !hooks.is_empty() {
            writeln!(out, "hooks      {}", hooks.join(", "))?;
        }
        write_cases(&description.cases, out)?;
        for (index, scenario) in description.scenarios.iter().enumerate() {
            let title = if index == 0 { "scenarios" } else { "" };
            writeln!(out, "{title:10} {}: {}", scenario.name, scenario.summary)?;
        }
        for (index, baseline) in description.baselines.iter().enumerate() {
            let title = if index == 0 { "baselines" } else { "" };
            writeln!(out, "{title:10} {}", Levels(baseline))?;
        }
        Ok(())
    }
}

/// Whose it is, and what it may do by that.
struct Standing<'a>(&'a Decision);

impl Display for Standing<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.0.standing {
            standing::Standing::Own => out.write_str("the project's own")?,
            standing::Standing::Stranger(why) => write!(out, "not the project's own: it {why}")?,
        }
        match self.0.permit.grants() {
            None => out.write_str(", which may do everything"),
            Some(grants) if grants.is_nothing() => {
                write!(
                    out,
                    ", and `[{}]` grants it nothing",
                    table::header(self.0.permit.plugin())
                )
            }
            Some(grants) => {
                for line in table::lines(grants) {
                    write!(out, "\n           granted: {line}")?;
                }
                Ok(())
            }
        }
    }
}

fn write_cases(cases: &[Case], out: &mut Formatter<'_>) -> fmt::Result {
    writeln!(out, "cases      {}", count(cases.len(), "case"))?;
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    for case in cases {
        write!(out, "           {:width$}  {}", case.name, case.summary)?;
        let conditions = conditions(case);
        if !conditions.is_empty() {
            write!(out, " ({})", conditions.join("; "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Whatever is special about how a case is run.
fn conditions(case: &Case) -> Vec<String> {
    let mut conditions = Vec::new();
    if !case.tags.is_empty() {
        conditions.push(format!("tags {}", case.tags.join(", ")));
    }
    if let Some(timeout) = case.timeout {
        conditions.push(format!("at most {} s", timeout.as_secs_f64()));
    }
    if case.exclusive {
        conditions.push("runs alone".into());
    }
    if !case.needs.is_empty() {
        conditions.push(format!("needs {}", case.needs.join(", ")));
    }
    conditions
}

/// A baseline in one line.
struct Levels<'a>(&'a Baseline);

impl Display for Levels<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Baseline {
            name,
            summary,
            unit,
            direction,
            target,
            critical,
        } = self.0;
        let way = direction.words();
        write!(
            out,
            "{name}: {way} {target} {unit} (target), {critical} {unit} (critical)"
        )?;
        if summary.is_empty() {
            Ok(())
        } else {
            write!(out, ": {summary}")
        }
    }
}
