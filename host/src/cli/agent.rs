//! `host agent`: lends this machine to runs that another host conducts, one after the other, until it is stopped.

use std::{fs, num::NonZeroUsize, path::PathBuf, sync::Arc, thread};

use assay_agents::{
    agent::{Agent, Notice},
    connection::Connection,
    identity::{AgentId, AgentInfo, MAX_SLOTS, NoName, checked_name},
    plugin::{Plugin, Refusal},
    stop::{Stop, StopReason, Stopper},
};
use assay_pins::lock::Lock;
use assay_report::{exit::Exit, hint::Hinted, words::one_line};
use async_trait::async_trait;
use clap::Args;

use super::{
    loading, locked,
    locked::Locked,
    nats::{self, LoginArguments},
    output,
    permits::{Decision, Permits},
    settings::given,
};
use crate::{
    agents::{
        Admitted,
        work::WORDS,
        worker::{Gate, Machine, on_its_machine},
    },
    capability::http,
    config::{NATS_VARIABLE, Overrides, Settings},
    plugin::{
        Admission, Permitted,
        contract::CONTRACT,
        engine::{Engine, EngineOptions},
    },
    runner::interrupt::{Force, Interrupt},
};

/// The options of `host agent`.
#[derive(Args, Clone, Debug)]
pub struct AgentArguments {
    /// The NATS server at which runs are shared, such as `nats://HOST:4222`.
    #[arg(long, value_name = "URL", env = NATS_VARIABLE, hide_env_values = true)]
    pub nats: String,
    /// How to log in.
    #[command(flatten)]
    pub login: LoginArguments,
    /// What the reports call it; the name of the machine if it is not said.
    #[arg(long, value_name = "NAME", value_parser = named)]
    pub name: Option<String>,
    /// Attempts that it runs at once; as many as the machine has processors if it is not said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SLOTS)))]
    pub slots: Option<u32>,
    /// Only plugins that its own `assay.lock` pins, byte by byte, as its `[signatures]` demands it.
    #[arg(long)]
    pub locked: bool,
    /// What a plugin may do here that is not the project's own, beside its `[grants.NAME]`; may be repeated.
    #[arg(long, value_name = "GRANT", help_heading = "Grants")]
    pub grant: Vec<String>,
    /// Which plugins may do everything: the project's `own`, or `all` that are sent.
    #[arg(long, value_name = "WHOSE", help_heading = "Grants")]
    pub trust: Option<String>,
}

impl AgentArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            run: given([("trust", self.trust.clone())]),
            grants: self.grant.clone(),
            ..Overrides::default()
        }
    }

    fn info(&self) -> AgentInfo {
        let processors = processors();
        let uname = rustix::system::uname();
        let machine = || uname.nodename().to_string_lossy().into_owned();
        AgentInfo {
            id: AgentId::random(),
            name: self.name.clone().unwrap_or_else(machine),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: CONTRACT.to_owned(),
            words: WORDS,
            slots: self.slots.unwrap_or(processors).min(MAX_SLOTS),
            processors,
        }
    }
}

fn named(text: &str) -> Result<String, NoName> {
    checked_name(text).map(str::to_owned)
}

/// Serves until it is stopped.
pub async fn run(arguments: AgentArguments, settings: Settings) -> Exit {
    let interrupt = Interrupt::default();
    if let Err(error) = interrupt.listen() {
        output::note(&format!("error: cannot listen to signals: {error}"));
        return Exit::Environment;
    }
    let lock = match locked::read(&settings, arguments.locked) {
        Ok(lock) => lock,
        Err(exit) => return exit,
    };
    let info = arguments.info();
    let options = EngineOptions {
        jobs: info.slots,
        ..loading::options(&settings)
    };
    let engine = match Engine::new(&options) {
        Ok(engine) => engine,
        Err(error) => return output::fail(&error, error.exit()),
    };
    let http = match http::Shared::new() {
        Ok(http) => http,
        Err(error) => {
            output::note(&format!("error: cannot make an HTTP client: {error}"));
            return Exit::Environment;
        }
    };
    let (name, slots) = (info.name.clone(), info.slots);
    let ready = format!(
        "agent `{name}` is ready: {slots} at once, contract {CONTRACT}; what a run calls it begins with `{}` if another agent has its name",
        info.name_beside_others()
    );
    let access = arguments.login.access(&arguments.nats);
    let title = format!("assay agent {name}");
    let connection = tokio::select! {
        biased;
        _ = interrupt.at_least(Force::Finish) => return Exit::Success,
        connection = Connection::open(&access, &title) => connection,
    };
    let connection = match connection {
        Ok(connection) => connection,
        Err(error) => return output::fail(&error, nats::exit(&error)),
    };
    let policy = Admitted::new(arguments.locked.then(|| lock.clone()));
    let limits = settings.limits;
    let gate = Project {
        settings,
        lock,
        is_locked: arguments.locked,
    };
    let worker = Machine::new(engine, http, gate, limits);
    let agent = Agent::new(connection, info, worker, policy, move |notice| {
        tell(&ready, notice);
    });
    let agent = match agent {
        Ok(agent) => agent,
        Err(error) => return output::fail(&error, Exit::Usage),
    };
    match agent.serve(stop(interrupt)).await {
        Ok(()) => Exit::Success,
        Err(error) => output::fail(&error, Exit::Environment),
    }
}

