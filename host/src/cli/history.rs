//! `host history`: former runs, and what their cases did over time.

use std::{path::PathBuf, time::SystemTime};

use assay_history::{
    HistoryError, Store,
    case::CaseHistories,
    gather,
    schema::{History, ResultOfRun},
    store::{Added, Keep, Selection},
};
use assay_report::{exit::Exit, hint::Hinted, words::count};
use clap::{Args, Subcommand, ValueEnum};

use super::{history_table, output, settings::given};
use crate::config::{Overrides, Settings, duration_of_age};

/// The most runs that are looked at.
const MOST: i64 = assay_history::store::MAX_RUNS as i64;

/// Where the history is.
#[derive(Args, Clone, Debug, Default)]
pub struct HistoryArguments {
    /// The file of the history, instead of that of `[history]` in `assay.toml`.
    #[arg(long, value_name = "FILE", global = true, help_heading = "History")]
    pub history: Option<String>,
}

impl HistoryArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Vec<(&'static str, String)> {
        given([("file", self.history.clone())])
    }
}

/// The options of `host history`.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HistoryCommand {
    /// What is done to it; without it, it is shown.
    #[command(subcommand)]
    pub action: Option<HistoryAction>,
    /// What is shown.
    #[command(flatten)]
    pub shown: ShownArguments,
    /// Where it is.
    #[command(flatten)]
    pub file: HistoryArguments,
}

/// What is shown of the history.
#[derive(Args, Clone, Debug)]
pub struct ShownArguments {
    /// How many runs are looked at, the newest ones.
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=MOST))]
    pub last: u32,
    /// The cases of this suite over these runs: how often they ran, how often they were good, how flaky they are.
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// One case over these runs, and each of its results.
    #[arg(long, value_name = "SUITE/CASE", conflicts_with = "suite")]
    pub case: Option<String>,
    /// Only runs of this environment.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Only runs of this profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How to write it.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: HistoryFormat,
}

/// How the history is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// For people.
    Text,
    /// For programs: `history/schema/*.schema.json`.
    Json,
}

/// What can be done to the history.
#[derive(Clone, Debug, Subcommand)]
pub enum HistoryAction {
    /// Add runs that are over, from their event logs.
    Add {
        /// Event logs: `events.jsonl` in the report folder of a run.
        #[arg(value_name = "LOG", required = true)]
        logs: Vec<PathBuf>,
    },
    /// Remove runs that are not to be kept, and give back their space.
    Prune {
        /// How many runs to keep, instead of `keep-runs` of `[history]`.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST))]
        keep_runs: Option<u32>,
        /// How old runs may be, such as `90d`, instead of `keep-for` of `[history]`.
        #[arg(long, value_name = "DURATION", value_parser = duration_of_age)]
        keep_for: Option<std::time::Duration>,
    },
}

/// A case without its suite.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` does not name a case of a suite")]
struct NoCase(String);

impl Hinted for NoCase {
    fn hint(&self) -> Option<String> {
        Some("write it as reports do: `--case suite/case`".to_owned())
    }
}

impl HistoryCommand {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            history: self.file.overrides(),
            ..Overrides::default()
        }
    }
}

/// Shows it, adds to it, or removes from it.
pub fn run(arguments: &HistoryCommand, settings: &Settings) -> Exit {
    let done = match &arguments.action {
        None => return show(&arguments.shown, settings),
        Some(HistoryAction::Add { logs }) => add(logs, settings),
        Some(HistoryAction::Prune {
            keep_runs,
            keep_for,
        }) => prune(*keep_runs, *keep_for, settings),
    };
    done.unwrap_or_else(|error| fail(&error))
}

/// A name that means nothing is a slip of whoever wrote it; anything else is the file's.
pub(super) fn fail(error: &HistoryError) -> Exit {
    let exit = match error {
        HistoryError::NoRun { .. } | HistoryError::Ambiguous { .. } => Exit::Usage,
        _ => Exit::Report,
    };
    output::fail(error, exit)
}

