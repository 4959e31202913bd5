//! The run over its time: suites and their cases as lanes, faults as bands across them, and requests and errors under them.

use askama::{Template, filters::HtmlSafe};

use super::{
    Word,
    fault::{self, Band, FaultRow},
    plot::{HEIGHT, Table, WIDTH, number},
    scale::{Scale, moment, time_ticks},
    strip::{Strip, strips},
};
use crate::{
    json::document::{Attempt, CoursePoint, Report, Suite},
    verdict::Verdict,
    words::{clean, clip, count, duration, time},
};

/// Lanes of a suite.
const MAX_LANES: usize = 60;
/// Lanes up to which all suites are open at first; beyond, only those in which something is not good.
const MAX_OPEN: usize = 40;
/// Attempts of a lane.
const MAX_BARS: usize = 20;
/// Characters of a name.
const MAX_NAME: usize = 200;
/// Ticks of the axis.
const TICKS: u32 = 8;
/// Rows of the table of the course.
const MAX_ROWS: usize = 60;
/// The narrowest bar, as a share of the run: a case of a millisecond is seen, too.
const NARROWEST: f64 = 0.003;

/// What is drawn.
#[derive(Clone, Debug, Template)]
#[template(path = "timeline.html")]
pub(super) struct Timeline {
    summary: String,
    ticks: Vec<Mark>,
    bands: Vec<Band>,
    fault_rows: usize,
    suites: Vec<SuiteLanes>,
    strips: Vec<Strip>,
    faults: Vec<FaultRow>,
    hidden_faults: usize,
    course: Table,
}

impl HtmlSafe for Timeline {}

/// A tick of the axis.
#[derive(Clone, Debug)]
struct Mark {
    percent: String,
    label: String,
    /// Where its label is: `start`, `middle` or `end` of the text is at the tick.
    anchor: &'static str,
}

/// A suite with its cases.
#[derive(Clone, Debug)]
struct SuiteLanes {
    lane: Lane,
    cases: Vec<Lane>,
    hidden: usize,
    is_open: bool,
}

/// A suite or a case over the time of the run.
#[derive(Clone, Debug)]
struct Lane {
    name: String,
    verdict: Word,
    /// In words.
    told: String,
    bars: Vec<LaneBar>,
}

/// A time in which something ran.
#[derive(Clone, Debug)]
struct LaneBar {
    verdict: Word,
    x: String,
    width: String,
    title: String,
}

/// The time of the run, which all of it is drawn to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    scale: Scale,
    end_ns: u64,
    /// The word for what told no end.
    open: Word,
}

impl Span {
    fn of(report: &Report, open: Word) -> Self {
        let told = report.run.as_ref().map_or(0, |run| run.duration_ns);
        let attempts = report.suites.iter().flat_map(attempts);
        let ends =
            attempts.map(|(_, attempt)| attempt.started_at_ns.saturating_add(attempt.duration_ns));
        let end_ns = ends.fold(told, u64::max).max(1);
        Self {
            scale: Scale::between(0.0, seconds(end_ns)),
            end_ns,
            open,
        }
    }

    /// Where something begins and how wide it is, in percent.
    pub(super) fn bar(&self, from_ns: u64, to_ns: u64) -> (String, String) {
        let from = self.scale.place(seconds(from_ns)).min(1.0 - NARROWEST);
        let to = self.scale.place(seconds(to_ns)).max(from + NARROWEST);
        (percent(from), percent(to - from))
    }

    /// Where a moment is, in units of a drawing.
    pub(super) fn x(&self, at_ms: u64) -> String {
        number(self.scale.place(seconds(at_ms.saturating_mul(1_000_000))) * WIDTH)
    }

    pub(super) fn end_ns(&self) -> u64 {
        self.end_ns
    }

    fn word(&self, verdict: Option<Verdict>) -> Word {
        verdict.map_or(self.open, |verdict| Word::of(Some(verdict)))
    }
}

impl Timeline {
    /// Of a run that is over; none if nothing ran.
    pub(super) fn new(report: &Report) -> Option<Self> {
        Self::with(report, Word::of(None))
    }

