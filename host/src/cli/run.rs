//! `host run`: the options of a run, and the way from them to a verdict.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use assay_dashboard::Address;
use assay_history::recorder::{Recorder, Shared};
use assay_report::{
    Document, Fanout, Form, FormerFile, GithubStep, ReportError, Reporter,
    console::{Console, ConsoleOptions},
    event::{Event, LogVersion, Provenance, RunInfo, Shard},
    exit::Exit,
    hint::Hinted,
    html, json,
    log::Log,
};
use clap::Args;

use super::{
    heal,
    nats::AgentArguments,
    output,
    preparation::{Prepared, prepare},
    sharing, watching,
};
use crate::{
    agents::Agents,
    capability::http,
    cli::{
        documents::DocumentArguments,
        history::HistoryArguments,
        locked::PluginArguments,
        settings::{SettingsArguments, given},
    },
    config::{HistorySettings, Overrides, Settings},
    history::Judge,
    journal::{Journal, engine::Engines},
    plan::{Plan, PlannedSuite},
    plugin,
    runner::{self, Orders, identity::Identity, interrupt::Interrupt, live::Live},
};

/// The options of `host run`.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// Which suites; their cases run side by side, `--jobs` at a time.
    #[command(flatten)]
    pub plugins: PluginArguments,
    /// Only these cases: a part of `suite/case`, a pattern with `*`, `tag:NAME`; `!` before it leaves out; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub filter: Vec<String>,
    /// What all commands with an environment have.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// What a plugin may do in this run that is not the project's own, beside its `[grants.NAME]`, such as `shop: hosts=api.example.com:443; services=cart`;
    /// may be repeated.
    #[arg(long, value_name = "GRANT", help_heading = "Grants")]
    pub grant: Vec<String>,
    /// Which plugins may do everything: the project's `own`, or `all` that are named.
    #[arg(long, value_name = "WHOSE", help_heading = "Grants")]
    pub trust: Option<String>,
    /// Cases that run at once.
    #[arg(long, value_name = "N")]
    pub jobs: Option<u32>,
    /// The agents that it is shared with.
    #[command(flatten)]
    pub agents: AgentArguments,
    /// Further attempts of a case that did not pass.
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Run only this part of the cases, such as `2/4`; `host report merge` makes one run of all parts.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// End the run with the first failed case.
    #[arg(long)]
    pub fail_fast: bool,
    /// Wall-clock time of an attempt whose case does not say, such as `30s`.
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Where reports go.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<String>,
    /// For random choices; the report of a run shows which it had.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Write plain lines, also on a terminal.
    #[arg(long)]
    pub no_progress: bool,
    /// Serve a page of the run while it goes on, on this machine alone: a port, an IP address of the loopback, or both.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub dashboard: Option<Address>,
    /// Where runs are kept, and whether.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// By how much the 95th percentile of any time may be greater than in the last good run, such as `10%`; `[history]` of `assay.toml` can say
    /// more.
    #[arg(long, value_name = "BOUND", help_heading = "History")]
    pub fail_on_regression: Option<String>,
    /// Keep nothing of this run in the history, and compare it with none.
    #[arg(long, conflicts_with = "history", help_heading = "History")]
    pub no_history: bool,
    /// What is made of the run beside `report.json`, `report.html` and `events.jsonl`.
    #[command(flatten)]
    pub documents: DocumentArguments,
}

impl RunArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        let mut overrides = self.settings.overrides();
        overrides.run.extend(given([
            ("jobs", self.jobs.map(|number| number.to_string())),
            ("retries", self.retries.map(|number| number.to_string())),
            ("shard", self.shard.clone()),
            ("fail-fast", self.fail_fast.then(|| "true".to_owned())),
            (
                "refill",
                self.agents.refill.map(|percent| percent.to_string()),
            ),
            ("timeout", self.timeout.clone()),
            ("report-dir", self.report_dir.clone()),
            ("seed", self.seed.map(|number| number.to_string())),
            ("trust", self.trust.clone()),
        ]));
        overrides.report = self.documents.overrides();
        overrides.history = self.history.overrides();
        overrides.history.extend(given([
            ("enabled", self.no_history.then(|| "false".to_owned())),
            ("fail-on-regression", self.fail_on_regression.clone()),
        ]));
        overrides.grants.clone_from(&self.grant);
        overrides.filter.clone_from(&self.filter);
        overrides.no_progress = self.no_progress;
        overrides
    }
}

