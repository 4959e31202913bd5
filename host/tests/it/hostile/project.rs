//! A project that did not build the suite which it runs: what it grants, and what the suite is told to attack.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation},
};

use super::answers::refusals;

/// An `assay.toml` in a folder of its own.
pub(super) struct Project {
    folder: TempDir,
    settings: BTreeMap<&'static str, String>,
    grants: BTreeMap<String, String>,
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

    /// Takes every line that a refusal of this run names into its own grants.
    pub(super) fn grant_what_was_refused(&mut self, answer: &Answer) {
        let all = answer.report();
        let cases = all.suites.iter().flat_map(|suite| &suite.cases);
        for refusal in cases.flat_map(|case| refusals(answer, &case.name)) {
            for line in refusal.grant.lines() {
                self.grant(line);
            }
        }
    }

    /// Where there is a list of it, what is in the new one belongs into that one.
    fn grant(&mut self, line: &str) {
        let line = line.strip_prefix("[grants.hostile] ").unwrap();
        let (key, value) = line.split_once(" = ").unwrap();
        let held = self.grants.get(key).filter(|held| held.starts_with('['));
        let value = match held {
            Some(held) if !held.contains(&value[1..value.len() - 1]) => {
                format!("{}, {}", &held[..held.len() - 1], &value[1..])
            }
            Some(held) => held.clone(),
            None => value.to_owned(),
        };
        self.grants.insert(key.to_owned(), value);
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
        format!(
            "[run]\ncache-dir = {}\n[settings.hostile]\n{}\n[grants.hostile]\n{}\n{}",
            serde_json::to_string(&cache).unwrap(),
            lines(settings.collect()),
            lines(grants.collect()),
            self.more
        )
    }
}
