//! `host new`: a folder with a suite that is green at once.

use std::path::{Path, PathBuf};

use assay_authoring::{
    SuiteName, WriteError,
    sdk::SdkSource,
    template::{Language, Template},
};
use assay_report::{exit::Exit, hint::Hinted};
use clap::Args;

use super::output;

/// The options of `host new`.
#[derive(Args, Clone, Debug)]
pub struct NewArguments {
    /// The suite's name, in kebab-case; also that of its folder.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it is written in: `rust` or `python`.
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    pub language: String,
    /// The folder `sdk` of a checkout of Assay, or the checkout itself; without it the one that this host was built in, if it is there.
    #[arg(long, value_name = "PATH")]
    pub sdk: Option<PathBuf>,
    /// Where it goes; without it a folder of its name.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// Writes the suite.
pub fn run(arguments: &NewArguments) -> Exit {
    match write(arguments) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

fn write(arguments: &NewArguments) -> Result<(), Exit> {
    let usage = |error: &dyn Hinted| output::fail(error, Exit::Usage);
    let name: SuiteName = arguments.name.parse().map_err(|error| usage(&error))?;
    let language: Language = arguments.language.parse().map_err(|error| usage(&error))?;
    let sdk = match &arguments.sdk {
        Some(path) => SdkSource::Path(path.clone()),
        None => nearby(),
    };
    if let SdkSource::Path(path) = &sdk {
        output::note(&format!("the SDK is that of {}", path.display()));
    }
    let template = Template::render(&name, language, &sdk).map_err(|error| usage(&error))?;
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => PathBuf::from(name.as_str()),
    };
    let written = template.files().write(&folder);
    written.map_err(|error| {
        let exit = match &error {
            WriteError::Occupied { .. } => Exit::Usage,
            WriteError::File(_) => Exit::Report,
        };
        output::fail(&error, exit)
    })?;
    let shown = folder.display();
    output::note(&format!("{shown} has the suite `{}`", name.as_str()));
    if let Some(advice) = template.advice() {
        output::note(&format!("hint: {advice}"));
    }
    output::note(&format!(
        "next: cd {shown} && host build && host run plugins/{}.wasm",
        name.as_str()
    ));
    Ok(())
}

/// The SDK of the checkout in which this program is, or was built.
fn nearby() -> SdkSource {
    let program = std::env::current_exe().ok();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    SdkSource::near(program.as_deref(), checkout)
}