/// Runs the suites.
pub async fn run(arguments: RunArguments, settings: Settings) -> Exit {
    let interrupt = Interrupt::default();
    if let Err(error) = interrupt.listen() {
        output::note(&format!("error: cannot listen to signals: {error}"));
        return Exit::Environment;
    }
    if let Err(exit) = heal::before_a_run(&settings, &Engines).await {
        return exit;
    }
    let (prepared, conducted) = match prepare(&arguments, &settings, &interrupt).await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let exit = conduct(&arguments, &settings, prepared, &interrupt).await;
    if let Some(conducted) = conducted {
        sharing::end(conducted).await;
    }
    exit
}

/// From what is prepared to a verdict.
async fn conduct(
    arguments: &RunArguments,
    settings: &Settings,
    prepared: Prepared,
    interrupt: &Interrupt,
) -> Exit {
    let Prepared {
        loaded,
        plan,
        provenance,
        agents,
    } = prepared;
    let http = match http::Shared::new() {
        Ok(http) => http
            .traced(settings.traceparent)
            .redacting(settings.redactor.clone()),
        Err(error) => {
            output::note(&format!("error: cannot make an HTTP client: {error}"));
            return Exit::Environment;
        }
    };
    let gathering = Shared::default();
    let watchers = match watchers(settings, arguments.dashboard) {
        Ok(watchers) => watchers,
        Err(exit) => return exit,
    };
    let shard = plan.shard.as_ref().map(|info| info.shard);
    // A part of a plan is no run to compare others with.
    let kept = shard.is_none().then_some(&gathering);
    let mut reporters = match reporters(settings, kept) {
        Ok(reporters) => reporters.in_github(github_step()).watched_by(watchers),
        Err(error) => return output::fail(&error, Exit::Report),
    };
    let orders = Orders {
        info: info(&plan, settings, provenance, agents.as_ref()),
        retries: settings.retries,
        fail_fast: settings.fail_fast,
        timeout: settings.limits.timeout,
        redactor: settings.redactor.clone(),
    };
    let journal = match Journal::create(&settings.state_dir, &orders.info.run_id) {
        Ok(journal) => journal,
        Err(error) => return output::fail(&error, Exit::Environment),
    };
    let mut world = Live::new(
        &loaded.engine,
        settings,
        http,
        &plan,
        &loaded.plugins,
        &orders.info,
        &journal,
    )
    .judged_by(judge(settings, gathering, shard))
    .shared_with(agents);
    let listen = |event: &Event| reporters.event(event);
    let ended = runner::run(&plan, orders, &mut world, interrupt, listen).await;
    if ended.exit != Exit::Interrupted {
        watching::tell_of_linger(settings);
    }
    let exit = close(reporters, ended.exit);
    end(journal, exit)
}

/// Something that is still to be undone.
#[derive(Debug, thiserror::Error)]
#[error("this is still to be done: {what}")]
struct Undone {
    what: String,
    by_hand: String,
}

impl Hinted for Undone {
    fn hint(&self) -> Option<String> {
        let by_hand = &self.by_hand;
        Some(format!(
            "`host heal` tries it again, and so does the next run; by hand: {by_hand}"
        ))
    }
}

/// Ends the journal of the run. What is left in it the next run undoes.
fn end(journal: Journal, exit: Exit) -> Exit {
    let broken = match exit {
        Exit::Success => Exit::Environment,
        other => other,
    };
    match journal.close() {
        Ok(left) => left.iter().fold(exit, |_, entry| {
            let undone = Undone {
                what: entry.words(),
                by_hand: entry.by_hand(),
            };
            output::fail(&undone, broken)
        }),
        Err(error) => output::fail(&error, broken),
    }
}

