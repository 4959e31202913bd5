//! `host wit`: the contract between host and suite, from which an SDK for another language is made.

use std::path::PathBuf;

use assay_authoring::contract;
use assay_report::exit::Exit;
use clap::Args;

use super::output;

/// The options of `host wit`.
#[derive(Args, Clone, Debug)]
pub struct WitArguments {
    /// Write its files into this new folder, instead of all of it to standard output.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// Writes the contract.
pub fn run(arguments: &WitArguments) -> Exit {
    let Some(folder) = &arguments.folder else {
        return output::data(&contract::text());
    };
    match contract::files().write(folder) {
        Ok(()) => Exit::Success,
        Err(error) => output::fail(&error, Exit::Report),
    }
}
