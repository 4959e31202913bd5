//! From files to plugins: read, recognise, compile or find compiled, link, describe. Several at a time, each for itself, so that one
//! call tells everything that is wrong with all of them.

mod file;
mod known;

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use assay_report::event::Source;
use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;
use wasmtime::component::Component;

use self::file::Read;
use super::{
    Admission, Description, LoadError, Outline, Plugin,
    bindings::PluginPre,
    cache::{Knowledge, Use},
    clock::{Clock, Stopped},
    contract::{self, Facade},
    crash,
    ending::Ending,
    engine::{Engine, EngineOptions},
    error::Problem,
    instance::call,
    limits::Limits,
    output::Output,
    state::{Shared, State},
};
use crate::{
    access::{Access, Rights},
    capability::{http, metrics, recorder::Recorder},
    ledger::Ledger,
};

/// How long a suite has to describe itself.
const DESCRIBE_TIME: Duration = Duration::from_secs(5);
/// Bytes of memory that it may use for that.
const DESCRIBE_MEMORY: usize = 64 << 20;
/// Bytes of its output that are looked at when it panics.
const DESCRIBE_OUTPUT: usize = 64 << 10;

/// Loads plugins that may be loaded, in the order in which they are named. Fails with everything that is wrong, in the same order.
pub async fn load(
    engine: &Engine,
    files: &[PathBuf],
    admission: &Admission<'_>,
) -> Result<Vec<Plugin>, Vec<LoadError>> {
    let at_once = thread::available_parallelism().map_or(2, NonZeroUsize::get);
    // Owned: a future that borrows from what it is made of could not be sent to another thread.
    let outcomes: Vec<Result<Plugin, LoadError>> = stream::iter(files.to_owned())
        .map(|file| async move {
            load_one(engine, &file, admission)
                .await
                .map_err(|problem| problem.of(&file))
        })
        .buffered(at_once)
        .collect()
        .await;
    let mut plugins = Vec::new();
    let mut errors = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(plugin) => plugins.push(plugin),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(same_suites(plugins.iter().map(|plugin| &plugin.outline)));
    if errors.is_empty() {
        Ok(plugins)
    } else {
        Err(errors)
    }
}

/// Waits until a plugin is compiled by this engine, which takes time; it may be one of several that are loaded.
pub async fn compiles(engine: &Engine) {
    engine.compiling.goes_on().await;
}

/// What is known of plugins, in the order in which they are named. Where the cache knows all of them nothing is compiled, linked or
/// run, and no compiled code is read; otherwise they are loaded.
pub async fn outlines(
    options: &EngineOptions,
    files: &[PathBuf],
    admission: &Admission<'_>,
) -> Result<Vec<Outline>, Vec<LoadError>> {
    let known = {
        let (options, files) = (options.clone(), files.to_owned());
        in_background(move || known::all(&options, &files)).await
    };
    if let Ok(Some(outlines)) = known {
        let mut errors: Vec<_> = outlines
            .iter()
            .filter_map(|outline| refused(admission, outline))
            .collect();
        errors.extend(same_suites(outlines.iter()));
        return if errors.is_empty() {
            Ok(outlines)
        } else {
            Err(errors)
        };
    }
    let engine = Engine::new(options).map_err(|error| vec![error])?;
    let plugins = load(&engine, files, admission).await?;
    Ok(plugins.into_iter().map(|plugin| plugin.outline).collect())
}

/// A case's id starts with its suite's name, so there is only one suite of each name.
fn same_suites<'a>(plugins: impl Iterator<Item = &'a Outline>) -> Vec<LoadError> {
    let mut first: HashMap<&str, &Path> = HashMap::new();
    let mut errors = Vec::new();
    for plugin in plugins {
        if let Some(other) = first.insert(plugin.suite(), &plugin.file) {
            first.insert(plugin.suite(), other);
            let problem = Problem::SameSuite {
                suite: plugin.suite().to_owned(),
                other: other.to_owned(),
            };
            errors.push(problem.of(&plugin.file));
        }
    }
    errors
}

fn refused(admission: &Admission<'_>, outline: &Outline) -> Option<LoadError> {
    let admitted = admission.admit(&outline.file, &outline.digest);
    admitted.err().map(|problem| problem.of(&outline.file))
}

/// What compiling them yields.
struct Compiled {
    component: Component,
    /// What it says without being run.
    facade: Facade,
    /// What the cache knew.
    description: Option<Description>,
}

