//! Reports of runs whose texts are anybody's: in each of them text stays text.
//!
//! The runs are recorded ones (`recorded/runs.jsonl`, the situations of the reporters' own tests), so that what is fuzzed is the texts alone.

mod lines;
mod markdown;
mod markup;
mod run;

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
};

use anstream::ColorChoice;
use assay_report::{
    Document, Documents, Form, Former, GithubStep, Reporter as _,
    console::{Console, ConsoleOptions},
    event::Event,
    json::Gatherer,
};
use tempfile::TempDir;

/// The word that no plugin knows, and after which GitHub's runner looks for commands again.
const WORD: &str = "5f0e6ab7c1d94f7e";

/// The first byte says which run, the pieces behind it are the texts that it is told with.
pub fn report(data: &[u8]) {
    let (which, texts) = data.split_first().unwrap_or((&0, &[]));
    let runs = run::recorded();
    let run = &runs[usize::from(*which) % runs.len()];
    let events = run::told_with(run, texts);
    // Before the reports, whose place those for it take.
    let own = markup::own();
    Reports::make(&events);
    markup::page(&Reports::read("html"), own);
    markup::junit(&Reports::read("junit"));
    markdown::keeps_text(&Reports::read("markdown"));
    lines::tap(&Reports::read("tap"));
    for table in ["baselines", "requests", "loads", "metrics"] {
        lines::csv(&Reports::read(&format!("csv/{table}.csv")));
    }
    lines::console(&console(&events));
    lines::annotations(&annotations(&events), WORD);
    Former::read(&Reports::path("json")).expect("a report can be read as the run before");
}

/// The documents of the run that was told last in this thread.
struct Reports;

thread_local! {
    static FOLDER: RefCell<TempDir> = RefCell::new(TempDir::new().expect("there is room for files"));
}

impl Reports {
    fn make(events: &[Event]) {
        let folder = Self::path("");
        let document = |form: Form| Document {
            form,
            path: folder.join(form.word()),
        };
        let mut documents = Documents::new(Form::ALL.map(document).to_vec());
        for event in events {
            documents.event(event);
        }
        let failures = documents.finish();
        assert!(failures.is_empty(), "{failures:?}");
    }

    fn path(name: &str) -> PathBuf {
        FOLDER.with_borrow(|folder| folder.path().join(name))
    }

    fn read(name: &str) -> String {
        let path: &Path = &Self::path(name);
        fs::read_to_string(path).expect("it was written, and is text")
    }
}

fn console(events: &[Event]) -> String {
    let path = Reports::path("console");
    let file = fs::File::create(&path).expect("there is room for a file");
    let mut console = Console::new(ConsoleOptions {
        writer: Box::new(file),
        color: ColorChoice::Never,
        width: 80,
        progress: false,
        reports: Vec::new(),
    });
    for event in events {
        console.event(event).expect("it can be written");
    }
    console.finish().expect("it can be written");
    drop(console);
    fs::read_to_string(path).expect("it was written, and is text")
}

fn annotations(events: &[Event]) -> String {
    let variable = |name: &str| (name == "GITHUB_ACTIONS").then(|| "true".into());
    let step = GithubStep::of_environment(variable, || WORD.to_owned()).expect("it is a step");
    let mut gatherer = Gatherer::default();
    for event in events {
        gatherer.event(event);
    }
    let mut written = Vec::new();
    let failures = step.finish(&gatherer.finish(), &mut written);
    assert!(failures.is_empty(), "{failures:?}");
    String::from_utf8(written).expect("it is text")
}
