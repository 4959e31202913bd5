//! `host build`: the component of a suite's folder, whatever it is written in.

use std::path::PathBuf;

use assay_authoring::{
    build::{self, BuildOptions},
    project::Project,
};
use assay_report::exit::Exit;
use clap::Args;

use super::output;

/// The options of `host build`.
#[derive(Args, Clone, Debug)]
pub struct BuildArguments {
    /// The folder of the suite.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// How it is built.
    #[command(flatten)]
    pub how: HowArguments,
}

/// How a suite is built.
#[derive(Args, Clone, Debug)]
pub struct HowArguments {
    /// Where the component goes, as `NAME.wasm`; without it `plugins` of the suite's folder.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Fetch nothing: what is not there is an error.
    #[arg(long)]
    pub offline: bool,
}

impl HowArguments {
    /// The same for whoever builds.
    pub(super) fn options(&self) -> BuildOptions {
        BuildOptions {
            out: self.out.clone(),
            offline: self.offline,
            ..BuildOptions::default()
        }
    }
}

/// Builds the suite, and writes where its component is.
pub async fn run(arguments: &BuildArguments) -> Exit {
    let project = match Project::find(&arguments.folder) {
        Ok(project) => project,
        Err(error) => return output::fail(&error, Exit::Usage),
    };
    match build::build(&project, &arguments.how.options()).await {
        Ok(built) => {
            let same = if built.changed { "" } else { ", as before" };
            output::note(&format!("{} bytes{same}", built.size));
            output::data(&format!("{}\n", built.component.display()))
        }
        Err(error) => output::fail(&error, Exit::Plugin),
    }
}
