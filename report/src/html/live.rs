//! The page of a run that goes on, part by part: the same charts as the report for people, made by the same templates of a gathering of
//! the run so far. Whoever shows it puts the parts into a page, and anew those that have changed.
//!
//! Constant size: beside the limits of the report for people, the lists that change all the time are shorter here.

use std::{cmp::Reverse, fmt};

use askama::Template;

mod now;
mod standing;

use self::{now::Now, standing::Standing};
use super::{
    Word,
    baselines::{self, Figure},
    causes::Causes,
    evidence::{self, Told},
    latency::Latency,
    load::Load,
    refusals::Refusals,
    streams::Streams,
    timeline::Timeline,
};
use crate::{
    event::{Event, Phase},
    json::{
        Gatherer,
        document::Report,
        loads::{self, LoadReport},
    },
    outcomes,
};

/// The style sheet of the report for people, for which the parts are made.
pub const STYLE: &str = include_str!("../../templates/report.css");

/// A part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How the run stands: its verdict so far, and how many cases have ended how.
    Verdict,
    /// What happens at the moment.
    Now,
    /// What is not good, and what shows it.
    Why,
    /// The causes of it, as far as events show them.
    Causes,
    /// The figures that were promised.
    Baselines,
    /// The run over its time.
    Timeline,
    /// How long requests of cases take.
    Latency,
    /// How loads go.
    Loads,
    /// Event streams of cases.
    Streams,
}

impl Part {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Verdict,
        Self::Now,
        Self::Why,
        Self::Causes,
        Self::Baselines,
        Self::Timeline,
        Self::Latency,
        Self::Loads,
        Self::Streams,
    ];

    /// Its name, which is also the `id` of its heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Now => "now",
            Self::Why => "why",
            Self::Causes => "causes",
            Self::Baselines => "baselines",
            Self::Timeline => "timeline",
            Self::Latency => "latency",
            Self::Loads => "loads",
            Self::Streams => "streams",
        }
    }

    /// What people read of it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Verdict => "Verdict",
            Self::Now => "Now",
            Self::Why => "What is not good",
            Self::Causes => "Causes",
            Self::Baselines => "Baselines",
            Self::Timeline => "Timeline",
            Self::Latency => "Latency",
            Self::Loads => "Loads",
            Self::Streams => "Event streams",
        }
    }
}

/// Loads with plots: those that run, then the latest ones.
const MAX_LOADS: usize = 6;

/// What is said of what has told no end so far.
const RUNNING: Word = Word("running");

/// A part of the page as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Which one.
    pub part: Part,
    /// A piece of HTML that is whole in itself. Every text in it is escaped.
    pub html: String,
}

/// A run so far. It has bounded memory, as [`Gatherer`] has.
#[derive(Debug, Default)]
pub struct Live {
    gatherer: Gatherer,
    phase: Phase,
}

/// Where the run is at the moment that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It goes on, so many nanoseconds after its start.
    Running(u64),
    /// Nothing more will be told of it.
    Over,
}

impl Live {
    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        self.phase = event.phase;
        self.gatherer.event(event);
    }

    /// All parts, in the order of [`Part::ALL`].
    ///
    /// # Errors
    /// None that is known: a text takes everything that is written into it.
    pub fn fragments(&self, moment: Moment) -> Result<Vec<Fragment>, fmt::Error> {
        let (mut report, is_running) = match moment {
            Moment::Running(_) => (self.gatherer.so_far(), true),
            Moment::Over => (self.gatherer.clone().finish(), false),
        };
        let is_running = is_running && !report.complete;
        if let (Some(run), Moment::Running(now_ns)) = (&mut report.run, moment)
            && is_running
        {
            run.duration_ns = run.duration_ns.max(now_ns);
        }
        let (bad, hidden_bad) = not_good(&report, is_running);
        let shown = Shown {
            report: &report,
            phase: self.phase,
            is_running,
            bad,
            hidden_bad,
        };
        let parts = Part::ALL.into_iter().map(|part| {
            let html = shown.part(part).map_err(|_| fmt::Error)?;
            Ok(Fragment { part, html })
        });
        parts.collect()
    }
}

