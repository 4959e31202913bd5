//! The part of `host run` that is about agents: calls them before anything is loaded, and gives them the plugins that they need.

use std::io;

use assay_agents::plugin::Plugin;
use assay_report::{exit::Exit, hint::Hinted};

use super::{loading::Loaded, nats::AgentArguments, output};
use crate::{
    agents::{
        Called,
        placing::{makes_load, may_go},
        run::Conducted,
    },
    plugin::Permitted,
};

/// Why a plugin cannot be given to agents.
#[derive(Debug, thiserror::Error)]
enum Unsendable {
    #[error("`{file}` cannot be read again for the agents: {source}")]
    Unreadable { file: String, source: io::Error },
    #[error("`{file}` has changed since it was loaded")]
    Changed { file: String },
}

impl Hinted for Unsendable {
    fn hint(&self) -> Option<String> {
        Some("leave it alone while a run begins, and start the run again".to_owned())
    }
}

/// Calls the agents that the arguments mean; none if the run is not shared.
pub(super) async fn call(arguments: &AgentArguments) -> Result<Option<Called>, Exit> {
    let Some(access) = arguments.access() else {
        return Ok(None);
    };
    let called = Called::call(&access, arguments.wanted()).await;
    called
        .map(Some)
        .map_err(|error| output::fail(&error, Exit::Environment))
}

/// Gives agents what they can run or make load of.
pub(super) async fn join(called: &mut Called, loaded: &Loaded) -> Result<(), Exit> {
    let plugins = sent(&loaded.plugins).await;
    let plugins = plugins.map_err(|error| output::fail(&error, Exit::Plugin))?;
    let joined = called.join(&plugins).await;
    joined.map_err(|error| output::fail(&error, Exit::Environment))
}

/// Lets agents go with which there will be no run. What is left on the server a later run removes.
pub(super) async fn close(called: Called) {
    if let Err(error) = called.close().await {
        output::note(&format!("warning: {error}"));
    }
}

/// Lets the agents of a run go. What is left on the server is worth a word: it is no part of the run any more.
pub(super) async fn end(conducted: Conducted) {
    if let Err(error) = conducted.close().await {
        output::note(&format!("warning: {error}"));
    }
}

async fn sent(plugins: &[Permitted]) -> Result<Vec<Plugin>, Unsendable> {
    let mut sent = Vec::new();
    for Permitted { plugin, permit } in plugins {
        if !may_go(&plugin.calls) && !makes_load(&plugin.calls) {
            continue;
        }
        let file = plugin.file.display().to_string();
        let bytes = match tokio::fs::read(&plugin.file).await {
            Ok(bytes) => bytes,
            Err(source) => return Err(Unsendable::Unreadable { file, source }),
        };
        let read = Plugin::new(permit.plugin(), bytes.into());
        if read.digest.hexadecimal() != plugin.digest {
            return Err(Unsendable::Changed { file });
        }
        sent.push(read);
    }
    Ok(sent)
}