/// The first event of the run.
fn info(
    plan: &Plan,
    settings: &Settings,
    provenance: Provenance,
    agents: Option<&Agents>,
) -> RunInfo {
    let Identity { run_id, started_at } = Identity::now();
    RunInfo {
        schema: LogVersion::default(),
        run_id: agents.map_or(run_id, |agents| agents.run_id().to_string()),
        started_at,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        contract: plugin::contract::CONTRACT.to_owned(),
        environment: settings.environment.name.clone(),
        profile: settings.profile.clone(),
        seed: settings.seed,
        jobs: settings.jobs,
        provenance,
        shard: plan.shard.clone(),
        merged: Vec::new(),
        agents: agents.map_or_else(Vec::new, |agents| agents.list().to_vec()),
        plugins: plan.suites.iter().map(PlannedSuite::info).collect(),
    }
}

/// Those that watch while the run goes on.
fn watchers(
    settings: &Settings,
    dashboard: Option<Address>,
) -> Result<Vec<Box<dyn Reporter>>, Exit> {
    let mut watchers = watching::reporters(settings)?;
    if let Some(address) = dashboard {
        watchers.push(watching::dashboard(address)?);
    }
    Ok(watchers)
}

/// Who compares the run with former ones, if anybody wants to know.
fn judge(settings: &Settings, gathering: Shared, shard: Option<Shard>) -> Option<Judge> {
    Judge::new(&settings.history, gathering).map(|judge| judge.of_shard(shard))
}

/// The log comes first: what it holds is complete even if another one breaks the process. What is gathered of the run is kept in the history.
fn reporters(settings: &Settings, gathering: Option<&Shared>) -> Result<Fanout, ReportError> {
    let folder = &settings.report_dir;
    // A part of a plan stands beside no run: most of the other's cases would seem to be gone.
    let former = gathering.and_then(|_| former(&folder.join(json::FILE_NAME)));
    let log = Log::create(folder)?;
    let own = [(Form::Json, json::FILE_NAME), (Form::Html, html::FILE_NAME)];
    let own = own.map(|(form, name)| Document {
        form,
        path: folder.join(name),
    });
    let mut documents = Vec::from(own);
    documents.extend(settings.documents.iter().cloned());
    let files = documents.iter().map(|document| document.path.as_path());
    let files = files.chain([log.path()]).map(shown).collect();
    let options = ConsoleOptions::stdout(ColorChoice::global(), settings.progress, files);
    let mut listeners: Vec<Box<dyn Reporter>> =
        vec![Box::new(log), Box::new(Console::new(options))];
    let HistorySettings {
        enabled,
        file,
        keep,
        ..
    } = &settings.history;
    if let Some(gathering) = gathering.filter(|_| *enabled) {
        let recorder = Recorder::new(gathering.clone(), file.clone(), *keep);
        listeners.push(Box::new(recorder));
    }
    Ok(Fanout::new(listeners, documents).against(former))
}

/// The run whose report is there still, to show the next one beside it: it is read when the page is written. One that cannot be opened is
/// worth a word, and no run.
fn former(report: &Path) -> Option<FormerFile> {
    FormerFile::find(report).unwrap_or_else(|error| {
        output::note(&format!("warning: the page shows no run before: {error}"));
        None
    })
}

/// The step of GitHub Actions that this process is, if it is one. From here on nothing that is printed is a command to its runner.
pub(super) fn github_step() -> Option<GithubStep> {
    let word = || {
        std::iter::repeat_with(fastrand::alphanumeric)
            .take(32)
            .collect()
    };
    let step = GithubStep::of_environment(|name| std::env::var_os(name), word)?;
    // Where standard output is gone, the console's own reporter says so.
    let _ = step.begin(&mut std::io::stdout().lock());
    Some(step)
}

/// A path as a person would type it: from the working folder, if it is below it.
fn shown(path: &Path) -> PathBuf {
    let below = std::env::current_dir()
        .ok()
        .and_then(|folder| path.strip_prefix(folder).ok().map(Path::to_owned));
    below.unwrap_or_else(|| path.to_owned())
}

/// Lets every report be written. A report that could not be is worth its own exit code only if nothing else is wrong.
fn close(reporters: Fanout, exit: Exit) -> Exit {
    let failures = reporters.finish();
    for failure in &failures {
        output::fail(failure, Exit::Report);
    }
    if exit == Exit::Success && !failures.is_empty() {
        return Exit::Report;
    }
    exit
}
