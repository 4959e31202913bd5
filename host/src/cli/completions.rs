//! `host completions`: what a shell needs to complete the command line.

use assay_report::exit::Exit;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::{Cli, output};

/// The options of `host completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArguments {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Prints the completions.
pub fn run(arguments: &CompletionsArguments) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "host", &mut script);
    output::data(&String::from_utf8_lossy(&script))
}
