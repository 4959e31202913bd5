//! The real workshop: a suite's folder, its compiler, and this host's own program, called as a person would.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use assay_report::exit::Exit;

use super::{DevError, Outcome, ReportError, Selection, Step, Watcher, Workshop};
use crate::{
    build::{self, BuildOptions},
    process::{command, ended},
    project::Project,
};

/// Where runs of the loop leave their reports, below the suite's folder: beside those that somebody else asked for.
const REPORTS: &str = ".assay/dev";

/// How a suite is followed.
#[derive(Clone, Debug)]
pub struct DevOptions {
    /// The program of the host; usually the one that runs.
    pub host: PathBuf,
    /// How the suite is built.
    pub build: BuildOptions,
    /// `--filter` of whoever asked: what all cases are.
    pub filters: Vec<String>,
    /// Further arguments of `host run`, such as `--profile quick`.
    pub arguments: Vec<OsString>,
    /// Folders that are watched beside the suite's own, such as a crate that it shares.
    pub also_watch: Vec<PathBuf>,
}

/// A suite's folder.
pub struct SuiteFolder<T> {
    folder: PathBuf,
    options: DevOptions,
    watcher: Watcher,
    tell: T,
}

impl<T: FnMut(&Step<'_>)> SuiteFolder<T> {
    /// Looks whether there is a suite, and watches it from now on.
    pub fn new(folder: &Path, options: DevOptions, tell: T) -> Result<Self, DevError> {
        let folder = Project::find(folder)?.folder;
        let mut roots = vec![folder.clone()];
        roots.extend(options.also_watch.iter().cloned());
        Ok(Self {
            watcher: Watcher::new(roots)?,
            folder,
            options,
            tell,
        })
    }

    fn arguments(&self, component: &Path, selection: &Selection, reports: &Path) -> Vec<OsString> {
        let filters = match selection {
            Selection::All => self.options.filters.clone(),
            Selection::Only(_) => selection.filters(),
        };
        let mut arguments: Vec<OsString> = vec!["run".into(), component.into()];
        for filter in filters {
            arguments.extend(["--filter".into(), filter.into()]);
        }
        arguments.extend(["--report-dir".into(), reports.into()]);
        arguments.extend(self.options.arguments.iter().cloned());
        arguments
    }
}

impl<T: FnMut(&Step<'_>)> Workshop for SuiteFolder<T> {
    fn mark(&mut self) -> Result<(), DevError> {
        Ok(self.watcher.mark()?)
    }

    async fn build(&mut self) -> Result<PathBuf, DevError> {
        // Anew each time: the manifest is one of the sources.
        let project = Project::find(&self.folder)?;
        Ok(build::build(&project, &self.options.build).await?.component)
    }

    async fn run(
        &mut self,
        component: &Path,
        selection: &Selection,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<Outcome>, DevError> {
        let reports = self.folder.join(REPORTS);
        let report = reports.join("report.json");
        remove(&report)?;
        let mut host = command(&self.options.host, &self.folder);
        host.args(self.arguments(component, selection, &reports))
            .stdin(Stdio::null())
            // What failed is to run again, in whatever shard it is.
            .env_remove("ASSAY_SHARD")
            // A group of its own: of a Ctrl-C it hears once, from here, and takes its environment down.
            .process_group(0);
        let start = |source| DevError::Start {
            program: self.options.host.clone(),
            source,
        };
        let mut child = host.spawn().map_err(start)?;
        let Some(status) = ended(&mut child, stop).await.map_err(start)? else {
            return Ok(None);
        };
        let exit = status.code().and_then(|code| code.try_into().ok());
        let exit = exit.and_then(Exit::from_code);
        if exit == Some(Exit::Interrupted) {
            return Ok(None);
        }
        if let Some(outcome) = Outcome::read(&report, status.success())? {
            return Ok(Some(outcome));
        }
        match exit {
            // The cases that failed have another name now, or are gone: no failure is left, and nothing is known to be good.
            Some(Exit::NothingTested) => Ok(Some(Outcome::default())),
            Some(Exit::Usage) => Err(DevError::Arguments),
            _ => Err(DevError::NotRun { status }),
        }
    }

    async fn changed(&mut self) -> Result<(), DevError> {
        Ok(self.watcher.changed().await?)
    }

    fn tell(&mut self, step: &Step<'_>) {
        (self.tell)(step);
    }
}

/// The report of the run before must not be taken for that of this one.
fn remove(report: &Path) -> Result<(), ReportError> {
    match fs::remove_file(report) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(ReportError::Read {
            path: report.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}
