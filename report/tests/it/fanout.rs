//! One reporter that fails, beside others.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use assay_report::{
    Document, Fanout, Form, ReportError, Reporter, event::Event, hint::Hinted as _,
};
use tempfile::TempDir;

use super::situations;

/// Counts what it hears; fails from an event on.
#[derive(Clone)]
struct Listening {
    heard: Arc<Mutex<Vec<String>>>,
    fails_at: Option<u64>,
}

impl Listening {
    fn new(fails_at: Option<u64>) -> Self {
        Self {
            heard: Arc::default(),
            fails_at,
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Reporter for Listening {
    fn name(&self) -> &'static str {
        "listening"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.heard.lock().unwrap().push(event.sequence.to_string());
        match self.fails_at {
            Some(sequence) if sequence <= event.sequence => Err(ReportError::Console {
                source: io::Error::from(io::ErrorKind::BrokenPipe),
            }),
            _ => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.heard.lock().unwrap().push("finish".into());
        Ok(())
    }
}

#[test]
fn a_reporter_that_fails_is_silenced_and_the_others_hear_everything() {
    let events = situations::passed_run();
    let (failing, good) = (Listening::new(Some(2)), Listening::new(None));
    let mut fanout = Fanout::new(
        vec![Box::new(failing.clone()), Box::new(good.clone())],
        Vec::new(),
    );
    for event in &events {
        fanout.event(event);
    }
    let errors = fanout.finish();

    assert_eq!(failing.heard(), ["0", "1", "2"]);
    assert_eq!(good.heard().len(), events.len() + 1);
    assert_eq!(good.heard().last().map(String::as_str), Some("finish"));
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0]
            .hint()
            .is_some_and(|hint| hint.contains("closed it early"))
    );
}

/// Waits for nobody, and looks at what is there by then.
struct Watching {
    document: PathBuf,
    heard: Listening,
}

impl Reporter for Watching {
    fn name(&self) -> &'static str {
        "watching"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.heard.event(event)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let found = if self.document.exists() {
            "whole"
        } else {
            "none"
        };
        self.heard.heard.lock().unwrap().push(found.into());
        Err(ReportError::Telemetry {
            message: "it does not answer".into(),
            hint: None,
        })
    }
}

/// Killed while a watcher waited for a last scrape, a run had no report.
#[test]
fn the_documents_are_there_before_a_watcher_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let document = Document {
        form: Form::Tap,
        path: folder.path().join("report.tap"),
    };
    let heard = Listening::new(None);
    let watcher = Watching {
        document: document.path.clone(),
        heard: heard.clone(),
    };
    let events = situations::passed_run();
    let mut fanout = Fanout::new(Vec::new(), vec![document]).watched_by(vec![Box::new(watcher)]);
    for event in &events {
        fanout.event(event);
    }
    let errors = fanout.finish();

    assert_eq!(heard.heard().len(), events.len() + 1);
    assert_eq!(heard.heard().last().map(String::as_str), Some("whole"));
    assert_eq!(errors.len(), 1, "{errors:?}");
}
