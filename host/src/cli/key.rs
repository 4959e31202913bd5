//! `host key`: a key that signs plugins.

use std::path::PathBuf;

use assay_pins::signature::SecretKey;
use assay_report::exit::Exit;
use clap::Args;

use super::output;

/// The options of `host key`.
#[derive(Args, Clone, Debug)]
pub struct KeyArguments {
    /// Where the secret key is, in PKCS #8 as PEM. One that is there is not made anew.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Makes the key unless it is there, and writes its public part.
pub fn run(arguments: &KeyArguments) -> Exit {
    let file = &arguments.file;
    let key = if file.exists() {
        SecretKey::read(file)
    } else {
        SecretKey::create(file)
    };
    match key {
        Ok(key) => output::data(&format!("{}\n", key.public())),
        Err(error) => output::fail(&error, Exit::Config),
    }
}
