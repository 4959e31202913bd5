//! What a dead host leaves without any fault: processes that its services had started, and its folder of data.

use std::{fs, io, path::PathBuf, time::Duration};

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::entry::Head;
use crate::environment::trace::Trace;

/// How long processes may take to be gone after SIGKILL.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// What was done away with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Swept {
    pub(super) processes: usize,
    pub(super) folders: Vec<PathBuf>,
    /// What was not, and why.
    pub(super) failed: Vec<String>,
}

/// Which boot of the machine this is.
pub(super) fn boot() -> io::Result<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(boot.trim().to_owned())
}

/// Kills the processes and removes the folders of a host that is dead.
pub(super) async fn sweep(head: &Head) -> Swept {
    let trace = Trace::of(head.host);
    let mut swept = Swept::default();
    if boot().is_ok_and(|boot| boot == head.boot) {
        // The lock says that it is dead; a namespace of processes of its own would be a reason to doubt it.
        if head.host.lives() {
            let pid = head.host.pid;
            let alive = format!("process {pid} still runs, although its journal is not locked");
            swept.failed.push(alive);
            return swept;
        }
        kill(&trace, &mut swept).await;
    }
    remove(&trace, head, &mut swept);
    swept
}

/// Until there is none: one that was being started when it was looked for shows at the next look.
async fn kill(trace: &Trace, swept: &mut Swept) {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = std::collections::BTreeSet::new();
    loop {
        let left = trace.processes();
        for process in &left {
            seen.insert(process.pid);
            // One that has ended by itself needs no signal.
            let _ = process.signal(Signal::KILL);
        }
        swept.processes = seen.len();
        if left.is_empty() {
            return;
        }
        if Instant::now() > deadline {
            let ids: Vec<String> = left.iter().map(|left| left.pid.to_string()).collect();
            let ids = ids.join(", ");
            swept.failed.push(format!("processes {ids} do not end"));
            return;
        }
        sleep(PAUSE).await;
    }
}

fn remove(trace: &Trace, head: &Head, swept: &mut Swept) {
    let place = head.temporary.display();
    let folders = match trace.folders(&head.temporary) {
        Ok(folders) => folders,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            swept
                .failed
                .push(format!("`{place}` cannot be looked through: {error}"));
            return;
        }
    };
    for folder in folders {
        match fs::remove_dir_all(&folder) {
            Ok(()) => swept.folders.push(folder),
            Err(error) => {
                let folder = folder.display();
                swept
                    .failed
                    .push(format!("`{folder}` cannot be removed: {error}"));
            }
        }
    }
}
