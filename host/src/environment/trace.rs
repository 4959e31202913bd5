//! What everything that a host starts carries, so that it can be found when the host is gone: a variable that names the host, and a
//! folder of data whose name begins with it.
//!
//! The kernel kills the services of a host that was killed, but not what a service has started itself; and nobody removes the folder.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process,
};

use rustix::process::geteuid;

use super::identity::Identity;

/// The variable in the environment of each process that a host starts, and of what that starts in turn.
pub const VARIABLE: &str = "STARTED_BY_ASSAY_HOST";

/// Which host it was. No later process has the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    host: Identity,
}

impl Trace {
    /// Of this process.
    pub fn own() -> io::Result<Self> {
        let host = Identity::of(process::id())
            .ok_or_else(|| io::Error::other("/proc tells nothing about this process"))?;
        Ok(Self { host })
    }

    /// Of a host that is known by its process.
    pub fn of(host: Identity) -> Self {
        Self { host }
    }

    /// The value of [`VARIABLE`].
    pub fn value(&self) -> String {
        let Identity { pid, start_ticks } = self.host;
        format!("{pid}-{start_ticks}")
    }

    /// How the names of its folders of data begin.
    pub fn folder_prefix(&self) -> String {
        format!("assay-{}-", self.value())
    }

    /// Its processes that still run, as far as they have kept the variable.
    pub fn processes(&self) -> Vec<Identity> {
        let wanted = format!("{VARIABLE}={}", self.value());
        let Ok(processes) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let ids = processes
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        // The identity comes first: if the id changes hands in between, the signal goes to nobody.
        ids.filter_map(|id| Some((id, Identity::of(id)?)))
            .filter(|(id, _)| carries(*id, &wanted))
            .map(|(_, identity)| identity)
            .collect()
    }

    /// Its folders of data in `place`. Only real folders of this user count.
    pub fn folders(&self, place: &Path) -> io::Result<Vec<PathBuf>> {
        let prefix = self.folder_prefix();
        let mut found = Vec::new();
        for entry in fs::read_dir(place)?.flatten() {
            let is_named = entry.file_name().to_string_lossy().starts_with(&prefix);
            // Of the entry itself: a link is no folder.
            let is_ours =
                |metadata: fs::Metadata| metadata.is_dir() && metadata.uid() == geteuid().as_raw();
            if is_named && entry.metadata().is_ok_and(is_ours) {
                found.push(entry.path());
            }
        }
        Ok(found)
    }
}

/// Whether a process was started with this variable. Those of other users do not tell.
fn carries(process: u32, variable: &str) -> bool {
    fs::read(format!("/proc/{process}/environ")).is_ok_and(|variables| {
        variables
            .split(|byte| *byte == 0)
            .any(|known| known == variable.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_process_is_found_by_its_variable_and_only_by_that() {
        let trace = Trace::own().unwrap();
        let mut child = process::Command::new("sleep")
            .arg("600")
            .env(VARIABLE, trace.value())
            .spawn()
            .unwrap();
        let found: Vec<u32> = trace.processes().iter().map(|found| found.pid).collect();
        let mut other = trace.clone();
        other.host.start_ticks += 1_000_000;
        let others = other.processes();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found.contains(&child.id()), "{found:?}");
        assert_eq!(others, []);
    }

    #[test]
    fn only_real_folders_with_the_name_of_the_host_are_found() {
        let place = tempfile::tempdir().unwrap();
        let trace = Trace::own().unwrap();
        let named = |end: &str| place.path().join(trace.folder_prefix() + end);
        fs::create_dir(named("data")).unwrap();
        fs::write(named("file"), "").unwrap();
        symlink("/", named("link")).unwrap();
        fs::create_dir(place.path().join("assay-1-1-data")).unwrap();
        assert_eq!(trace.folders(place.path()).unwrap(), [named("data")]);
    }
}
