//! `host dev`: builds a suite after each change, and runs what failed.

use std::{ffi::OsString, path::PathBuf};

use assay_authoring::dev::{self, DevError, DevOptions, Outcome, Selection, Step, SuiteFolder};
use assay_report::{exit::Exit, words::count};
use clap::Args;

use super::{build::HowArguments, output};
use crate::runner::interrupt::{Force, Interrupt};

/// The options of `host dev`.
#[derive(Args, Clone, Debug)]
pub struct DevArguments {
    /// The folder of the suite.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Only these cases, as `host run` has it; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub filter: Vec<String>,
    /// A folder that is watched beside the suite's own, such as a crate that it shares; may be repeated.
    #[arg(long, value_name = "FOLDER")]
    pub watch: Vec<PathBuf>,
    /// How it is built.
    #[command(flatten)]
    pub how: HowArguments,
    /// Further arguments of `host run`, after `--`.
    #[arg(value_name = "ARGUMENT", last = true)]
    pub arguments: Vec<OsString>,
}

/// Follows the suite until Ctrl-C.
pub async fn run(arguments: DevArguments) -> Exit {
    let interrupt = Interrupt::default();
    if let Err(error) = interrupt.listen() {
        output::note(&format!("error: cannot listen to signals: {error}"));
        return Exit::Environment;
    }
    let host = match std::env::current_exe() {
        Ok(host) => host,
        Err(error) => {
            output::note(&format!(
                "error: cannot find the host's own program: {error}"
            ));
            return Exit::Environment;
        }
    };
    let options = DevOptions {
        host,
        build: arguments.how.options(),
        filters: arguments.filter,
        arguments: arguments.arguments,
        also_watch: arguments.watch,
    };
    let mut folder = match SuiteFolder::new(&arguments.folder, options, tell) {
        Ok(folder) => folder,
        Err(error) => return output::fail(&error, Exit::Usage),
    };
    let stop = async {
        interrupt.at_least(Force::Finish).await;
    };
    match dev::follow(&mut folder, stop).await {
        Ok(()) => Exit::Success,
        Err(error @ DevError::Arguments) => output::fail(&error, Exit::Usage),
        Err(error) => output::fail(&error, Exit::Plugin),
    }
}

fn tell(step: &Step<'_>) {
    match step {
        Step::Building => output::note("== building"),
        Step::Broken(error) => {
            output::fail(*error, Exit::Plugin);
        }
        Step::Running(Selection::All) => output::note("== running all cases"),
        Step::Running(Selection::Only(cases)) => {
            let cases = count(cases.len(), "case");
            output::note(&format!("== running {cases} that failed"));
        }
        Step::Ran(outcome) => output::note(&told(outcome)),
        Step::Waiting => output::note("== waiting for a change; Ctrl-C ends it"),
    }
}

fn told(outcome: &Outcome) -> String {
    let passed = outcome.passed;
    match outcome.failed.len() {
        0 if outcome.good => format!("== {passed} good"),
        0 => format!("== {passed} good, and the run as a whole was not"),
        failed => format!("== {passed} good, {failed} not"),
    }
}
