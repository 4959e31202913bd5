//! Every text of an event, for whoever has to look at all of them before they leave the process: secrets are taken out here.
//!
//! Each type is taken apart with all its fields, so that a new one does not compile before somebody has said what it is; and a test goes
//! through the published schema and finds whatever was passed over.

mod evidence;
mod figures;
mod history;
mod load;
mod run;

use crate::event::{Event, EventKind, Source};

/// Who looks at the texts, and may change them.
pub trait Visit {
    /// What something is called: short, and the same each time.
    fn name(&mut self, name: &mut String);
    /// A name that other events refer to again: of a suite, a case, a scenario, a service, a baseline, a metric of a suite. Whatever is made
    /// of it must not change within a run, or what belongs together falls apart.
    fn identity(&mut self, name: &mut String) {
        self.name(name);
    }
    /// Anything else: messages, values, bodies.
    fn text(&mut self, text: &mut String);
    /// Lines that follow each other.
    fn lines(&mut self, lines: &mut Vec<String>);
    /// A header of a request or of an answer, whose name says what its value may be.
    fn header(&mut self, name: &mut String, value: &mut String);
}

/// Something that has texts.
pub trait Texts {
    /// Shows each of them.
    fn texts(&mut self, visit: &mut dyn Visit);
}

impl<T: Texts> Texts for Option<T> {
    fn texts(&mut self, visit: &mut dyn Visit) {
        if let Some(one) = self {
            one.texts(visit);
        }
    }
}

impl<T: Texts> Texts for Vec<T> {
    fn texts(&mut self, visit: &mut dyn Visit) {
        for one in self {
            one.texts(visit);
        }
    }
}

impl<T: Texts> Texts for Box<T> {
    fn texts(&mut self, visit: &mut dyn Visit) {
        T::texts(self, visit);
    }
}

fn names<'a>(visit: &mut dyn Visit, names: impl IntoIterator<Item = &'a mut String>) {
    for name in names {
        visit.name(name);
    }
}

fn identities<'a>(visit: &mut dyn Visit, names: impl IntoIterator<Item = &'a mut String>) {
    for name in names {
        visit.identity(name);
    }
}

fn texts<'a>(visit: &mut dyn Visit, texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        visit.text(text);
    }
}

impl Texts for Event {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            sequence: _,
            at_ns: _,
            phase: _,
            of_shard: _,
            kind,
        } = self;
        kind.texts(visit);
    }
}

impl Texts for Source {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            suite,
            entry,
            attempt: _,
        } = self;
        identities(visit, [suite, entry]);
    }
}

impl Texts for EventKind {
    fn texts(&mut self, visit: &mut dyn Visit) {
        match self {
            Self::RunStarted(info) => info.texts(visit),
            Self::EnvironmentReady {
                services,
                duration_ns: _,
            } => services.texts(visit),
            Self::EnvironmentFailed { message }
            | Self::EnvironmentLeft { message }
            | Self::EnvironmentAbandoned { message }
            | Self::ShardLost { shard: _, message } => visit.text(message),
            Self::ServiceDied { service, message } => {
                visit.identity(service);
                visit.text(message);
            }
            Self::AgentLost { agent, message } => {
                visit.name(agent);
                visit.text(message);
            }
            Self::CaseStarted {
                suite,
                case,
                attempts: _,
            }
            | Self::CaseStillRunning {
                suite,
                case,
                for_ns: _,
            } => identities(visit, [suite, case]),
            Self::CaseFinished {
                suite,
                case,
                outcome,
                attempts: _,
                duration_ns: _,
            } => {
                identities(visit, [suite, case]);
                outcome.texts(visit);
            }
            Self::SuiteFinished {
                suite,
                verdict: _,
                duration_ns: _,
                metrics,
                proposal,
            } => {
                visit.identity(suite);
                metrics.texts(visit);
                proposal.texts(visit);
            }
            Self::Measured {
                suite,
                source,
                scenario,
                distributions,
            } => {
                visit.identity(suite);
                source.texts(visit);
                identities(visit, scenario);
                distributions.texts(visit);
            }
            Self::Compared(check) => check.texts(visit),
            Self::Interrupted { reason } => visit.text(reason),
            Self::RunFinished {
                verdict: _,
                stats: _,
                duration_ns: _,
                exit_code: _,
            } => {}
            of_an_attempt => evidence::of_an_attempt(of_an_attempt, visit),
        }
    }
}
