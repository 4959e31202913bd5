//! A project that did not build the suite which it runs: what it grants, and what the suite is told to attack.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use assay_grants::Grants;
use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation},
};

use super::answers::{proposal, refusals};

/// An `assay.toml` in a folder of its own.
pub(super) struct Project {
    folder: TempDir,
    settings: BTreeMap<&'static str, String>,
    grants: BTreeMap<String, String>,
    /// What stands in place of these.
    table: Option<String>,
    more: String,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

impl Project {
    /// One that grants nothing but to read what it is told to attack.
    pub(super) fn new() -> Self {
        let project = Self {
            folder: TempDir::new().unwrap(),
            settings: BTreeMap::new(),
            grants: BTreeMap::new(),
            table: None,
            more: String::new(),
            arguments: Vec::new(),
            variables: Vec::new(),
        };
        project.granting("settings", r#"["hostile.*"]"#)
    }

    /// With a setting of the suite.
    pub(super) fn told(
        mut self,
        name: &'static str,
        value: &(impl serde::Serialize + ?Sized),
    ) -> Self {
        let text = serde_json::to_string(value).unwrap();
        self.settings.insert(name, text);
        self
    }

    /// With this grant, as TOML.
    pub(super) fn granting(mut self, key: &str, value: &str) -> Self {
        self.grants.insert(key.to_owned(), value.to_owned());
        self
    }

    /// With further tables.
    pub(super) fn having(mut self, tables: &str) -> Self {
        self.more.push_str(tables);
        self.more.push('\n');
        self
    }

    /// With further arguments.
    pub(super) fn with(mut self, arguments: &[&str]) -> Self {
        let owned = arguments.iter().map(|&argument| argument.to_owned());
        self.arguments.extend(owned);
        self
    }

    /// With a variable.
    pub(super) fn with_variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Its file, as it is now.
    pub(super) fn write(&self) -> PathBuf {
        let file = self.folder.path().join("assay.toml");
        fs::write(&file, self.document()).unwrap();
        file
    }

    /// Where files of it may be.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes what would grant what was refused in this run as a person does: the table that the console told, in place of its own. Each line for
    /// programs is a part of that table.
    pub(super) fn grant_what_was_refused(&mut self, answer: &Answer) {
        let proposed = proposal(answer);
        let shown: Vec<String> = proposed
            .lines()
            .map(|line| format!("            {line}\n"))
            .collect();
        assert!(answer.stdout.contains(&shown.concat()), "{}", answer.seen());
        let table = granted(&proposed);
        let report = answer.report();
        let cases = report.suites.iter().flat_map(|suite| &suite.cases);
        let refusals = cases.flat_map(|case| refusals(answer, &case.name));
        for line in refusals.map(|refusal| refusal.grant) {
            let wanted = if line.is_empty() {
                Grants::default()
            } else {
                granted(&line)
            };
            assert!(table.lacking(&wanted).is_nothing(), "{line}: {proposed}");
        }
        self.table = Some(shown.concat());
    }

    /// A run of these cases of the suite, and of a good suite after it.
    pub(super) fn invocation(&self, cases: &[&str]) -> Invocation {
        let file = self.write().display().to_string();
        let mut run = Invocation::run(&[fixture("hostile"), fixture("noop")]).with(&[
            "--config",
            &file,
            "--trust",
            "own",
            "--no-progress",
            "--filter",
            "noop/*",
        ]);
        for case in cases {
            run = run.with(&["--filter", &format!("hostile/{case}*")]);
        }
        let own = self.more.contains("[environments.hostile");
        let environment = if own { "hostile" } else { "none" };
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let run = run.with(&["--environment", environment]).with(&arguments);
        let variables = self.variables.iter();
        variables.fold(run, |run, (name, value)| run.with_variable(name, value))
    }

    /// The same, to its end.
    pub(super) fn run(&self, cases: &[&str]) -> Answer {
        self.invocation(cases).answer()
    }

    fn document(&self) -> String {
        let lines = |table: Vec<(&str, &str)>| {
            let lines = table
                .into_iter()
                .map(|(key, value)| format!("{key} = {value}\n"));
            lines.collect::<String>()
        };
        // What the suite compiles to is kept for the next test.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-cache");
        let settings = self.settings.iter().map(|(key, value)| (*key, &**value));
        let grants = self.grants.iter().map(|(key, value)| (&**key, &**value));
        let written = || format!("[grants.hostile]\n{}", lines(grants.collect()));
        let table = self.table.clone().unwrap_or_else(written);
        format!(
            "[run]\ncache-dir = {}\n[settings.hostile]\n{}\n{table}\n{}",
            serde_json::to_string(&cache).unwrap(),
            lines(settings.collect()),
            self.more
        )
    }
}

/// What a text grants to the suite, as TOML by itself.
fn granted(text: &str) -> Grants {
    let document: toml::Table = text.parse().unwrap();
    document["grants"]["hostile"].clone().try_into().unwrap()
}