    /// Of a run in which what told no end is `open`; none if nothing ran.
    pub(super) fn with(report: &Report, open: Word) -> Option<Self> {
        let lanes: usize = report
            .suites
            .iter()
            .map(|suite| attempts(suite).count())
            .sum();
        if lanes == 0 {
            return None;
        }
        let span = Span::of(report, open);
        let found = fault::faults(report, &span);
        Some(Self {
            summary: summary(report, lanes, found.rows.len() + found.hidden),
            ticks: ticks(&span),
            bands: found.bands,
            fault_rows: found.lanes,
            suites: report
                .suites
                .iter()
                .filter_map(|suite| suite_lanes(suite, &span, lanes <= MAX_OPEN))
                .collect(),
            strips: strips(&report.course, &span),
            faults: found.rows,
            hidden_faults: found.hidden,
            course: course_table(&report.course),
        })
    }
}

fn summary(report: &Report, attempts: usize, faults: usize) -> String {
    let duration = report.run.as_ref().map_or(0, |run| run.duration_ns);
    let faults = match faults {
        0 => String::new(),
        faults => format!(" {}, hatched.", count(faults, "fault")),
    };
    format!(
        "{} in {}.{faults}",
        count(attempts, "attempt"),
        self::duration(duration)
    )
}

fn ticks(span: &Span) -> Vec<Mark> {
    let seconds = seconds(span.end_ns);
    let ticks = time_ticks(seconds, TICKS);
    let last = ticks.len().saturating_sub(1);
    let marks = ticks.iter().enumerate().map(|(index, tick)| {
        let place = span.scale.place(*tick);
        Mark {
            percent: percent(place),
            label: moment(*tick),
            anchor: match index {
                0 => "start",
                _ if index == last && place > 0.97 => "end",
                _ => "middle",
            },
        }
    });
    marks.collect()
}

/// All attempts of a suite with the name of their entry.
pub(super) fn attempts(suite: &Suite) -> impl Iterator<Item = (&str, &Attempt)> {
    let setup = suite.setup.iter().map(|attempt| ("setup", attempt));
    let cases = suite.cases.iter().flat_map(|case| {
        let of_case = case.attempts.iter();
        of_case.map(|attempt| (case.name.as_str(), attempt))
    });
    let teardown = suite.teardown.iter().map(|attempt| ("teardown", attempt));
    setup.chain(cases).chain(teardown)
}

/// None if nothing of it ran.
fn suite_lanes(suite: &Suite, span: &Span, may_be_open: bool) -> Option<SuiteLanes> {
    let times = || attempts(suite).map(|(_, attempt)| times(attempt, span));
    let from = times().map(|(from, _)| from).min()?;
    let to = times().map(|(_, to)| to).max()?;
    let (cases, hidden) = case_lanes(suite, span);
    let is_bad = cases.iter().any(|lane| !lane.verdict.is_good());
    Some(SuiteLanes {
        lane: Lane {
            name: clean(&suite.name),
            verdict: span.word(suite.verdict),
            told: told(from, to, 1),
            bars: vec![bar(span.word(suite.verdict), from, to, span, 1)],
        },
        cases,
        hidden,
        is_open: may_be_open || is_bad,
    })
}

/// The lanes in the order of their start, and how many are left out: the gravest and the longest stay.
fn case_lanes(suite: &Suite, span: &Span) -> (Vec<Lane>, usize) {
    let setup = suite.setup.iter().map(|attempt| hook("setup", attempt));
    let teardown = suite.teardown.iter();
    let teardown = teardown.map(|attempt| hook("teardown", attempt));
    let ran = suite.cases.iter().filter(|case| !case.attempts.is_empty());
    let ran = ran.map(|case| Row {
        name: &case.name,
        verdict: case.verdict,
        attempts: &case.attempts,
    });
    let mut rows: Vec<Row<'_>> = setup.chain(ran).chain(teardown).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.rank()));
    let hidden = rows.len().saturating_sub(MAX_LANES);
    rows.truncate(MAX_LANES);
    rows.sort_by_key(Row::start);
    (
        rows.iter().map(|row| case_lane(row, span)).collect(),
        hidden,
    )
}

