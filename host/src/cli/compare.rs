//! `host compare`: two runs against each other.

use std::path::{Path, PathBuf};

use assay_history::{HistoryError, RunRecord, Store, compare, gather, regression, store::Name};
use assay_report::exit::Exit;
use clap::Args;

use super::{
    comparison,
    history::{HistoryArguments, HistoryFormat, fail},
    output,
    settings::given,
};
use crate::config::{Overrides, Settings};

/// The options of `host compare`.
#[derive(Args, Clone, Debug)]
pub struct CompareArguments {
    /// The run to compare with: an id or its beginning, `last`, `previous`, or the file of an event log.
    #[arg(value_name = "BEFORE", default_value = "previous")]
    pub before: String,
    /// The run that is compared.
    #[arg(value_name = "AFTER", default_value = "last")]
    pub after: String,
    /// Name each distribution, also those without a difference.
    #[arg(long)]
    pub all: bool,
    /// How to write it.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: HistoryFormat,
    /// Exit with 1 if the 95th percentile of any time is greater by more than this, such as `10%`, and with 7 if none could be judged.
    #[arg(long, value_name = "BOUND")]
    pub fail_on_regression: Option<String>,
    /// Where the history is.
    #[command(flatten)]
    pub file: HistoryArguments,
}

impl CompareArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        let bound = self.fail_on_regression.clone();
        let mut history = self.file.overrides();
        history.extend(given([("fail-on-regression", bound)]));
        Overrides {
            history,
            ..Overrides::default()
        }
    }
}

/// Compares them. The answer tells whether they could be compared; with a bound, also whether it is held.
pub fn run(arguments: &CompareArguments, settings: &Settings) -> Exit {
    let file = &settings.history.file;
    let records = record(&arguments.before, file)
        .and_then(|before| Ok((before, record(&arguments.after, file)?)));
    let (before, after) = match records {
        Ok(records) => records,
        Err(error) => return fail(&error),
    };
    let comparison = compare::compare(&before, &after);
    let written = match arguments.format {
        HistoryFormat::Json => output::json(&comparison),
        HistoryFormat::Text => output::data(&comparison::text(&comparison, arguments.all)),
    };
    if written != Exit::Success || arguments.fail_on_regression.is_none() {
        return written;
    }
    let check = regression::judge(&after, &[before], &settings.history.bounds);
    for found in &check.regressions {
        output::note(&format!("regressed: {}: {}", found.name(), found.words()));
    }
    output::note(&check.words());
    match (check.beyond, &check.not_judged) {
        (0, None) => Exit::Success,
        (0, Some(_)) => Exit::NothingTested,
        _ => Exit::Failed,
    }
}

/// A recorded run of an event log, or one of the history.
fn record(name: &str, history: &Path) -> Result<RunRecord, HistoryError> {
    let path = PathBuf::from(name);
    let is_log = name.contains(std::path::MAIN_SEPARATOR)
        || path
            .extension()
            .is_some_and(|extension| extension == "jsonl");
    if is_log || path.is_file() {
        return gather::recorded_whole(&path);
    }
    let no_run = || HistoryError::NoRun {
        path: history.to_owned(),
        name: name.to_owned(),
    };
    let store = Store::look(history)?.ok_or_else(no_run)?;
    let run = store.find(&Name::of(name))?;
    store.record(&run.run_id)?.ok_or_else(no_run)
}
