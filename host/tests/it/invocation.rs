//! The built `host`, called as a person would: an own report folder, an own cache, and what came out of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use assay_report::{json::document::Report, verdict::Verdict};
use tempfile::TempDir;

/// `suite/case`, of many.
pub(crate) type Ids = BTreeSet<String>;

/// One call of `host run`.
pub(crate) struct Invocation {
    command: Command,
    folder: TempDir,
}

/// What came of it.
pub(crate) struct Answer {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    folder: TempDir,
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the host is a folder of the repository")
        .to_owned()
}

/// The built `host` with nothing of the caller's variables that could tell it something.
pub(crate) fn host() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("ASSAY_") || name_text.starts_with("GITHUB_") {
            command.env_remove(&name);
        }
    }
    command.current_dir(repository());
    // The fixtures are in the target folder, wherever that is, and would be strangers to the project.
    command.env("ASSAY_TRUST", "all");
    command
}

/// A suite of this repository, built by `cargo xtask plugins`.
pub(crate) fn suite(name: &str) -> PathBuf {
    let file = repository().join("plugins").join(format!("{name}.wasm"));
    assert!(
        file.is_file(),
        "{} is missing: build it with `cargo xtask plugins`",
        file.display()
    );
    file
}

impl Invocation {
    /// `host run PLUGIN...`, which leaves nothing in the history of this repository.
    pub(crate) fn run(plugins: &[PathBuf]) -> Self {
        Self::kept(plugins).with(&["--no-history"])
    }

    /// The same, kept in the history that the caller names.
    pub(crate) fn kept(plugins: &[PathBuf]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut command = host();
        command
            .arg("run")
            .args(plugins)
            .arg("--report-dir")
            .arg(folder.path());
        Self { command, folder }
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn with_variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With this as the report of the run before.
    pub(crate) fn after(self, former: &str) -> Self {
        let file = self.folder.path().join("report.json");
        std::fs::write(file, former).expect("a report folder");
        self
    }

    /// Starts it, for a test that does something while it runs.
    pub(crate) fn start(mut self) -> Running {
        let piped = self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running {
            child: piped.spawn().expect("the host starts"),
            folder: self.folder,
        }
    }

    pub(crate) fn answer(self) -> Answer {
        self.start().answer()
    }
}

/// A call of `host run` that has not ended.
pub(crate) struct Running {
    child: Child,
    folder: TempDir,
}

impl Running {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The event log as it is so far.
    pub(crate) fn log(&self) -> String {
        let file = self.folder.path().join("events.jsonl");
        std::fs::read_to_string(file).unwrap_or_default()
    }

    /// Waits for its end.
    pub(crate) fn answer(self) -> Answer {
        let Output {
            status,
            stdout,
            stderr,
        } = self.child.wait_with_output().expect("the host ends");
        Answer {
            exit: status.code(),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            folder: self.folder,
        }
    }
}

impl Answer {
    /// `report.json`, read back.
    pub(crate) fn report(&self) -> Report {
        let file = self.folder.path().join("report.json");
        let text = std::fs::read(&file).unwrap_or_else(|error| {
            panic!(
                "{}: {error}\n{}{}",
                file.display(),
                self.stdout,
                self.stderr
            )
        });
        serde_json::from_slice(&text).expect("a report of the published shape")
    }

    /// Where the reports are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Each case with its verdict, by `suite/case`.
    pub(crate) fn verdicts(&self) -> BTreeMap<String, Verdict> {
        let report = self.report();
        let cases = report.suites.iter().flat_map(|suite| {
            let name = &suite.name;
            suite.cases.iter().map(move |case| (name, case))
        });
        cases
            .map(|(suite, case)| {
                let verdict = case.verdict.expect("every case has its verdict");
                (format!("{suite}/{}", case.name), verdict)
            })
            .collect()
    }

    /// Everything that a person saw.
    pub(crate) fn seen(&self) -> String {
        format!("exit {:?}\n{}\n{}", self.exit, self.stdout, self.stderr)
    }
}
