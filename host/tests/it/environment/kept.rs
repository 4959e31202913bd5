//! `host environment up`, `status`, `down`: services that outlive the call that started them.

use std::{
    fs,
    process::{Output, Stdio},
};

use assay_host::environment::identity::Identity;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use super::{HOST, eventually, reference};

/// A folder with an `assay.toml` that has a cache, and the host in it.
struct Project(tempfile::TempDir);

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "[environments.embedded.services.cache]\n\
            command = [\"{exe-dir}/reference\", \"cache\", \"--listen\", \"127.0.0.1:0\"]\n\
            ready-line = \"listening on \"\nscheme = \"redis\"\n";
        fs::write(folder.path().join("assay.toml"), text).unwrap();
        Self(folder)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        reference();
        let mut command = Command::new(HOST);
        command
            .args(arguments)
            .current_dir(self.0.path())
            .kill_on_drop(true);
        command
    }

    async fn host(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }

    /// The process of the cache that is kept.
    async fn kept(&self) -> Identity {
        let (code, status, _) = self.host(&["environment", "status"]).await;
        assert_eq!(code, Some(0), "{status}");
        let words: Vec<_> = status.split_whitespace().collect();
        assert_eq!(
            (words[0], words[2], words[4]),
            ("cache", "process", "ready"),
            "{status}"
        );
        Identity::of(words[3].parse().unwrap()).expect("it runs")
    }
}

#[tokio::test]
async fn a_kept_environment_lives_until_it_is_taken_down() {
    let project = Project::new();
    assert_eq!(project.host(&["environment", "status"]).await.0, Some(6));
    let (code, exports, error) = project.host(&["environment", "up"]).await;
    assert_eq!(code, Some(0), "{error}");
    assert!(
        exports.starts_with("export ASSAY_SERVICE_CACHE_URL='redis://127.0.0.1:"),
        "{exports}"
    );
    let process = project.kept().await;
    let (_, again, _) = project.host(&["environment", "up"]).await;
    assert_eq!(again, exports);
    let (code, unsets, told) = project.host(&["environment", "down"]).await;
    assert_eq!(
        (code, told.as_str()),
        (
            Some(0),
            "environment `embedded` is down, 1 service was stopped\n"
        )
    );
    assert_eq!(unsets, "unset ASSAY_SERVICE_CACHE_URL\n");
    assert!(!process.lives());
    let (code, _, told) = project.host(&["environment", "down"]).await;
    assert_eq!(code, Some(0));
    assert!(told.contains("nothing to stop"), "{told}");
}

#[tokio::test]
async fn an_environment_without_services_has_no_keeper() {
    let project = Project::new();
    let none = ["environment", "up", "--environment", "none"];
    let (code, exports, told) = project.host(&none).await;
    assert_eq!((code, exports.as_str()), (Some(0), ""));
    assert!(told.contains("nothing to keep"), "{told}");
    assert!(!project.0.path().join(".assay").exists());
}

#[tokio::test]
async fn an_environment_that_does_not_come_up_is_told_and_leaves_nothing() {
    let project = Project::new();
    let text = "[environments.embedded.services.odd]\ncommand = [\"/bin/sh\", \"-c\", \"exit 3\"]\nport = 1\n";
    fs::write(project.0.path().join("assay.toml"), text).unwrap();
    let (code, data, error) = project.host(&["environment", "up"]).await;
    assert_eq!((code, data.as_str()), (Some(6), ""));
    assert!(
        error.starts_with(
            "error: service `odd` ended with exit status: 3; it wrote nothing\nhint: "
        ),
        "{error}"
    );
    assert_eq!(project.host(&["environment", "status"]).await.0, Some(6));
}

#[tokio::test]
async fn no_child_lives_on_when_the_host_is_killed() {
    let project = Project::new();
    let mut host = project
        .command(&["environment", "keep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(host.stdout.take().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    assert!(line.starts_with("{\"ready\":"), "{line}");
    let process = project.kept().await;
    host.kill().await.unwrap();
    eventually("the child is dead", || !process.lives()).await;
    assert_eq!(project.host(&["environment", "status"]).await.0, Some(6));
}
