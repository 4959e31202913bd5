//! Recorded runs, and the same with other texts.

use std::sync::OnceLock;

use assay_report::{
    event::{Event, EventKind},
    texts::{Texts as _, Visit},
};

use crate::pieces;

/// Situations of the reporters' tests, one run after the other. A test of `assay-report` holds them to be these.
const RUNS: &str = include_str!("../../recorded/runs.jsonl");

/// The runs.
pub(super) fn recorded() -> &'static [Vec<Event>] {
    static RECORDED: OnceLock<Vec<Vec<Event>>> = OnceLock::new();
    RECORDED.get_or_init(|| {
        let mut runs: Vec<Vec<Event>> = Vec::new();
        for line in RUNS.lines() {
            let event: Event = serde_json::from_str(line).expect("a recorded event is one");
            match &event.kind {
                EventKind::RunStarted(_) => runs.push(vec![event]),
                _ => runs.last_mut().expect("a run begins").push(event),
            }
        }
        runs
    })
}

/// A run whose texts are these pieces, one after the other and from the beginning again.
pub(super) fn told_with(run: &[Event], data: &[u8]) -> Vec<Event> {
    let texts: Vec<String> = pieces::all(data)
        .map(|piece| pieces::text(piece).into_owned())
        .collect();
    let mut other = Other { texts, next: 0 };
    let mut run = run.to_vec();
    for event in &mut run {
        event.texts(&mut other);
    }
    run
}

struct Other {
    texts: Vec<String>,
    next: usize,
}

impl Other {
    fn next(&mut self) -> String {
        self.next += 1;
        self.texts[self.next % self.texts.len()].clone()
    }
}

impl Visit for Other {
    fn name(&mut self, name: &mut String) {
        *name = self.next();
    }

    /// With what it was behind it, so that each name stays another one and what belongs together stays so.
    fn identity(&mut self, name: &mut String) {
        name.insert_str(0, &self.texts[0]);
    }

    fn text(&mut self, text: &mut String) {
        *text = self.next();
    }

    fn lines(&mut self, lines: &mut Vec<String>) {
        for line in lines {
            *line = self.next();
        }
    }

    fn header(&mut self, name: &mut String, value: &mut String) {
        *name = self.next();
        *value = self.next();
    }
}
