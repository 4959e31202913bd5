//! From the plugins on the command line to loaded ones and a plan, with every refusal told.

use std::{path::PathBuf, sync::Arc, time::Duration};

use assay_pins::lock::Lock;
use assay_report::exit::Exit;

use super::{
    locked::{self, Locked, PluginArguments},
    output,
    permits::Permits,
};
use crate::{
    config::Settings,
    plan::{self, Plan},
    plugin::{
        Admission, LoadError, Outline, Permitted, Plugin,
        engine::{Engine, EngineOptions},
        load,
    },
};

/// So long nothing is said of plugins that are compiled.
const WORDLESS: Duration = Duration::from_secs(1);

/// Plugins, and the engine that runs them.
pub(super) struct Loaded {
    pub(super) engine: Engine,
    /// In the order of the command line.
    pub(super) plugins: Vec<Permitted>,
}

/// Loads plugins. What is wrong with each of them is told, and the exit code answered.
async fn load(arguments: &PluginArguments, settings: &Settings) -> Result<Loaded, Exit> {
    let engine =
        Engine::new(&options(settings)).map_err(|error| output::fail(&error, error.exit()))?;
    // Read once: who is let in and what it may do is said by the same lock.
    let lock = locked::read(settings, arguments.locked)?;
    let load = async |files: &[PathBuf], admission: &Admission<'_>| {
        with_a_word(settings, &engine, files, admission).await
    };
    let loaded = admitted(arguments, settings, lock.clone(), load).await?;
    let permits = Permits::new(settings, lock);
    permits.tell_of_idle_arguments(&loaded);
    let plugins: Vec<Result<Permitted, Exit>> = loaded
        .into_iter()
        .map(|plugin| {
            Ok(Permitted {
                permit: permits.permit(&plugin)?,
                plugin: Arc::new(plugin),
            })
        })
        .collect();
    Ok(Loaded {
        engine,
        // Each that is refused has been told.
        plugins: plugins.into_iter().collect::<Result<_, _>>()?,
    })
}

/// Loads plugins, and says if that takes long because they have to be compiled.
pub(super) async fn with_a_word(
    settings: &Settings,
    engine: &Engine,
    files: &[PathBuf],
    admission: &Admission<'_>,
) -> Result<Vec<Plugin>, Vec<LoadError>> {
    let word = async {
        load::compiles(engine).await;
        compiling(settings.cache_dir.is_some()).to_owned()
    };
    output::with_a_found_word(WORDLESS, word, load::load(engine, files, admission)).await
}

/// What is said while plugins are compiled. How many it will have been nobody knows before all are loaded.
fn compiling(is_kept: bool) -> &'static str {
    if is_kept {
        "compiling plugins, which is needed once"
    } else {
        "compiling plugins, which each run needs that has no cache"
    }
}

/// What is known of plugins, without running them. What is wrong with each of them is told, and the exit code answered.
pub(super) async fn outlines(
    arguments: &PluginArguments,
    settings: &Settings,
) -> Result<Vec<Outline>, Exit> {
    let lock = locked::read(settings, arguments.locked)?;
    let load = async |files: &[PathBuf], admission: &Admission<'_>| {
        load::outlines(&options(settings), files, admission).await
    };
    admitted(arguments, settings, lock, load).await
}

/// Loads the plugins that the arguments mean, and tells who of them is let in without a signature that is known.
async fn admitted<T>(
    arguments: &PluginArguments,
    settings: &Settings,
    lock: Lock,
    load: impl AsyncFnOnce(&[PathBuf], &Admission<'_>) -> Result<T, Vec<LoadError>>,
) -> Result<T, Exit> {
    if !arguments.locked {
        let loaded = load(&arguments.plugins, &Admission::open()).await;
        return loaded.map_err(refused);
    }
    let locked = Locked::of(settings, lock);
    let gate = locked.gate();
    let files = if arguments.plugins.is_empty() {
        gate.files()
            .map_err(|refusal| output::fail(&refusal, Exit::Plugin))?
    } else {
        arguments.plugins.clone()
    };
    let admission = Admission::locked(&gate);
    let loaded = load(&files, &admission).await.map_err(refused)?;
    for (name, distrust) in admission.warned() {
        output::note(&format!("warning: nobody vouches for `{name}`: {distrust}"));
    }
    Ok(loaded)
}

/// What the engine is made for.
pub(super) fn options(settings: &Settings) -> EngineOptions {
    EngineOptions {
        jobs: settings.jobs,
        cache_dir: settings.cache_dir.clone(),
        memory: settings.limits.memory,
    }
}

/// Tells each of them.
pub(super) fn refused(errors: impl IntoIterator<Item = LoadError>) -> Exit {
    for error in errors {
        output::fail(&error, error.exit());
    }
    Exit::Plugin
}

/// Loads plugins and plans what the settings select of them.
pub(super) async fn plan(
    arguments: &PluginArguments,
    settings: &Settings,
) -> Result<(Loaded, Plan), Exit> {
    let loaded = load(arguments, settings).await?;
    let plugins = loaded.plugins.iter().map(|plugin| &**plugin.plugin);
    let plan = select(plugins, settings)?;
    Ok((loaded, plan))
}

/// Plans what the settings select of these plugins.
pub(super) fn select<'a>(
    plugins: impl IntoIterator<Item = &'a Outline>,
    settings: &Settings,
) -> Result<Plan, Exit> {
    plan::build(plugins, &settings.filter, &settings.baselines)
        .map(|plan| plan.shard(settings.shard))
        .map_err(|error| output::fail(&error, error.exit()))
}

#[cfg(test)]
mod tests {
    use super::compiling;

    #[test]
    fn who_waits_for_the_compiler_is_told_whether_it_is_for_once() {
        assert_eq!(compiling(true), "compiling plugins, which is needed once");
        let always = "compiling plugins, which each run needs that has no cache";
        assert_eq!(compiling(false), always);
    }
}
