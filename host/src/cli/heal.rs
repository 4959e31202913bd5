//! `host heal`: undoes what hosts that were killed could not undo any more. `host run` does the same before it begins.

use std::io;

use assay_report::{exit::Exit, hint::Hinted};
use clap::Args;

use super::{output, settings::SettingsArguments};
use crate::{
    config::{Overrides, Settings},
    journal::{
        folder,
        heal::{self, Healed, HealedRun, Undoing},
    },
};

/// The options of `host heal`.
#[derive(Args, Clone, Debug)]
pub struct HealArguments {
    /// What all commands with an environment have.
    #[command(flatten)]
    pub settings: SettingsArguments,
}

impl HealArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        self.settings.overrides()
    }
}

/// Why nothing could be looked for.
#[derive(Debug, thiserror::Error)]
#[error("the crash journal `{}` cannot be looked through: {source}", folder.display())]
struct FolderError {
    folder: std::path::PathBuf,
    source: io::Error,
}

impl Hinted for FolderError {
    fn hint(&self) -> Option<String> {
        Some("make it a folder that belongs to you and that nobody else may write to; what is in it was not undone".to_owned())
    }
}

/// Something that needs a person.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct Left {
    what: String,
    hint: String,
}

impl Hinted for Left {
    fn hint(&self) -> Option<String> {
        Some(self.hint.clone())
    }
}

/// Undoes what is left, and tells all of it.
pub async fn run(settings: &Settings, undoing: &dyn Undoing) -> Exit {
    let healed = match heal::heal(&settings.state_dir, undoing).await {
        Ok(healed) => healed,
        Err(source) => return unusable(settings, source),
    };
    let mut lines: Vec<String> = healed.runs.iter().flat_map(told).collect();
    if lines.is_empty() && healed.is_whole() {
        lines.push("nothing is left to undo".to_owned());
    }
    match healed.living.len() {
        0 => {}
        1 => lines.push("1 host is at work, and what it does was not touched".to_owned()),
        count => lines.push(format!(
            "{count} hosts are at work, and what they do was not touched"
        )),
    }
    let exit = output::data(
        &lines
            .iter()
            .map(|line| line.clone() + "\n")
            .collect::<String>(),
    );
    complain(&healed);
    if exit == Exit::Success && !healed.is_whole() {
        return Exit::Environment;
    }
    exit
}

/// Before a run: undoes what is left, and says so. The error is the exit code, after it was told why.
pub(super) async fn before_a_run(settings: &Settings, undoing: &dyn Undoing) -> Result<(), Exit> {
    let healed = match heal::heal(&settings.state_dir, undoing).await {
        Ok(healed) => healed,
        Err(source) => return Err(unusable(settings, source)),
    };
    for line in healed.runs.iter().flat_map(told) {
        output::note(&line);
    }
    complain(&healed);
    if healed.is_broken() {
        return Err(Exit::Environment);
    }
    Ok(())
}

fn unusable(settings: &Settings, source: io::Error) -> Exit {
    let folder = folder(&settings.state_dir);
    output::fail(&FolderError { folder, source }, Exit::Environment)
}

/// What was undone of a run; nothing if there was nothing.
fn told(run: &HealedRun) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(run.undone.iter().map(|undone| format!("  {undone}")));
    match run.processes {
        0 => {}
        1 => lines.push("  kill 1 process that a service had started".to_owned()),
        count => lines.push(format!(
            "  kill {count} processes that services had started"
        )),
    }
    let folders = run.folders.iter();
    lines.extend(folders.map(|folder| format!("  remove `{}`", folder.display())));
    if !lines.is_empty() {
        let (run, host) = (&run.run, run.host);
        let head = format!("run {run} was killed (process {host}); undone:");
        lines.insert(0, head);
    }
    lines
}

/// What needs a person.
fn complain(healed: &Healed) {
    for run in &healed.runs {
        for failed in &run.failed {
            tell(
                format!("what run {} left could not be undone: {failed}", run.run),
                "remove the cause and call `host heal` again; it is still in the journal",
            );
        }
        if run.damage.is_empty() {
            continue;
        }
        let kept = run.kept.as_ref().map_or_else(String::new, |kept| {
            format!("; the journal is kept as `{}`", kept.display())
        });
        let damage = run.damage.join("\n  ");
        tell(
            format!(
                "the journal of run {} is damaged{kept}\n  {damage}",
                run.run
            ),
            "all that could be read was undone; look at what these lines name, undo it by hand, and remove the file",
        );
    }
    for strange in &healed.strange {
        let path = strange.path.display();
        tell(
            format!("the journal `{path}` was not touched: {}", strange.why),
            "undo what it names with the host that wrote it, or by hand, and remove the file",
        );
    }
}

fn tell(what: String, hint: &str) {
    let hint = hint.to_owned();
    output::fail(&Left { what, hint }, Exit::Environment);
}
