//! Undoes what dead hosts left, and tells of all that it did and could not do.
//!
//! Everything can be done again: an entry is struck out only after it was undone, so a heal that is itself killed is continued by
//! the next one.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::{
    DAMAGED,
    entry::{Entry, Line},
    folder, line, orphans,
    read::{Found, Left, Strange, find, forget, is_of_a_dead_host},
};

/// How long the locks of a process that was killed may outlive it.
const DYING_PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks.
const DYING_PAUSE: Duration = Duration::from_millis(5);

/// What can undo an entry.
#[async_trait]
pub trait Undoing: Sync {
    /// Brings back what the entry names, and returns once that shows from outside. What is already as it was is no error, nor is what
    /// is gone for good or only the engine can free: that is answered, for a person. The error is for a person and ends in something to do.
    async fn undo(&self, entry: &Entry) -> Result<Vec<String>, String>;
}

/// What a heal did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Healed {
    /// The runs of dead hosts.
    pub runs: Vec<HealedRun>,
    /// The journals of hosts that live.
    pub living: Vec<PathBuf>,
    /// Files that were not touched.
    pub strange: Vec<Strange>,
}

/// What a dead host left, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealedRun {
    /// The run.
    pub run: String,
    /// The host's process.
    pub host: u32,
    /// What was undone, with what of it is gone for good or only the engine can free.
    pub undone: Vec<String>,
    /// Processes that were killed.
    pub processes: usize,
    /// Folders that were removed.
    pub folders: Vec<PathBuf>,
    /// What could not be undone, and what to do. It stays in the journal.
    pub failed: Vec<String>,
    /// What of the journal could not be read.
    pub damage: Vec<String>,
    /// Where the damaged journal was put.
    pub kept: Option<PathBuf>,
}

impl Healed {
    /// Whether something is left that a person has to look at.
    pub fn is_whole(&self) -> bool {
        self.strange.is_empty()
            && self
                .runs
                .iter()
                .all(|run| run.failed.is_empty() && run.damage.is_empty())
    }

    /// Whether something could not be undone, so that the environment is not as it was.
    pub fn is_broken(&self) -> bool {
        self.runs.iter().any(|run| !run.failed.is_empty())
    }
}

/// Undoes what dead hosts left below this folder `.assay`. The error is that of the folder itself.
pub async fn heal(state_dir: &Path, undoing: &dyn Undoing) -> io::Result<Healed> {
    let found = found(&folder(state_dir)).await?;
    for unnamed in &found.unnamed {
        forget(unnamed);
    }
    let mut healed = Healed {
        living: found.living,
        strange: found.strange,
        ..Healed::default()
    };
    for left in found.left {
        healed.runs.push(undo(left, undoing).await);
    }
    Ok(healed)
}

/// What there is. A process that is killed holds its locks for a moment after it has gone for all who ask: that is waited for.
async fn found(folder: &Path) -> io::Result<Found> {
    let deadline = Instant::now() + DYING_PATIENCE;
    loop {
        let found = find(folder)?;
        let is_dying = found.living.iter().any(|path| is_of_a_dead_host(path));
        if !is_dying || Instant::now() > deadline {
            return Ok(found);
        }
        // What was locked is locked again at the next look.
        drop(found);
        sleep(DYING_PAUSE).await;
    }
}

async fn undo(mut left: Left, undoing: &dyn Undoing) -> HealedRun {
    let swept = orphans::sweep(&left.head).await;
    let mut run = HealedRun {
        run: left.head.run.clone(),
        host: left.head.host.pid,
        processes: swept.processes,
        folders: swept.folders,
        failed: swept.failed,
        damage: std::mem::take(&mut left.damage),
        ..HealedRun::default()
    };
    // The last thing that was done is undone first.
    while let Some((id, entry)) = left.open.pop_last() {
        let words = entry.words();
        let undone = match undoing.undo(&entry).await {
            Ok(gone) => left
                .strike(id)
                .map_err(|error| error.to_string())
                .map(|()| gone),
            Err(why) => Err(why),
        };
        match undone {
            Ok(gone) if gone.is_empty() => run.undone.push(words),
            Ok(gone) => run.undone.push(format!("{words}: {}", gone.join(", "))),
            Err(why) => run.failed.push(format!("{words}: {why}")),
        }
    }
    if run.failed.is_empty() {
        match left.put_away(!run.damage.is_empty()) {
            Ok(kept) => run.kept = kept,
            Err(error) => {
                let path = left.path.display();
                run.failed
                    .push(format!("`{path}` cannot be put away: {error}"));
            }
        }
    }
    run
}

impl Left {
    fn strike(&mut self, id: u64) -> io::Result<()> {
        let strike = line(&Line::Strike { id })?;
        self.file.set_len(self.whole)?;
        self.whole += strike.len() as u64;
        self.file.write_all(&strike)?;
        self.file.sync_data()
    }

    /// Removes it, or keeps it under another name for a person to look at.
    fn put_away(&self, is_damaged: bool) -> io::Result<Option<PathBuf>> {
        if !is_damaged {
            fs::remove_file(&self.path)?;
            return Ok(None);
        }
        let kept = self.path.with_extension(DAMAGED);
        fs::rename(&self.path, &kept)?;
        Ok(Some(kept))
    }
}
