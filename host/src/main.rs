//! The command `host`.

use std::process::ExitCode;

use assay_host::cli;
use assay_report::exit::Exit;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let exit = match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(cli::main(std::env::args_os()));
            // After a stop a plugin may still be compiled, or standard input be read: nobody waits for it any more.
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            cli::output::note(&format!("error: cannot start threads: {error}"));
            Exit::Environment
        }
    };
    exit.into()
}
