//! The crash journal: what dead hosts left, who is at work, and what a person has to look at.

use std::{io, path::Path};

use super::Finding;
use crate::journal::{
    entry::Entry,
    folder,
    read::{Found, find},
};

const AREA: &str = "journal";

/// Looks through the journals, and undoes nothing.
pub(super) fn look(state_dir: &Path) -> Vec<Finding> {
    judge(find(&folder(state_dir)))
}

fn judge(found: io::Result<Found>) -> Vec<Finding> {
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            return vec![Finding::bad(
                AREA,
                "folder",
                format!("cannot be used: {error}"),
                "make `.assay/journal` a folder that belongs to you and that nobody else may write to",
            )];
        }
    };
    let left = found.left.iter().map(|left| {
        let open: Vec<_> = left.open.values().map(Entry::words).collect();
        let rest = "what is left of its processes and folders";
        let open = open.into_iter().chain([rest.to_owned()]);
        let what = format!(
            "its host (process {}) was killed; to be undone: {}",
            left.head.host.pid,
            open.collect::<Vec<_>>().join(", ")
        );
        let hint = "`host heal` undoes it; so does the next `host run`";
        Finding::bad(AREA, &left.head.run, what, hint)
    });
    let strange = found.strange.iter().map(|strange| {
        let hint = "undo what it names with the host that wrote it, or by hand, and remove it";
        let name = strange.path.display().to_string();
        Finding::bad(AREA, &name, strange.why.clone(), hint)
    });
    let damaged = found.damaged.iter().map(|path| {
        let what = "was damaged; what could be read of it was undone".to_owned();
        let hint = "look at what the rest of it names, undo it by hand, and remove it";
        Finding::warn(AREA, &path.display().to_string(), what, hint)
    });
    let mut findings: Vec<Finding> = left.chain(strange).chain(damaged).collect();
    let living = match found.living.len() {
        0 => "no host is at work".to_owned(),
        1 => "1 host is at work".to_owned(),
        count => format!("{count} hosts are at work"),
    };
    findings.push(Finding::ok(AREA, "hosts", living));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doctor::Grade, journal::Journal};

    #[test]
    fn what_a_dead_host_left_is_bad_and_a_host_at_work_is_not() {
        let place = tempfile::tempdir().unwrap();
        let journal = Journal::create(place.path(), "run").unwrap();
        let told = look(place.path());
        assert_eq!((told.len(), told[0].grade), (1, Grade::Ok));
        assert_eq!(told[0].what, "1 host is at work");
        drop(journal);
        let told = look(place.path());
        assert_eq!((told.len(), told[0].grade), (2, Grade::Bad));
        assert!(told[0].hint.as_deref().unwrap().contains("host heal"));
        let folder = folder(place.path());
        assert!(folder.join("run.jsonl").exists(), "looking undoes nothing");
        std::fs::rename(folder.join("run.jsonl"), folder.join("run.damaged")).unwrap();
        assert_eq!(look(place.path())[0].grade, Grade::Warn);
        std::fs::write(folder.join("run.jsonl"), "garbage\n").unwrap();
        assert_eq!(look(place.path())[0].grade, Grade::Bad);
    }
}
