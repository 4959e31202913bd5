//! Spans out of events, as they end: the run, its suites and cases in one trace, each attempt and what is below it in another.
//!
//! Pure: what it gives follows from the events, and from when the run began. It remembers what is not over, within limits.

mod attempt;
mod fault;
mod load;
mod outcome;
mod request;
mod run;
mod used;

use assay_report::event::{Event, EventKind};

use super::{clock::Clock, ids::TraceContext, protocol::Span};
use run::Run;

/// Cases that are open at once, attempts that are, and of each attempt the faults and loads that are. What is beyond is left out and counted;
/// a case is told once it ends.
pub(super) const MAX_OPEN: usize = 1_000;

/// Makes spans of the events of a run.
#[derive(Debug)]
pub struct Spans {
    clock: Clock,
    parent: Option<TraceContext>,
    run: Option<Run>,
    left_out: u64,
}

/// What is over, and how much a limit left out.
#[derive(Debug, Default)]
struct Over {
    spans: Vec<Span>,
    left_out: u64,
}

impl Spans {
    /// Of a run whose start is known by `clock`; below `parent`, if whoever started the run is in a trace.
    pub fn new(clock: Clock, parent: Option<TraceContext>) -> Self {
        Self {
            clock,
            parent,
            run: None,
            left_out: 0,
        }
    }

    /// Hears an event, and gives the spans that are over with it. An event of no run, or of an attempt that never began, gives none.
    pub fn hear(&mut self, event: &Event) -> Vec<Span> {
        if let EventKind::RunStarted(info) = &event.kind {
            let over = self.finish();
            let start = self.clock.start(&info.started_at, event.at_ns);
            self.run = Some(Run::begin(info, start, event.at_ns, self.parent));
            return over;
        }
        let mut over = Over::default();
        if let EventKind::RunFinished {
            verdict,
            stats,
            exit_code,
            ..
        } = event.kind
        {
            if let Some(run) = self.run.take() {
                run.end(event.at_ns, (verdict, stats, exit_code), &mut over);
            }
        } else if let Some(run) = &mut self.run {
            run.hear(event, &mut over);
        }
        self.give(over)
    }

    /// Gives what is still open, as that which nobody ended: for a run that was stopped before it told its end.
    pub fn finish(&mut self) -> Vec<Span> {
        let mut over = Over::default();
        if let Some(run) = self.run.take() {
            run.break_off(&mut over);
        }
        self.give(over)
    }

    /// How many spans were never made, because too much was open at once.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    fn give(&mut self, over: Over) -> Vec<Span> {
        self.left_out += over.left_out;
        over.spans
    }
}

#[cfg(test)]
mod tests;