/// The first signal ends it: what runs is stopped, and given back.
fn stop(interrupt: Interrupt) -> Stop {
    let (stopper, stop) = Stopper::new();
    tokio::spawn(async move {
        interrupt.at_least(Force::Finish).await;
        stopper.stop(StopReason::Asked);
    });
    stop
}

fn tell(ready: &str, notice: Notice) {
    match notice {
        Notice::Ready => output::note(ready),
        Notice::Joined(run) => output::note(&format!("takes part in run {run}")),
        // Why it was stopped its coordinator says, and what a plugin is called.
        Notice::Left(run, reason) => output::note(&one_line(&format!("left run {run}: {reason}"))),
        Notice::Refused(run, refusal) => {
            let plugin = refusal.plugin.as_deref();
            let plugin = plugin.map_or_else(String::new, |name| format!(" plugin `{name}`:"));
            let line = format!("refuses run {run}:{plugin} {}", refusal.reason);
            output::note(&one_line(&line));
            if let Some(hint) = refusal.hint {
                output::note(&format!("hint: {hint}"));
            }
        }
    }
}

fn processors() -> u32 {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    u32::try_from(processors).unwrap_or(u32::MAX)
}

/// What this machine's own project says of plugins.
struct Project {
    settings: Settings,
    lock: Lock,
    is_locked: bool,
}

#[async_trait]
impl Gate for Project {
    async fn load(&self, engine: &Engine, plugins: Vec<Plugin>) -> Result<Vec<Permitted>, Refusal> {
        let folder = tempfile::tempdir().map_err(|error| not_written(&error))?;
        let mut files = Vec::new();
        for plugin in plugins {
            files.push(written(folder.path().to_owned(), files.len(), plugin).await?);
        }
        let locked = Locked::of(&self.settings, self.lock.clone());
        let gate = locked.gate();
        let admission = if self.is_locked {
            Admission::locked(&gate)
        } else {
            Admission::open()
        };
        let loaded = loading::with_a_word(&self.settings, engine, &files, &admission).await;
        let loaded = loaded.map_err(|errors| {
            let first = errors.into_iter().next();
            first.map_or_else(
                || refusal("it cannot be loaded", None),
                |error| {
                    // The file is a copy here, which says nothing to anybody.
                    let name = error.file.as_ref().and_then(|file| file.file_stem());
                    let name = name.map(|name| name.to_string_lossy().into_owned());
                    Refusal {
                        plugin: name,
                        reason: error.problem.to_string(),
                        hint: error.hint(),
                    }
                },
            )
        })?;
        for (name, distrust) in admission.warned() {
            output::note(&format!("warning: nobody vouches for `{name}`: {distrust}"));
        }
        let permits = Permits::of_sent(&self.settings, self.lock.clone());
        let permitted = loaded.into_iter().map(|plugin| {
            let Decision { permit, .. } = permits.decide(&plugin);
            match permit.missing(&plugin.wants) {
                Some(missing) => Err(Refusal {
                    plugin: Some(permit.plugin().to_owned()),
                    reason: missing.to_string(),
                    hint: Some(on_its_machine(&missing)),
                }),
                None => Ok(Permitted {
                    permit,
                    plugin: Arc::new(plugin),
                }),
            }
        });
        permitted.collect()
    }
}

/// Writes a plugin where it can be loaded from, in a folder of its own, called as whoever sends it calls it.
async fn written(folder: PathBuf, number: usize, plugin: Plugin) -> Result<PathBuf, Refusal> {
    let is_name = !plugin.name.is_empty()
        && plugin.name.len() <= MAX_NAME_BYTES
        && !plugin.name.starts_with('.')
        && !plugin.name.contains('/')
        && !plugin.name.contains(char::is_control);
    if !is_name {
        return Err(Refusal::of(
            &plugin.name,
            "its name can be no name of a file",
        ));
    }
    let write = move || {
        let folder = folder.join(number.to_string());
        fs::create_dir(&folder)?;
        let file = folder.join(format!("{}.wasm", plugin.name));
        fs::write(&file, &plugin.bytes)?;
        Ok(file)
    };
    let written = tokio::task::spawn_blocking(write).await;
    let written = written
        .map_err(std::io::Error::other)
        .and_then(|written| written);
    written.map_err(|error: std::io::Error| not_written(&error))
}

/// Bytes of the name of a plugin.
const MAX_NAME_BYTES: usize = 128;

fn not_written(error: &std::io::Error) -> Refusal {
    let reason = format!("plugins cannot be written to the agent's disk: {error}");
    refusal(
        &reason,
        Some("make room there, or set `TMPDIR` to a folder that has some"),
    )
}

fn refusal(reason: &str, hint: Option<&str>) -> Refusal {
    Refusal {
        plugin: None,
        reason: reason.to_owned(),
        hint: hint.map(str::to_owned),
    }
}
