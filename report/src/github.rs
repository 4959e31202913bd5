//! A run as GitHub Actions shows it: annotations where something is not good, and a summary on the page of the job.
//!
//! Whatever a step prints may hold workflow commands, and what plugins say is printed. So the run begins by telling the runner to look for
//! none until a word comes that nobody else knows.

mod annotation;
mod command;

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{ReportError, json::document::Report, markdown, outcomes};

/// Bytes that a step may have on the page of its job; GitHub refuses all of a larger file.
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary>
const MAX_SUMMARY_BYTES: u64 = 1 << 20;
/// What stands in place of a summary that has no room.
const NO_ROOM: &str = "# Assay\n\nThe summary has no room here: GitHub takes 1 MiB for each step. `host run --markdown FILE` keeps it in a file.\n";

/// A step of a job that runs this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GithubStep {
    /// Where its summary belongs; none if the runner named no file.
    summary: Option<PathBuf>,
    word: String,
}

impl GithubStep {
    /// None outside of GitHub Actions, which says `true` in `GITHUB_ACTIONS`. The word must be one that no plugin can guess.
    pub fn of_environment(
        variable: impl Fn(&str) -> Option<OsString>,
        word: impl FnOnce() -> String,
    ) -> Option<Self> {
        let is_step = variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        is_step.then(|| Self {
            summary: variable("GITHUB_STEP_SUMMARY")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            word: word(),
        })
    }

    /// Has the runner look for no commands. To be written before anything that plugins say.
    pub fn begin(&self, writer: &mut dyn Write) -> io::Result<()> {
        writeln!(writer, "{}", command::stop(&self.word))
    }

    /// Has it look for them again, writes the annotations, and adds the summary. Gives the errors of what could not be written.
    pub fn finish(&self, report: &Report, writer: &mut dyn Write) -> Vec<ReportError> {
        let annotated = self
            .annotate(report, writer)
            .map_err(|source| ReportError::Console { source });
        let summed_up = match &self.summary {
            Some(path) => add_summary(report, path),
            None => Ok(()),
        };
        [annotated, summed_up]
            .into_iter()
            .filter_map(Result::err)
            .collect()
    }

    fn annotate(&self, report: &Report, writer: &mut dyn Write) -> io::Result<()> {
        writeln!(writer, "{}", command::go_on(&self.word))?;
        for line in annotation::all(report, &outcomes::groups(report)) {
            writeln!(writer, "{line}")?;
        }
        writer.flush()
    }
}

/// Adds to what the step has written before: it may run this program more than once.
fn add_summary(report: &Report, path: &Path) -> Result<(), ReportError> {
    let failed = |source| ReportError::Write {
        path: path.to_owned(),
        source,
    };
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|source| ReportError::Create {
            path: path.to_owned(),
            source,
        })?;
    let there = file.metadata().map_err(failed)?.len();
    let mut page = Vec::new();
    markdown::write(report, &mut page).map_err(failed)?;
    page.push(b'\n');
    let room = MAX_SUMMARY_BYTES.saturating_sub(there);
    if room >= page.len() as u64 {
        file.write_all(&page).map_err(failed)
    } else if room >= NO_ROOM.len() as u64 {
        file.write_all(NO_ROOM.as_bytes()).map_err(failed)
    } else {
        Ok(())
    }
}
