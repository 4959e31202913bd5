//! Journals of hosts that live, died, and were damaged.

mod room;

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use tempfile::TempDir;

use super::{
    entry::{Container, Project},
    heal::{Healed, Undoing, heal},
    read::find,
    *,
};
use crate::environment::{
    docker::Original,
    trace::{self, Trace},
};

/// Undoes by remembering; what is in `refused` cannot be undone.
#[derive(Default)]
struct Memory {
    undone: Mutex<Vec<Entry>>,
    refused: Vec<Entry>,
    /// What of each entry is gone for good.
    gone: Vec<&'static str>,
}

#[async_trait]
impl Undoing for Memory {
    async fn undo(&self, entry: &Entry) -> Result<Vec<String>, String> {
        if self.refused.contains(entry) {
            return Err("no engine\nhint: start it".to_owned());
        }
        self.undone.lock().unwrap().push(entry.clone());
        Ok(self.gone.iter().map(|&gone| gone.to_owned()).collect())
    }
}

fn container(service: &str) -> Entry {
    Entry::Container(Container {
        engine: "unix:///run/docker.sock".into(),
        project: "assay".into(),
        service: service.into(),
        original: Original {
            id: "ab".repeat(32),
            ..Original::default()
        },
    })
}

fn project() -> Entry {
    project_of("assay")
}

fn project_of(name: &str) -> Entry {
    Entry::Project(Project {
        engine: "unix:///run/docker.sock".into(),
        name: name.into(),
        volumes: false,
        parts: Vec::new(),
    })
}

/// A folder `.assay`, and the only journal in it.
fn place() -> (TempDir, Journal, PathBuf) {
    let place = TempDir::new().unwrap();
    let journal = Journal::create(place.path(), "run").unwrap();
    let path = folder(place.path()).join("run.jsonl");
    (place, journal, path)
}

/// As a host that is dead and never comes back would have left it: each test has one of its own.
fn of_a_dead_host(path: &Path) -> Trace {
    static LATER: AtomicU64 = AtomicU64::new(1);
    let own = Identity::of(std::process::id()).unwrap();
    let dead = Identity {
        start_ticks: own.start_ticks + LATER.fetch_add(1, Ordering::Relaxed),
        ..own
    };
    let ticks = |of: Identity| format!("\"start_ticks\":{}", of.start_ticks);
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replace(&ticks(own), &ticks(dead))).unwrap();
    Trace::of(dead)
}

async fn healed(place: &TempDir, memory: &Memory) -> Healed {
    heal(place.path(), memory).await.unwrap()
}

#[tokio::test]
async fn a_run_that_ends_in_order_leaves_nothing() {
    let (place, journal, path) = place();
    let note = journal.note(project()).await.unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("docker.sock"));
    note.strike().await.unwrap();
    assert_eq!(journal.close().unwrap(), []);
    assert!(!path.exists());
    assert_eq!(healed(&place, &Memory::default()).await, Healed::default());
}