async fn load_one(
    engine: &Engine,
    file: &Path,
    admission: &Admission<'_>,
) -> Result<Plugin, Problem> {
    let Read {
        bytes,
        digest,
        place,
    } = {
        let file = file.to_owned();
        in_background(move || file::read(&file)).await??
    };
    // Of the very bytes that are compiled, and before they are.
    admission.admit(file, &digest)?;
    let size = bytes.len() as u64;
    let compiled = {
        let (engine, digest) = (engine.clone(), digest.clone());
        in_background(move || compile(&engine, &bytes, &digest)).await??
    };
    let facade = compiled.facade;
    let linked = engine
        .linker
        .instantiate_pre(&compiled.component)
        .map_err(|error| contract::unknown_import(&error, &facade.contract))?;
    let pre = PluginPre::new(linked).map_err(|error| Problem::WrongExport {
        interface: contract::SUITE,
        detail: crash::message_of(&error),
    })?;
    let (description, cached) = match (compiled.description, &engine.cache) {
        (Some(description), _) => (description, Use::Hit),
        (None, None) => (describe(engine, &pre).await?, Use::Off),
        (None, Some(cache)) => {
            let description = describe(engine, &pre).await?;
            let (cache, component) = (Arc::clone(cache), compiled.component.clone());
            let knowledge = Knowledge {
                facade: facade.clone(),
                description: description.clone(),
            };
            let digest = digest.clone();
            let outcome = in_background(move || cache.keep(&digest, &component, knowledge)).await?;
            let cached =
                outcome.map_or_else(|error| Use::Unusable(error.to_string()), |()| Use::Stored);
            (description, cached)
        }
    };
    let outline = Outline {
        file: file.to_owned(),
        place,
        digest,
        size,
        contract: facade.contract,
        imports: facade.imports,
        calls: facade.calls,
        wants: facade.wants,
        description,
        cached,
    };
    Ok(Plugin { outline, pre })
}

fn compile(engine: &Engine, bytes: &[u8], digest: &str) -> Result<Compiled, Problem> {
    let found = engine
        .cache
        .as_ref()
        .and_then(|cache| cache.find(&engine.wasmtime, digest));
    if let Some((component, knowledge)) = found {
        return Ok(Compiled {
            component,
            facade: knowledge.facade,
            description: Some(knowledge.description),
        });
    }
    let _ongoing = engine.compiling.begin();
    let component = compile_component(engine, bytes)?;
    Ok(Compiled {
        facade: contract::read(&component, bytes)?,
        component,
        description: None,
    })
}

fn compile_component(engine: &Engine, bytes: &[u8]) -> Result<Component, Problem> {
    Component::from_binary(&engine.wasmtime, bytes)
        .map_err(|error| Problem::Invalid(crash::message_of(&error)))
}

/// Asks the suite what it is, on an instance of its own.
async fn describe(engine: &Engine, pre: &PluginPre<State>) -> Result<Description, Problem> {
    let clock = Clock::start(DESCRIBE_TIME);
    let (stdout, stderr) = (Output::new(0), Output::new(DESCRIBE_OUTPUT));
    let recorder = unheard();
    let shared = Shared {
        context: Arc::default(),
        http: http::Shared::new().map_err(|error| Problem::DescribeBroke(error.to_string()))?,
        metrics: Arc::new(metrics::Shared::new(Vec::new())),
        chaos: None,
        load: None,
        // What it is it may say, and nothing else yet.
        access: Access::new(Rights::nothing("plugin"), recorder.clone()),
    };
    let limits = Limits::new(DESCRIBE_MEMORY);
    let state = State::new(shared, &recorder, limits, &stdout, &stderr);
    let described = call::describe(engine, &clock, state, pre).await;
    if let Some(refusal) = recorder.evidence().first_refusal {
        let message = format!("it asked for the {} meanwhile", refusal.words());
        return Err(Problem::DescribeBroke(message));
    }
    match described {
        Ok(said) => Ok(Description::new(said)?),
        Err(Stopped::ByTimer { .. }) => Err(Problem::DescribeTooSlow(DESCRIBE_TIME)),
        Err(Stopped::ByError(error)) => {
            let words = crash::LastWords {
                panic: recorder.evidence().panic,
                stderr: &stderr.text().0,
                timeout: DESCRIBE_TIME,
            };
            Err(broke(crash::ending(&error, &words)))
        }
    }
}

fn broke(ending: Ending) -> Problem {
    match ending {
        Ending::TimedOut { after, .. } => Problem::DescribeTooSlow(after),
        Ending::Panicked {
            message, location, ..
        } => Problem::DescribeBroke(match location {
            Some(location) => format!("it panicked at {location}: {message}"),
            None => format!("it panicked: {message}"),
        }),
        Ending::Trapped { message, .. }
        | Ending::LimitReached { message, .. }
        | Ending::Broken { message, .. } => Problem::DescribeBroke(message),
        // `crash::ending` makes none of these.
        Ending::Returned(_)
        | Ending::Failed(_)
        | Ending::Skipped(_)
        | Ending::Errored(_)
        | Ending::Lost(_) => Problem::DescribeBroke("it stopped".to_owned()),
    }
}

/// A recorder that keeps what a plugin says when it panics and drops the rest: there is no run yet.
fn unheard() -> Recorder {
    let source = Source {
        suite: String::new(),
        entry: "describe".to_owned(),
        attempt: 0,
    };
    let attempt = Ledger::default().attempt();
    Recorder::new(source, mpsc::unbounded_channel().0, attempt.attempt())
}

/// Work that holds a thread: reading, hashing, compiling.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::Invalid(format!("the compiler stopped: {error}")))
}
