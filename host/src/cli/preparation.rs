//! What `host run` does before anything of a run is told: agents are called, plugins loaded, the cases planned.

use assay_report::{event::Provenance, exit::Exit};

use super::{
    loading::{self, Loaded},
    output,
    run::RunArguments,
    sharing,
};
use crate::{
    agents::{Agents, Called, run::Conducted},
    config::Settings,
    plan::Plan,
    provenance,
    runner::interrupt::{Force, Interrupt},
};

/// What a run begins with.
pub(super) struct Prepared {
    pub(super) loaded: Loaded,
    pub(super) plan: Plan,
    pub(super) provenance: Provenance,
    /// If it is shared.
    pub(super) agents: Option<Agents>,
}

/// Loads the plugins and plans the run, with agents if it is to be shared; a wish to stop ends it.
pub(super) async fn prepare(
    arguments: &RunArguments,
    settings: &Settings,
    interrupt: &Interrupt,
) -> Result<(Prepared, Option<Conducted>), Exit> {
    // Large, as all that speaks with a server, and done once.
    let calling = Box::pin(sharing::call(&arguments.agents));
    let mut called = unless_stopped(interrupt, calling).await?;
    let (planned, provenance) = match with(called.as_mut(), arguments, settings, interrupt).await {
        Ok(found) => found,
        Err(exit) => {
            // Not before: what it has on the server is in the way of others.
            if let Some(called) = called {
                Box::pin(sharing::close(called)).await;
            }
            return Err(exit);
        }
    };
    let (loaded, plan) = planned;
    let shared = called.map(|one| one.conduct(settings.redactor.clone(), settings.refill));
    let (agents, conducted) = shared.unzip();
    let prepared = Prepared {
        loaded,
        plan,
        provenance,
        agents,
    };
    Ok((prepared, conducted))
}

/// All that can fail once agents were called.
async fn with(
    called: Option<&mut Called>,
    arguments: &RunArguments,
    settings: &Settings,
    interrupt: &Interrupt,
) -> Result<((Loaded, Plan), Provenance), Exit> {
    unless_stopped(interrupt, async {
        let (planned, provenance) = tokio::join!(
            loading::plan(&arguments.plugins, settings),
            provenance::of(settings)
        );
        let (loaded, plan) = planned?;
        if let Some(called) = called {
            Box::pin(sharing::join(called, &loaded, &plan)).await?;
        }
        Ok(((loaded, plan), provenance))
    })
    .await
}

/// What comes of some work, unless somebody wants the run to stop before.
async fn unless_stopped<T>(
    interrupt: &Interrupt,
    work: impl Future<Output = Result<T, Exit>>,
) -> Result<T, Exit> {
    tokio::select! {
        biased;
        reason = interrupt.at_least(Force::Finish) => {
            output::note(&format!("stopped by {reason} before anything was run"));
            Err(Exit::Interrupted)
        }
        done = work => done,
    }
}
