//! From the plugins on the command line to loaded ones and a plan, with every refusal told.

use std::{path::PathBuf, sync::Arc};

use assay_report::exit::Exit;

use super::output;
use crate::{
    config::Settings,
    plan::{self, Plan},
    plugin::{
        LoadError, Outline, Plugin,
        engine::{Engine, EngineOptions},
        load,
    },
};

/// Plugins, and the engine that runs them.
pub(super) struct Loaded {
    pub(super) engine: Engine,
    /// In the order of the command line.
    pub(super) plugins: Vec<Arc<Plugin>>,
}

/// Loads plugins. What is wrong with each of them is told, and the exit code answered.
pub(super) async fn load(files: &[PathBuf], settings: &Settings) -> Result<Loaded, Exit> {
    let engine =
        Engine::new(&options(settings)).map_err(|error| output::fail(&error, error.exit()))?;
    match load::load(&engine, files).await {
        Ok(plugins) => Ok(Loaded {
            engine,
            plugins: plugins.into_iter().map(Arc::new).collect(),
        }),
        Err(errors) => Err(refused(&errors)),
    }
}

/// What is known of plugins, without running them. What is wrong with each of them is told, and the exit code answered.
pub(super) async fn outlines(files: &[PathBuf], settings: &Settings) -> Result<Vec<Outline>, Exit> {
    load::outlines(&options(settings), files)
        .await
        .map_err(|errors| refused(&errors))
}

fn options(settings: &Settings) -> EngineOptions {
    EngineOptions {
        jobs: settings.jobs,
        cache_dir: settings.cache_dir.clone(),
        memory: settings.limits.memory,
    }
}

fn refused(errors: &[LoadError]) -> Exit {
    for error in errors {
        output::fail(error, error.exit());
    }
    Exit::Plugin
}

/// Loads plugins and plans what the settings select of them.
pub(super) async fn plan(files: &[PathBuf], settings: &Settings) -> Result<(Loaded, Plan), Exit> {
    let loaded = load(files, settings).await?;
    let plan = select(loaded.plugins.iter().map(|plugin| &***plugin), settings)?;
    Ok((loaded, plan))
}

/// Plans what the settings select of these plugins.
pub(super) fn select<'a>(
    plugins: impl IntoIterator<Item = &'a Outline>,
    settings: &Settings,
) -> Result<Plan, Exit> {
    plan::build(plugins, &settings.filter, &settings.baselines)
        .map_err(|error| output::fail(&error, error.exit()))
}
