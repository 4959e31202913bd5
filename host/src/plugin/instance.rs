//! One attempt: a fresh store, one call of `run`, and what came of it. Nothing outlives it; what the plugin held is closed at its end.

pub(super) mod call;
mod failure;

use std::{sync::Arc, time::Duration};

use assay_report::event::OutputStream;

use super::{
    Plugin,
    clock::{Clock, Stopped},
    crash::{self, LastWords},
    ending::Ending,
    engine::Engine,
    limits::Limits,
    output::Output,
    state::{Shared, State},
};
use crate::{
    access::{Access, Rights},
    capability::{context, http, metrics, recorder::Recorder},
    chaos, load,
};

pub use super::bindings::exports::assay::suite::suite::{Entry, Kind};

/// What is run, with what, and how long and how much it may take.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whose entry it is.
    pub plugin: Arc<Plugin>,
    /// Which entry.
    pub entry: Entry,
    /// Where its evidence goes.
    pub recorder: Recorder,
    /// What it may know about the run.
    pub context: Arc<context::Shared>,
    /// What the HTTP clients of the run share.
    pub http: http::Shared,
    /// The figures and the baselines of the plugin in this run.
    pub metrics: Arc<metrics::Shared>,
    /// Counts the threads of the loads that the attempt makes.
    pub threads: load::Threads,
    /// Who makes those loads instead of this host; none if nobody does.
    pub machines: Option<Arc<dyn load::machines::Machines>>,
    /// The faults of the attempt; none if there is no environment to make them in.
    pub chaos: Option<Arc<chaos::Attempt>>,
    /// What its plugin may do.
    pub rights: Rights,
    /// Wall-clock time, the instance's making included.
    pub timeout: Duration,
    /// Bytes of linear memory; at most what the engine was made for.
    pub memory: usize,
    /// Bytes of standard output and standard error each that are kept.
    pub output: usize,
}

/// Runs one entry on an instance of its own. It never panics, and is over when its timeout is, within some hundredths of a second.
pub async fn run(engine: &Engine, attempt: Attempt) -> Ending {
    let Attempt {
        plugin,
        entry,
        recorder,
        context,
        http,
        metrics,
        chaos,
        threads,
        machines,
        rights,
        timeout,
        memory,
        output,
    } = attempt;
    let clock = Clock::start(timeout);
    let (stdout, stderr) = (Output::new(output), Output::new(output));
    // One for the case and its virtual users: what they attach adds up.
    let access = Access::new(rights, recorder.clone());
    let order = load::Order {
        engine: engine.clone(),
        plugin: Arc::clone(&plugin),
        data: entry.data.clone(),
        context: Arc::clone(&context),
        tls: Arc::clone(http.tls()),
        metrics: Arc::clone(&metrics),
        access: access.clone(),
        recorder: recorder.clone(),
        memory,
        threads,
        machines,
    };
    let shared = Shared {
        context,
        http,
        metrics,
        chaos,
        load: Some(order),
        access,
    };
    let limits = Limits::new(memory);
    let state = State::new(shared, &recorder, limits, &stdout, &stderr);
    let kind = entry.kind;
    // The store goes with this call: streams are closed, and faults begin to heal, before the ending is told.
    let outcome = call::run(engine, &clock, state, &plugin.pre, entry).await;
    tell(&recorder, OutputStream::Stdout, &stdout);
    tell(&recorder, OutputStream::Stderr, &stderr);
    match outcome {
        Ok(answer) => failure::ending(kind, answer),
        Err(Stopped::ByTimer { computing }) => Ending::TimedOut {
            after: timeout,
            computing,
            backtrace: Vec::new(),
        },
        Err(Stopped::ByError(error)) => {
            let words = LastWords {
                panic: recorder.evidence().panic,
                stderr: &stderr.text().0,
                timeout,
            };
            crash::ending(&error, &words)
        }
    }
}

fn tell(recorder: &Recorder, stream: OutputStream, output: &Output) {
    let (text, truncated) = output.text();
    if !text.is_empty() || truncated {
        recorder.output(stream, text, truncated);
    }
}
