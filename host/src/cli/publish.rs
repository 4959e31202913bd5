//! `host publish`: puts a plugin into an OCI registry, in the layout that WebAssembly components have there.

use std::{fs, io, path::PathBuf, time::SystemTime};

use assay_pins::{
    registry::Artifact,
    signature::Signature,
    source::{Reference, Source},
};
use assay_report::{exit::Exit, hint::Hinted};
use clap::Args;

use super::{
    loading,
    locked::{self, PluginArguments, SignArguments},
    output,
};
use crate::{config::Settings, plugin::contract};

/// The options of `host publish`.
#[derive(Args, Clone, Debug)]
pub struct PublishArguments {
    /// The plugin.
    #[arg(value_name = "PLUGIN")]
    pub plugin: PathBuf,
    /// Where it goes: `oci://REGISTRY/NAME:TAG`.
    #[arg(value_name = "REFERENCE")]
    pub reference: String,
    /// Who vouches for it.
    #[command(flatten)]
    pub sign: SignArguments,
}

/// Why a plugin is not published.
#[derive(Debug, thiserror::Error)]
enum Unpublished {
    #[error("`{0}` is no name in a registry")]
    NoRegistry(String),
    #[error("cannot read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` changed while it was looked at", .0.display())]
    Changed(PathBuf),
}

impl Hinted for Unpublished {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoRegistry(_) => "write it as oci://REGISTRY/NAME:TAG",
            Self::Read { .. } => "look whether it is a file that you may read",
            Self::Changed(_) => "publish it once it is built",
        };
        Some(text.to_owned())
    }
}

/// Publishes the plugin, and writes what it can be pinned by.
pub async fn run(arguments: &PublishArguments, settings: &Settings) -> Exit {
    match publish(arguments, settings).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn publish(arguments: &PublishArguments, settings: &Settings) -> Result<Exit, Exit> {
    let reference = reference(&arguments.reference)?;
    let key = arguments.sign.key()?;
    let plugin = PluginArguments {
        plugins: vec![arguments.plugin.clone()],
        locked: false,
    };
    let mut outlines = loading::outlines(&plugin, settings).await?;
    // One file was asked for.
    let outline = outlines.swap_remove(0);
    let (bytes, created) = read(&arguments.plugin)
        .map_err(|source| Unpublished::Read {
            path: arguments.plugin.clone(),
            source,
        })
        .map_err(|error| output::fail(&error, Exit::Plugin))?;
    let mut artifact = Artifact {
        bytes: bytes.into(),
        version: outline.description.version.clone(),
        exports: vec![contract::SUITE.to_owned()],
        imports: outline.imports.clone(),
        created,
        signatures: Vec::new(),
    };
    let digest = artifact.digest();
    if digest.hexadecimal() != outline.digest {
        let changed = Unpublished::Changed(arguments.plugin.clone());
        return Err(output::fail(&changed, Exit::Plugin));
    }
    artifact.signatures = key
        .iter()
        .map(|key| Signature::sign(key, &digest))
        .collect();
    let fetcher = locked::fetcher(settings)?;
    let published = fetcher.publish(&reference, &artifact).await;
    let published = published.map_err(|error| output::fail(&error, Exit::Plugin))?;
    let (registry, name) = (reference.registry(), reference.name());
    Ok(output::data(&format!(
        "oci://{registry}/{name}@{}\n",
        published.manifest
    )))
}

fn reference(text: &str) -> Result<Reference, Exit> {
    match text.parse::<Source>() {
        Ok(Source::Registry(reference)) => Ok(reference),
        Ok(other) => {
            let none = Unpublished::NoRegistry(other.shown());
            Err(output::fail(&none, Exit::Usage))
        }
        Err(error) => Err(output::fail(&error, Exit::Usage)),
    }
}

/// The bytes of a file that was found to be a plugin, and when it was made: the same file is published as the same artifact.
fn read(path: &std::path::Path) -> io::Result<(Vec<u8>, SystemTime)> {
    let created = fs::metadata(path)?.modified()?;
    Ok((fs::read(path)?, created))
}