#[tokio::test]
async fn the_journal_of_a_host_that_lives_is_not_touched() {
    let (place, journal, path) = place();
    let _note = journal.note(project()).await.unwrap();
    let memory = Memory::default();
    let healed = healed(&place, &memory).await;
    assert_eq!(healed.living, [path]);
    assert!(memory.undone.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_open_in_the_journal_of_a_dead_host_is_undone_the_last_first() {
    let (place, journal, path) = place();
    let _ = journal.note(project()).await.unwrap();
    let over = journal.note(container("other")).await.unwrap();
    let _ = journal.note(container("cache")).await.unwrap();
    over.strike().await.unwrap();
    assert_eq!(journal.close().unwrap(), [project(), container("cache")]);
    of_a_dead_host(&path);
    let memory = Memory::default();
    let healed = healed(&place, &memory).await;
    assert_eq!(
        *memory.undone.lock().unwrap(),
        [container("cache"), project()]
    );
    assert!(healed.is_whole());
    assert_eq!(healed.runs[0].undone.len(), 2);
    assert!(!path.exists());
}

#[tokio::test]
async fn what_is_gone_for_good_is_told_once_and_struck_out() {
    let (place, journal, path) = place();
    let _ = journal.note(container("cache")).await.unwrap();
    drop(journal);
    of_a_dead_host(&path);
    let memory = Memory {
        gone: vec!["the network `near` is gone"],
        ..Memory::default()
    };
    let first = healed(&place, &memory).await;
    assert!(first.is_whole(), "{first:?}");
    let undone = &first.runs[0].undone[0];
    assert!(undone.ends_with(": the network `near` is gone"), "{undone}");
    assert_eq!(healed(&place, &memory).await, Healed::default());
}

#[tokio::test]
async fn open_notes_are_found_and_struck_out_once_by_whomever() {
    let (_place, journal, path) = place();
    let own = journal.note(container("cache")).await.unwrap();
    let _ = journal.note(project()).await.unwrap();
    let found = journal.open(|entry| *entry == container("cache"));
    assert_eq!(found.len(), 1);
    for note in found {
        note.strike().await.unwrap();
    }
    let length = fs::metadata(&path).unwrap().len();
    own.strike().await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), length);
    assert_eq!(journal.close().unwrap(), [project()]);
}

#[tokio::test]
async fn what_cannot_be_undone_stays_for_the_next_time_and_the_rest_does_not() {
    let (place, journal, path) = place();
    for entry in [project(), container("cache")] {
        let _ = journal.note(entry).await.unwrap();
    }
    drop(journal);
    of_a_dead_host(&path);
    let refusing = Memory {
        refused: vec![project()],
        ..Memory::default()
    };
    let first = healed(&place, &refusing).await;
    assert!(first.is_broken());
    assert!(first.runs[0].failed[0].contains("start it"));
    let memory = Memory::default();
    assert!(healed(&place, &memory).await.is_whole());
    assert_eq!(*memory.undone.lock().unwrap(), [project()]);
}

#[tokio::test]
async fn a_line_that_was_cut_in_two_is_no_damage_and_the_strike_after_it_is_readable() {
    for cut in ["{\"note\":{\"id\":2,\"ent", "{\"strike\":{\"id", "{"] {
        let (place, journal, path) = place();
        for entry in [project(), container("cache")] {
            let _ = journal.note(entry).await.unwrap();
        }
        drop(journal);
        of_a_dead_host(&path);
        let text = fs::read_to_string(&path).unwrap() + cut;
        fs::write(&path, text).unwrap();
        let refusing = Memory {
            refused: vec![project()],
            ..Memory::default()
        };
        assert!(healed(&place, &refusing).await.runs[0].damage.is_empty());
        let left = find(&folder(place.path())).unwrap().left;
        assert_eq!(
            left[0].open.len(),
            1,
            "the strike after the cut line counts"
        );
        assert!(left[0].damage.is_empty(), "{:?}", left[0].damage);
    }
}

#[tokio::test]
async fn what_can_be_read_of_a_damaged_journal_is_undone_and_the_rest_is_kept() {
    let (place, journal, path) = place();
    let _ = journal.note(project()).await.unwrap();
    drop(journal);
    of_a_dead_host(&path);
    let text = fs::read_to_string(&path).unwrap();
    let (head, note) = text.split_once('\n').unwrap();
    let garbage = "garbage\n{\"note\":{\"id\":9,\"entry\":{\"volcano\":{}}}}\n";
    fs::write(&path, format!("{head}\n\u{0}\u{1}\n{garbage}{note}")).unwrap();
    let memory = Memory::default();
    let healed = healed(&place, &memory).await;
    assert_eq!(*memory.undone.lock().unwrap(), [project()]);
    let run = &healed.runs[0];
    assert_eq!(run.damage.len(), 3, "{:?}", run.damage);
    assert!(run.damage[2].starts_with("line 4: unknown variant `volcano`"));
    let kept = run.kept.as_ref().unwrap();
    assert!(fs::read_to_string(kept).unwrap().contains("volcano"));
    assert!(!healed.is_whole() && !healed.is_broken());
}

