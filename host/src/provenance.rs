//! Which state of the project is run: what tells apart, in the history, a case that is flaky from one that has changed.

use std::{path::Path, process::Stdio, time::Duration};

use assay_report::event::Provenance;
use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

use crate::{config::Settings, plugin::digest};

/// How long `git` may look at the files of the project.
const GIT_TIME: Duration = Duration::from_secs(5);
/// Characters of an answer of `git` that is believed: a name of 64 digits, and `-dirty`.
const MAX_COMMIT: usize = 70;

/// Of the settings and the folder of the configuration.
pub async fn of(settings: &Settings) -> Provenance {
    let folder = settings.state_dir.parent().unwrap_or(Path::new("."));
    Provenance {
        settings_digest: Some(settings_digest(settings)),
        commit: commit(folder).await,
    }
}

/// SHA-256 of what the suites and services are told, whatever the order in which it is written. Without what is secret: whoever has the
/// digest could try out which secret gives it.
fn settings_digest(settings: &Settings) -> String {
    let levels = settings.baselines.iter();
    let levels: Vec<Value> = levels
        .map(|(name, levels)| json!([name, levels.target, levels.critical]))
        .collect();
    let whole = json!([sorted(&Value::Object(settings.values.clone())), levels]);
    digest::of(settings.redactor.text(&whole.to_string()).as_bytes())
}

/// The same with the keys of each table in their order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(table) => {
            let mut pairs: Vec<_> = table.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            let pairs = pairs.into_iter();
            Value::Array(
                pairs
                    .map(|(key, value)| json!([key, sorted(value)]))
                    .collect(),
            )
        }
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        plain => plain.clone(),
    }
}

/// The commit of a folder, as `git` itself knows it; none without `git`, or where there is none. It changes nothing in the repository;
/// what its configuration names for cleaning files (such as LFS) may run.
async fn commit(folder: &Path) -> Option<String> {
    let asked = Command::new("git")
        .args([
            "-c",
            "core.fsmonitor=false",
            "describe",
            "--always",
            "--dirty",
        ])
        .args(["--abbrev=64", "--exclude=*"])
        .env("GIT_OPTIONAL_LOCKS", "0")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let answer = timeout(GIT_TIME, asked).await.ok()?.ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let name = text.trim();
    let digits = name.strip_suffix("-dirty").unwrap_or(name);
    let is_commit = answer.status.success()
        && name.len() <= MAX_COMMIT
        && digits.len() >= 40
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, process};

    use tempfile::TempDir;

    use super::*;
    use crate::config::{Inputs, Overrides, document::Document, resolve};

    fn settings(text: &str, set: &[&str]) -> Settings {
        let document = Document {
            name: PathBuf::from("assay.toml"),
            folder: PathBuf::from("/project"),
            text: text.to_owned(),
        };
        resolve(Inputs {
            document: Some(document),
            directory: PathBuf::from("/project"),
            variables: Vec::new(),
            overrides: Overrides {
                set: set.iter().map(|&set| set.to_owned()).collect(),
                ..Overrides::default()
            },
            seed: 7,
        })
        .unwrap()
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let done = process::Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    #[test]
    fn the_digest_tells_settings_apart_and_not_their_order() {
        let digest = |text, set: &[&str]| settings_digest(&settings(text, set));
        let one = digest("[settings.shop]\na = 1\nb = 2\n", &[]);
        assert_eq!(one.len(), 64);
        assert_eq!(one, digest("[settings.shop]\nb = 2\na = 1\n", &[]));
        assert_ne!(
            one,
            digest("[settings.shop]\na = 1\nb = 2\n", &["shop.b=3"])
        );
        let levels =
            "[settings.shop]\na = 1\nb = 2\n[baselines.\"s/b\"]\ntarget = 1\ncritical = 2\n";
        assert_ne!(one, digest(levels, &[]));
    }

    #[test]
    fn the_digest_says_nothing_of_what_is_secret() {
        let digest = |token: &str| {
            let text = format!(
                "[redact]\nsettings = [\"shop.token\"]\n[settings.shop]\ntoken = \"{token}\"\n"
            );
            settings_digest(&settings(&text, &[]))
        };
        assert_eq!(digest("one-1234"), digest("two-5678"));
    }

    #[tokio::test]
    async fn the_commit_is_that_of_the_folder_and_says_whether_files_differ() {
        let folder = TempDir::new().unwrap();
        assert_eq!(commit(folder.path()).await, None);
        git(folder.path(), &["init", "--quiet"]);
        assert_eq!(commit(folder.path()).await, None);
        std::fs::write(folder.path().join("file"), "one").unwrap();
        git(folder.path(), &["add", "file"]);
        git(folder.path(), &["commit", "--quiet", "-m", "one"]);
        git(folder.path(), &["tag", "v1"]);
        let clean = commit(folder.path()).await.unwrap();
        assert_eq!(clean.len(), 40);
        std::fs::write(folder.path().join("file"), "two").unwrap();
        let dirty = commit(folder.path()).await.unwrap();
        assert_eq!(dirty, format!("{clean}-dirty"));
    }
}
