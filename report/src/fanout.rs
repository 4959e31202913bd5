//! Tells what happens to all who are to hear it. One that fails does not silence the others.

use crate::{
    ReportError, Reporter,
    documents::{Document, Documents},
    event::{Event, EventKind},
    former_file::FormerFile,
    github::GithubStep,
};

/// Tells each event to each reporter.
pub struct Fanout {
    listeners: Vec<Listener>,
    documents: Documents,
    watchers: Vec<Listener>,
}

struct Listener {
    reporter: Box<dyn Reporter>,
    failure: Option<ReportError>,
}

impl Fanout {
    /// Tells them in this order, and has the documents made once the run is over.
    pub fn new(reporters: Vec<Box<dyn Reporter>>, documents: Vec<Document>) -> Self {
        Self {
            listeners: listening(reporters),
            documents: Documents::new(documents),
            watchers: Vec::new(),
        }
    }

    /// Tells those after all the others, and ends them when the documents are there: they may wait for somebody elsewhere, and a process that
    /// is killed meanwhile has left its reports.
    #[must_use]
    pub fn watched_by(mut self, watchers: Vec<Box<dyn Reporter>>) -> Self {
        self.watchers = listening(watchers);
        self
    }

    /// Shows the run in a step of GitHub Actions, too.
    #[must_use]
    pub fn in_github(mut self, step: Option<GithubStep>) -> Self {
        self.documents = self.documents.in_github(step);
        self
    }

    /// Has the documents show the run beside one before it, where they can. Its report is read when they are written.
    #[must_use]
    pub fn against(mut self, former: Option<FormerFile>) -> Self {
        self.documents = self.documents.against_file(former);
        self
    }

    /// Tells an event. A reporter that fails hears nothing more; its error comes with [`Fanout::finish`].
    pub fn event(&mut self, event: &Event) {
        if matches!(event.kind, EventKind::RunStarted(_)) {
            self.documents.remove_former();
        }
        self.documents.event(event);
        for listener in self.listeners.iter_mut().chain(&mut self.watchers) {
            listener.hear(|reporter| reporter.event(event));
        }
    }

    /// Lets each reporter write what is left and the documents be written, and gives the errors of those that failed. The documents come after
    /// the reporters, so that nothing that a plugin said is printed after them, and before the watchers.
    pub fn finish(mut self) -> Vec<ReportError> {
        for listener in &mut self.listeners {
            listener.hear(|reporter| reporter.finish());
        }
        let mut failures = self.documents.finish();
        for watcher in &mut self.watchers {
            watcher.hear(|reporter| reporter.finish());
        }
        let all = self.listeners.into_iter().chain(self.watchers);
        failures.extend(all.filter_map(|listener| listener.failure));
        failures
    }
}

fn listening(reporters: Vec<Box<dyn Reporter>>) -> Vec<Listener> {
    let listeners = reporters.into_iter().map(|reporter| Listener {
        reporter,
        failure: None,
    });
    listeners.collect()
}

impl Listener {
    fn hear(&mut self, tell: impl FnOnce(&mut dyn Reporter) -> Result<(), ReportError>) {
        if self.failure.is_none() {
            self.failure = tell(self.reporter.as_mut()).err();
        }
    }
}