#[tokio::test]
async fn a_journal_that_cannot_be_believed_is_told_and_not_touched() {
    type Change = fn(&Path, &str);
    let changes: [(Change, &str); 5] = [
        (
            |path, text| fs::write(path, text.replace("\"version\":1", "\"version\":7")).unwrap(),
            "version 7",
        ),
        (|path, _| fs::write(path, "").unwrap(), "who wrote it"),
        (
            |path, _| fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap(),
            "others may write",
        ),
        (
            |path, text| {
                let other = path.with_extension("elsewhere");
                fs::write(&other, text).unwrap();
                fs::remove_file(path).unwrap();
                symlink(other, path).unwrap();
            },
            "symbolic link",
        ),
        (
            |path, text| {
                let beyond = usize::try_from(MAX_BYTES).unwrap() + 1 - text.len();
                fs::write(path, text.to_owned() + &" ".repeat(beyond)).unwrap();
            },
            "4194304 bytes",
        ),
    ];
    for (change, why) in changes {
        let (place, journal, path) = place();
        let _ = journal.note(project()).await.unwrap();
        drop(journal);
        of_a_dead_host(&path);
        change(&path, &fs::read_to_string(&path).unwrap());
        let memory = Memory::default();
        let healed = healed(&place, &memory).await;
        assert!(healed.strange[0].why.contains(why), "{:?}", healed.strange);
        assert!(memory.undone.lock().unwrap().is_empty());
        assert!(fs::symlink_metadata(&path).is_ok(), "{why}: it is gone");
    }
}

#[test]
fn a_folder_in_which_others_may_write_is_refused() {
    let place = TempDir::new().unwrap();
    let folder = folder(place.path());
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let error = Journal::create(place.path(), "run").unwrap_err();
    assert!(error.to_string().contains("others may write"), "{error}");
    assert!(find(&folder).is_err());
}

#[tokio::test]
async fn a_file_that_was_never_named_is_forgotten() {
    let place = TempDir::new().unwrap();
    let folder = folder(place.path());
    fs::create_dir(&folder).unwrap();
    let new = folder.join("run.new");
    fs::write(&new, "").unwrap();
    assert!(find(&folder).unwrap().left.is_empty());
    assert!(new.exists(), "looking changes nothing");
    assert!(healed(&place, &Memory::default()).await.is_whole());
    assert!(!new.exists());
}

#[tokio::test]
async fn processes_and_folders_of_a_dead_host_are_done_away_with() {
    let (place, journal, path) = place();
    drop(journal);
    let dead = of_a_dead_host(&path);
    let data = tempfile::Builder::new()
        .prefix(&dead.folder_prefix())
        .tempdir()
        .unwrap();
    let mut child = std::process::Command::new("sleep")
        .arg("600")
        .env(trace::VARIABLE, dead.value())
        .spawn()
        .unwrap();
    let waiting = std::thread::spawn(move || child.wait().unwrap());
    let run = &healed(&place, &Memory::default()).await.runs[0];
    assert_eq!((run.processes, run.folders.len()), (1, 1), "{run:?}");
    assert!(!waiting.join().unwrap().success());
    assert!(!data.path().exists());
}

#[tokio::test]
async fn a_lock_that_outlives_its_host_for_a_moment_is_waited_for() {
    let (place, journal, path) = place();
    drop(journal.note(project()).await.unwrap());
    of_a_dead_host(&path);
    let memory = Memory::default();
    let letting_go = async {
        tokio::task::yield_now().await;
        drop(journal);
    };
    let (healed, ()) = tokio::join!(healed(&place, &memory), letting_go);
    assert_eq!(healed.living, [""; 0].map(PathBuf::from));
    assert_eq!(*memory.undone.lock().unwrap(), [project()]);
}