/// What the parts are made of.
struct Shown<'a> {
    report: &'a Report,
    phase: Phase,
    is_running: bool,
    bad: Vec<Told>,
    hidden_bad: usize,
}

/// What is not good, and how much of it is left out. What runs is not.
fn not_good(report: &Report, is_running: bool) -> (Vec<Told>, usize) {
    let mut groups = outcomes::groups(report);
    if is_running {
        for group in &mut groups {
            group.items.retain(|item| {
                let why = item.why.as_ref();
                why.is_none_or(|why| why.kind != outcomes::NO_END)
            });
        }
    }
    evidence::told(report, &groups)
}

impl Shown<'_> {
    fn part(&self, part: Part) -> askama::Result<String> {
        let report = self.report;
        let made = match part {
            Part::Verdict => Some(Standing::new(report, self.is_running).render()),
            Part::Now if self.is_running => Some(Now::new(report, self.phase).render()),
            Part::Now => None,
            Part::Why => Some(self.not_good().render()),
            Part::Causes => Causes::new(report, &self.bad).map(|part| part.render()),
            Part::Baselines => Baselines::new(report).map(|part| part.render()),
            Part::Timeline => Timeline::with(report, self.open()).map(|part| part.render()),
            Part::Latency => Latency::new(report).map(|part| part.render()),
            Part::Loads => self.loads().map(|part| part.render()),
            Part::Streams => Streams::new(report).map(|part| part.render()),
        };
        made.unwrap_or_else(|| {
            let nothing = self.nothing();
            Nothing { part, nothing }.render()
        })
    }

    /// The word for what told no end.
    fn open(&self) -> Word {
        if self.is_running {
            RUNNING
        } else {
            Word::of(None)
        }
    }

    fn nothing(&self) -> &'static str {
        if self.is_running {
            "Nothing so far."
        } else {
            "Nothing."
        }
    }

    fn not_good(&self) -> NotGood<'_> {
        NotGood {
            bad: &self.bad,
            hidden: self.hidden_bad,
            refusals: Refusals::new(self.report),
            nothing: self.nothing(),
        }
    }

    fn loads(&self) -> Option<Loads> {
        let mut all: Vec<(String, &LoadReport)> = loads::all(self.report).collect();
        all.sort_by_key(|(_, load)| (load.end.is_some(), Reverse(load.started_at_ns)));
        let hidden = all.len().saturating_sub(MAX_LOADS);
        let loads: Vec<_> = all
            .iter()
            .take(MAX_LOADS)
            .map(|(entry, load)| {
                let mut shown = Load::new(entry, load);
                if load.end.is_none() {
                    shown.state = self.open();
                }
                // A case may make the same load again.
                (format!("{entry} {}", load.started_at_ns), shown)
            })
            .collect();
        (!loads.is_empty()).then_some(Loads { loads, hidden })
    }
}

/// A part that has nothing to show.
#[derive(Template)]
#[template(path = "live/nothing.html")]
struct Nothing {
    part: Part,
    nothing: &'static str,
}

#[derive(Template)]
#[template(path = "live/why.html")]
struct NotGood<'a> {
    bad: &'a [Told],
    hidden: usize,
    refusals: Option<Refusals>,
    nothing: &'static str,
}

#[derive(Template)]
#[template(path = "live/promised.html")]
struct Baselines {
    baselines: Vec<Figure>,
    hidden_baselines: usize,
}

impl Baselines {
    fn new(report: &Report) -> Option<Self> {
        let (baselines, hidden_baselines) = baselines::figures(report);
        (!baselines.is_empty()).then_some(Self {
            baselines,
            hidden_baselines,
        })
    }
}

#[derive(Template)]
#[template(path = "live/loads.html")]
struct Loads {
    /// With what each is known again by.
    loads: Vec<(String, Load)>,
    hidden: usize,
}
