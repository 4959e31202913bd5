//! The part of `host run` that is about agents: calls them before anything is loaded, and gives them the plugins that they need.

use std::{io, time::Duration};

use assay_agents::{error::RunError, plugin::Plugin};
use assay_report::{exit::Exit, hint::Hinted, words::count};

use super::{
    loading::Loaded,
    nats::{self, AgentArguments},
    output,
};
use crate::{
    agents::{
        Called,
        placing::{makes_load, may_go},
        run::Conducted,
    },
    plan::Plan,
    plugin::{Outline, Permitted},
};

/// So long nothing is said of what agents are waited for.
const WORDLESS: Duration = Duration::from_secs(3);

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
    // Boxed, as what it waits for is large.
    let called = Box::pin(Called::call(
        &access,
        arguments.wanted(),
        arguments.agents_within,
    ));
    let waiting = || match arguments.wanted() {
        Some(number) => format!("waiting for {}", count(number, "agent")),
        None => "waiting for agents".to_owned(),
    };
    let called = output::with_a_word(WORDLESS, waiting, called).await;
    called.map(Some).map_err(|error| {
        let exit = match &error {
            RunError::Nats(error) => nats::exit(error),
            _ => Exit::Environment,
        };
        output::fail(&error, exit)
    })
}

/// Gives agents what they can run or make load of, and says what stays here.
pub(super) async fn join(called: &mut Called, loaded: &Loaded, plan: &Plan) -> Result<(), Exit> {
    let planned = |index: &usize| plan.suites.iter().any(|suite| suite.plugin == *index);
    let plugins = loaded.plugins.iter().enumerate();
    let plugins = plugins.filter(|(index, _)| planned(index));
    let plugins: Vec<_> = plugins.map(|(_, permitted)| permitted).collect();
    let sent = sent(&plugins).await;
    let sent = sent.map_err(|error| output::fail(&error, Exit::Plugin))?;
    let waiting = || "waiting for agents to get the plugins ready".to_owned();
    let joined = output::with_a_word(WORDLESS, waiting, Box::pin(called.join(&sent))).await;
    joined.map_err(|error| output::fail(&error, Exit::Environment))?;
    if let Some(text) = staying(plugins.iter().map(|permitted| &**permitted.plugin)) {
        output::note(&text);
    }
    Ok(())
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

/// Whose cases no agent runs, which nobody sees from outside of a plugin.
fn staying<'a>(plugins: impl Iterator<Item = &'a Outline>) -> Option<String> {
    let here: Vec<_> = plugins
        .filter(|plugin| !may_go(&plugin.calls))
        .map(|plugin| format!("`{}`", plugin.suite()))
        .collect();
    (!here.is_empty()).then(|| {
        format!(
            "this host runs the cases of {}: what their plugins can call (faults, services, loads, figures of other cases) has one owner",
            here.join(", ")
        )
    })
}

async fn sent(plugins: &[&Permitted]) -> Result<Vec<Plugin>, Unsendable> {
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
