//! `host report merge`: one run of the event logs of its shards, with its reports, its verdict and its exit code.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use assay_history::recorder::Shared;
use assay_report::{
    Documents, Former, Merge, MergeError, Merged, ReportError, Reporter, WholeLog,
    console::{Console, ConsoleOptions},
    event::Event,
    exit::Exit,
    in_the_way,
};
use clap::Args;

use crate::{
    cli::{
        documents::DocumentArguments, history::HistoryArguments, output, report::InTheWay,
        run::github_step, settings::given,
    },
    config::{Overrides, Settings},
    history::Judge,
};

/// The options of `host report merge`.
#[derive(Args, Clone, Debug)]
pub struct MergeArguments {
    /// The event logs of all shards of one run, in any order: the `events.jsonl` that `host run --shard` has left of each.
    #[arg(value_name = "LOG", required = true)]
    pub logs: Vec<PathBuf>,
    /// Where the event log of the merged run goes, which can be told again: to `host report`, `host history add`, `host compare`.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub events: Option<PathBuf>,
    /// What is to be made beside the report of the console.
    #[command(flatten)]
    pub documents: DocumentArguments,
    /// A run to show this one beside: its `report.json` or its `events.jsonl`.
    #[arg(long, value_name = "FILE", requires = "html", help_heading = "Reports")]
    pub against: Option<PathBuf>,
    /// Where former runs are.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// By how much the 95th percentile of any time may be greater than in the last good run, such as `10%`; `[history]` of `assay.toml` can say
    /// more.
    #[arg(long, value_name = "BOUND", help_heading = "History")]
    pub fail_on_regression: Option<String>,
}

impl MergeArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        let mut history = self.history.overrides();
        history.extend(given([(
            "fail-on-regression",
            self.fail_on_regression.clone(),
        )]));
        Overrides {
            history,
            ..Overrides::default()
        }
    }
}

/// Who hears the merged run.
struct Listeners {
    log: Option<WholeLog>,
    console: Console,
    documents: Documents,
    failures: Vec<ReportError>,
}

/// Merges the logs. The answer tells how the merged run was, as that of `host run` does.
pub fn run(arguments: &MergeArguments, settings: &Settings) -> Exit {
    if let Some(path) = taken_twice(arguments) {
        return output::fail(&InTheWay { path }, Exit::Usage);
    }
    let merge = match Merge::open(&arguments.logs) {
        Ok(merge) => merge,
        Err(error) => return output::fail(&error, Exit::Report),
    };
    let mut listeners = match Listeners::new(arguments) {
        Ok(listeners) => listeners,
        Err(exit) => return exit,
    };
    match tell(merge, settings, &mut listeners) {
        Ok(merged) => listeners.finish(merged.exit),
        // What was heard is no whole run, and so nothing is written.
        Err(error) => output::fail(&error, Exit::Report),
    }
}

fn tell(
    merge: Merge,
    settings: &Settings,
    listeners: &mut Listeners,
) -> Result<Merged, MergeError> {
    let gathering = Shared::default();
    let judge = Judge::new(&settings.history, gathering.clone());
    merge.tell(
        || judge.as_ref().map(Judge::compare),
        |event| {
            if judge.is_some() {
                gathering.lock().event(event);
            }
            listeners.hear(event);
        },
    )
}

/// A file that would be written over one that is read, or over another one that is written.
fn taken_twice(arguments: &MergeArguments) -> Option<PathBuf> {
    let mut taken: Vec<&Path> = arguments.logs.iter().map(PathBuf::as_path).collect();
    taken.extend(arguments.against.as_deref());
    if let Some(events) = &arguments.events {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if taken.iter().any(|path| absolute(path) == absolute(events)) {
            return Some(events.clone());
        }
        taken.push(events);
    }
    in_the_way(&arguments.documents.documents(), &taken).map(|document| document.path.clone())
}

impl Listeners {
    fn new(arguments: &MergeArguments) -> Result<Self, Exit> {
        let failed = |error: &dyn assay_report::hint::Hinted| output::fail(error, Exit::Report);
        let log = arguments.events.as_deref().map(WholeLog::create);
        let log = log.transpose().map_err(|error| failed(&error))?;
        let former = arguments.against.as_deref().map(Former::read);
        let former = former.transpose().map_err(|error| failed(&error))?;
        let wanted = arguments.documents.documents();
        let written = wanted.iter().map(|document| document.path.clone());
        let files = arguments.events.iter().cloned().chain(written).collect();
        let options = ConsoleOptions::stdout(ColorChoice::global(), false, files);
        Ok(Self {
            log,
            documents: Documents::new(wanted)
                .against(former)
                .in_github(github_step()),
            console: Console::new(options),
            failures: Vec::new(),
        })
    }

    /// One that fails hears nothing more, and is told at the end.
    fn hear(&mut self, event: &Event) {
        self.documents.event(event);
        if let Some(Err(error)) = self.log.as_mut().map(|log| log.event(event)) {
            self.log = None;
            self.failures.push(error);
        }
        let console_is_gone = self.failures.iter().any(is_of_console);
        if !console_is_gone && let Err(error) = self.console.event(event) {
            self.failures.push(error);
        }
    }

    /// A report that cannot be written is worth its own exit code only if nothing else is wrong.
    fn finish(mut self, exit: Exit) -> Exit {
        if let Some(Err(error)) = self.log.as_mut().map(Reporter::finish) {
            self.failures.push(error);
        }
        if !self.failures.iter().any(is_of_console) {
            self.failures.extend(self.console.finish().err());
        }
        self.failures.extend(self.documents.finish());
        for failure in &self.failures {
            output::fail(failure, Exit::Report);
        }
        match exit {
            Exit::Success if !self.failures.is_empty() => Exit::Report,
            exit => exit,
        }
    }
}

fn is_of_console(error: &ReportError) -> bool {
    matches!(error, ReportError::Console { .. })
}
