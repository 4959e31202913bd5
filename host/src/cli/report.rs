//! `host report`: reports of a run that is over, from its event log.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use assay_report::{
    Document, Documents, Former, Reporter as _,
    console::{Console, ConsoleOptions},
    exit::Exit,
    hint::Hinted,
    in_the_way, replay,
};
use clap::{Args, Subcommand};

use crate::cli::{documents::DocumentArguments, merge::MergeArguments, output};

/// Reports of one log, or one run of several.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ReportCommand {
    /// What else can be done with logs.
    #[command(subcommand)]
    pub action: Option<ReportAction>,
    /// Which reports of which log.
    #[command(flatten)]
    pub arguments: ReportArguments,
}

/// What can be done with several logs.
#[derive(Clone, Debug, Subcommand)]
pub enum ReportAction {
    /// Make one run of the shards of `host run --shard`; the exit code is that of the run.
    Merge(Box<MergeArguments>),
}

/// The options of `host report`.
#[derive(Args, Clone, Debug)]
pub struct ReportArguments {
    /// The event log: `events.jsonl` in the report folder of a run.
    #[arg(value_name = "LOG", required = true)]
    pub log: Option<PathBuf>,
    /// What is to be made; without any of them the report of the console is shown.
    #[command(flatten)]
    pub documents: DocumentArguments,
    /// A run to show this one beside: its `report.json` or its `events.jsonl`.
    #[arg(long, value_name = "FILE", requires = "html", help_heading = "Reports")]
    pub against: Option<PathBuf>,
}

/// Two files in one place.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is the place of another report, or of the log itself", path.display())]
pub(super) struct InTheWay {
    pub(super) path: PathBuf,
}

impl Hinted for InTheWay {
    fn hint(&self) -> Option<String> {
        Some("name another file".to_owned())
    }
}

/// Makes the reports. The answer tells whether they could be made, not how the run was.
pub fn run(arguments: &ReportArguments) -> Exit {
    // Without a log the command line is refused before.
    let Some(log) = &arguments.log else {
        return Exit::Usage;
    };
    let documents = arguments.documents.documents();
    let read = [Some(log), arguments.against.as_ref()];
    let read: Vec<&Path> = read.into_iter().flatten().map(PathBuf::as_path).collect();
    if let Some(document) = in_the_way(&documents, &read) {
        let path = document.path.clone();
        return output::fail(&InTheWay { path }, Exit::Usage);
    }
    if documents.is_empty() {
        show(log)
    } else {
        write(log, arguments.against.as_deref(), documents)
    }
}

/// What `host run` has shown, once more.
fn show(log: &Path) -> Exit {
    let files = vec![log.to_owned()];
    let options = ConsoleOptions::stdout(ColorChoice::global(), false, files);
    let mut console = Console::new(options);
    let mut failure = None;
    let replayed = replay(log, |event| {
        if failure.is_none() {
            failure = console.event(event).err();
        }
    });
    if let Err(error) = replayed {
        return output::fail(&error, Exit::Report);
    }
    match failure.or_else(|| console.finish().err()) {
        Some(failure) => output::fail(&failure, Exit::Report),
        None => Exit::Success,
    }
}

/// Nothing is written before the log has been read to its end without an error.
fn write(log: &Path, against: Option<&Path>, wanted: Vec<Document>) -> Exit {
    let former = match against.map(Former::read).transpose() {
        Ok(former) => former,
        Err(error) => return output::fail(&error, Exit::Report),
    };
    let mut documents = Documents::new(wanted.clone()).against(former);
    let replayed = match replay(log, |event| documents.event(event)) {
        Ok(replayed) => replayed,
        Err(error) => return output::fail(&error, Exit::Report),
    };
    if !replayed.is_complete {
        output::note(&format!(
            "warning: the log ends after event {}, before the run did: the host was stopped. The reports hold what was told until then, and say so",
            replayed.events - 1
        ));
    }
    let failures = documents.finish();
    for failure in &failures {
        output::fail(failure, Exit::Report);
    }
    if failures.is_empty() {
        for document in wanted {
            output::note(&format!("wrote {}", document.path.display()));
        }
        Exit::Success
    } else {
        Exit::Report
    }
}