/// What has a lane of its own.
struct Row<'a> {
    name: &'a str,
    verdict: Option<Verdict>,
    attempts: &'a [Attempt],
}

fn hook<'a>(name: &'a str, attempt: &'a Attempt) -> Row<'a> {
    Row {
        name,
        verdict: attempt.outcome.as_ref().map(|outcome| outcome.verdict),
        attempts: std::slice::from_ref(attempt),
    }
}

impl Row<'_> {
    /// The gravest, and of those the longest, is the greatest.
    fn rank(&self) -> (bool, Option<Verdict>, Option<u64>) {
        let longest = self
            .attempts
            .iter()
            .map(|attempt| attempt.duration_ns)
            .max();
        (self.verdict.is_none(), self.verdict, longest)
    }

    fn start(&self) -> u64 {
        let starts = self.attempts.iter().map(|attempt| attempt.started_at_ns);
        starts.min().unwrap_or_default()
    }
}

fn case_lane(row: &Row<'_>, span: &Span) -> Lane {
    let attempts = row.attempts;
    let from = row.start();
    let to = attempts.iter().map(|attempt| times(attempt, span).1).max();
    let bars = attempts.iter().map(|attempt| {
        let (from, to) = times(attempt, span);
        let verdict = attempt.outcome.as_ref().map(|outcome| outcome.verdict);
        bar(span.word(verdict), from, to, span, attempt.attempt)
    });
    Lane {
        name: clip(&clean(row.name), MAX_NAME),
        verdict: span.word(row.verdict),
        told: told(from, to.unwrap_or(from), attempts.len()),
        bars: bars.take(MAX_BARS).collect(),
    }
}

fn bar(verdict: Word, from: u64, to: u64, span: &Span, attempt: u32) -> LaneBar {
    let (x, width) = span.bar(from, to);
    let attempt = match attempt {
        1 => String::new(),
        further => format!("attempt {further}: "),
    };
    LaneBar {
        verdict,
        x,
        width,
        title: format!(
            "{attempt}{verdict}, {} from {}",
            time(to - from),
            moment(seconds(from))
        ),
    }
}

fn told(from: u64, to: u64, attempts: usize) -> String {
    let attempts = match attempts {
        1 => String::new(),
        several => format!(" in {several} attempts"),
    };
    format!(
        "from {} for {}{attempts}",
        moment(seconds(from)),
        time(to.saturating_sub(from))
    )
}

/// From when to when an attempt ran. One that told no end ran until all did.
fn times(attempt: &Attempt, span: &Span) -> (u64, u64) {
    let to = match attempt.outcome {
        Some(_) => attempt.started_at_ns.saturating_add(attempt.duration_ns),
        None => span.end_ns,
    };
    (attempt.started_at_ns, to.max(attempt.started_at_ns))
}

/// The course in figures; of a long one each row is that of several points.
fn course_table(course: &[CoursePoint]) -> Table {
    let head = [
        "from",
        "requests",
        "no answer",
        "status from 500",
        "slowest answer",
        "of loads",
        "failed",
    ];
    let rows = course
        .chunks(course.len().div_ceil(MAX_ROWS).max(1))
        .map(|points| {
            let sum = |of: fn(&CoursePoint) -> u64| points.iter().map(of).sum::<u64>().to_string();
            let slowest = points.iter().filter_map(|point| point.slowest_ns).max();
            vec![
                moment(seconds(points[0].at_ms.saturating_mul(1_000_000))),
                sum(|point| point.requests),
                sum(|point| point.unanswered),
                sum(|point| point.server_errors),
                slowest.map_or_else(|| "none".to_owned(), time),
                sum(|point| point.load_requests),
                sum(|point| point.failed_load_requests),
            ]
        });
    Table {
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sees more than four digits of it"
)]
pub(super) fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// A share in percent, to a hundredth.
fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How high a strip is, in units of a drawing.
pub(super) fn height(share: f64) -> String {
    number((1.0 - share) * HEIGHT)
}
