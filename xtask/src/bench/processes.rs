//! What starting the host costs, and what a case costs that does nothing.

use std::path::PathBuf;
use std::time::Duration;

use super::figures::{self, Figures};
use super::section::Section;
use super::{build, cases, time};
use crate::Outcome;
use crate::process;

/// How often each program is started.
const STARTS: usize = 60;

pub(super) fn measure(suites: &[PathBuf]) -> Outcome<Section> {
    let mut version = process::command(build::host(), ["--version"]);
    let mut list = process::command(build::host(), ["list"]);
    list.args(suites);
    let spawn = starts(|| time(&mut process::command("true", [""; 0])))?;
    let version = starts(|| time(&mut version))?;
    let list = starts(|| time(&mut list))?;
    let idle = cases::measure()?;
    let figures = [
        Figures::new("`true` (baseline)", spawn)?,
        Figures::new("`host --version`", version)?,
        Figures::new("`host list` of all suites, warm", list)?,
        Figures::new("`host run` of 100 cases that do nothing", idle.runs)?,
        Figures::new("the first of these cases", idle.first)?,
        Figures::new("each further one", idle.further)?,
    ];
    Ok(Section {
        text: format!(
            "`host list` and `host run` are whole processes, as a person starts them, and `true` is what starting one costs at all. The times of cases are those of their attempts (fresh instance, entry, teardown) in the reports, one case at a time. Wanted: `host list` below 50 ms, a case below 1 ms.\n\n{}",
            figures::table(&figures)
        ),
        raw: figures::raw(&figures),
        charts: Vec::new(),
    })
}

fn starts(mut start: impl FnMut() -> Outcome<Duration>) -> Outcome<Vec<Duration>> {
    (0..STARTS).map(|_| start()).collect()
}