fn add(logs: &[PathBuf], settings: &Settings) -> Result<Exit, HistoryError> {
    let history = &settings.history;
    for log in logs {
        let record = gather::recorded_whole(log)?;
        let mut store = Store::open(&history.file)?;
        let added = match store.add(&record)? {
            Added::New => "added",
            Added::Replaced => "replaced",
        };
        let run = &record.run.run_id;
        output::note(&format!("{added} run {run} of {}", log.display()));
        if record.run.verdict.is_none() {
            output::note("warning: the log ends before the run did, so its verdict is not known");
        }
    }
    // After all of them: what is older than the rest must not go before the rest is there.
    let removed = Store::open(&history.file)?.retain(history.keep, SystemTime::now())?;
    if removed > 0 {
        let runs = count(usize::try_from(removed).unwrap_or(usize::MAX), "run");
        output::note(&format!(
            "{runs} beyond what `[history]` keeps went: `keep-runs`, `keep-for`"
        ));
    }
    Ok(Exit::Success)
}

fn prune(
    keep_runs: Option<u32>,
    keep_for: Option<std::time::Duration>,
    settings: &Settings,
) -> Result<Exit, HistoryError> {
    let history = &settings.history;
    let keep = Keep {
        runs: keep_runs.unwrap_or(history.keep.runs),
        age: keep_for.unwrap_or(history.keep.age),
    };
    let removed = match Store::look(&history.file)? {
        None => 0,
        Some(mut store) => {
            let removed = store.retain(keep, SystemTime::now())?;
            store.shrink()?;
            removed
        }
    };
    let runs = count(usize::try_from(removed).unwrap_or(usize::MAX), "run");
    output::note(&format!("removed {runs}"));
    Ok(Exit::Success)
}

fn show(arguments: &ShownArguments, settings: &Settings) -> Exit {
    let case = match &arguments.case {
        None => None,
        Some(id) => match id.split_once('/') {
            Some((suite, case)) if !suite.is_empty() && !case.is_empty() => Some((suite, case)),
            _ => return output::fail(&NoCase(id.clone()), Exit::Usage),
        },
    };
    let history = match read(arguments, case, settings) {
        Ok(history) => history,
        Err(error) => return fail(&error),
    };
    match arguments.format {
        HistoryFormat::Json => output::json(&history),
        HistoryFormat::Text => {
            let asked = arguments.suite.is_some() || case.is_some();
            let text = history_table::text(&history, asked);
            if history.runs.is_empty() {
                let file = settings.history.file.display();
                output::note(&format!("no run is in the history `{file}` that fits"));
            }
            output::data(&text)
        }
    }
}

fn read(
    arguments: &ShownArguments,
    case: Option<(&str, &str)>,
    settings: &Settings,
) -> Result<History, HistoryError> {
    let mut history = History::default();
    let Some(store) = Store::look(&settings.history.file)? else {
        return Ok(history);
    };
    let selection = Selection {
        environment: arguments.environment.clone(),
        profile: arguments.profile.clone(),
        last: arguments.last,
        ..Selection::default()
    };
    history.runs = store.runs(&selection)?;
    let suite = case.map(|(suite, _)| suite).or(arguments.suite.as_deref());
    if suite.is_some() {
        let mut cases = CaseHistories::default();
        store.occurrences(
            &selection,
            suite,
            case.map(|(_, case)| case),
            |occurrence| {
                if case.is_some() {
                    history.results.push(ResultOfRun {
                        run_id: occurrence.run.run_id.clone(),
                        started_at: occurrence.run.started_at.clone(),
                        result: occurrence.result.clone(),
                    });
                }
                cases.hear(occurrence);
            },
        )?;
        history.results.reverse();
        history.cases = cases.finish();
    }
    Ok(history)
}
