//! The interface `metrics`: figures of the suite's own, figures of the services, and baselines to judge them by.
//!
//! Own figures are kept for the whole run in [`series`], so that every case of a suite adds to the same ones; [`judge`] holds figures
//! against baselines; [`fetch`] asks services, and [`page`] and [`answer`] read what they say.

mod answer;
mod fetch;
mod figure;
mod histogram;
pub(crate) mod judge;
mod page;
mod phased;
mod series;
#[cfg(test)]
mod tests;
mod timeline;
mod units;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_report::event::{self, EncodedHistogram, Grade, MetricSnapshot};
use wasmtime::component::{Accessor, HasData};

use super::{http, recorder::Recorder};
use crate::{
    ledger::Span,
    plugin::bindings::assay::suite::metrics::{self, Error, Family, Scraped, Summary, Unit},
};

pub use figure::{BadFigure, Figure, FigureValue, Values};
use series::{Labels, Series};
pub(crate) use timeline::MAX_PARTS;

/// What all attempts of a suite in one run have in common: its baselines and its figures.
#[derive(Debug, Default)]
pub struct Shared {
    baselines: Vec<event::Baseline>,
    series: Mutex<Series>,
}

impl Shared {
    /// With the baselines of the suite and the levels that hold in this run.
    pub fn new(baselines: Vec<event::Baseline>) -> Self {
        Self {
            baselines,
            series: Mutex::default(),
        }
    }

    /// The same, and it is known of each figure when it was recorded: for a host that is told of them later.
    pub fn timed(baselines: Vec<event::Baseline>) -> Self {
        Self {
            baselines,
            series: Mutex::new(Series::timed()),
        }
    }

    /// All figures, sorted by name and labels.
    pub fn snapshot(&self) -> Vec<MetricSnapshot> {
        self.series().snapshot()
    }

    /// Whole distributions of those figures that are one.
    pub fn encoded(&self) -> Vec<EncodedHistogram> {
        self.series().encoded()
    }

    /// All figures as data, to be added to those of another machine.
    pub fn figures(&self) -> Vec<Figure> {
        self.series().figures()
    }

    /// All figures as data, in parts of which it is known when they were recorded, in the order of their time; at most [`MAX_PARTS`].
    pub(crate) fn timed_figures(&self) -> Vec<(Span, Figure)> {
        self.series().timed_figures()
    }

    /// Adds a figure that was recorded on another machine, which did not know of phases, in this one.
    pub(crate) fn absorb_as_of(
        &self,
        phase: event::Phase,
        figure: Figure,
    ) -> Result<(), BadFigure> {
        self.absorb(figure.of(phase)?)
    }

    /// Adds a figure that was recorded on another machine. The limits on what is recorded here hold for it, too.
    pub fn absorb(&self, figure: Figure) -> Result<(), BadFigure> {
        self.series().absorb(figure)
    }

    /// The baselines of the suite, with the levels that hold in this run.
    pub(crate) fn baselines(&self) -> &[event::Baseline] {
        &self.baselines
    }

    /// Judges a figure, and tells the attempt of `recorder`.
    pub(crate) fn judge(
        &self,
        baseline: &str,
        measurement: metrics::Measurement,
        recorder: &Recorder,
    ) -> Result<Grade, Error> {
        judge::judge(&self.baselines, baseline, measurement, recorder)
    }

    /// Adds to a counter.
    pub(crate) fn add(
        &self,
        phase: event::Phase,
        name: String,
        labels: Labels,
        add: f64,
    ) -> Result<(), Error> {
        self.series().add(phase, name, labels, add)
    }

    /// Sets a gauge.
    pub(crate) fn set(
        &self,
        phase: event::Phase,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> Result<(), Error> {
        self.series().set(phase, name, labels, value, unit)
    }

    /// Adds to a histogram.
    pub(crate) fn observe(
        &self,
        phase: event::Phase,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> Result<(), Error> {
        self.series().observe(phase, name, labels, value, unit)
    }

    /// What a histogram holds; none if nothing was observed under that name and labels.
    pub(crate) fn summarize(&self, name: String, labels: Labels) -> Option<Summary> {
        self.series().distribution(name, labels).map(Summary::from)
    }

    /// Every change of a figure is one assignment: a panic of another holder leaves nothing half-written.
    fn series(&self) -> MutexGuard<'_, Series> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one attempt has of it.
#[derive(Debug)]
pub struct Context {
    shared: Arc<Shared>,
    http: http::Context,
    recorder: Recorder,
    prometheus: Option<String>,
}

impl Context {
    /// For the attempt of `recorder`. Pages and queries go through the attempt's own client, so they are evidence like any request.
    /// `prometheus` is the base URL of the service of that name, if the environment has one.
    pub fn new(
        shared: Arc<Shared>,
        http: http::Context,
        recorder: Recorder,
        prometheus: Option<String>,
    ) -> Self {
        Self {
            shared,
            http,
            recorder,
            prometheus,
        }
    }
}

/// Names [`View`] to the linker.
#[derive(Debug)]
pub struct Metrics;

impl HasData for Metrics {
    type Data<'a> = View<'a>;
}

/// The attempt's figures, for the time of one call.
#[derive(Debug)]
pub struct View<'a> {
    context: &'a Context,
}

impl<'a> View<'a> {
    /// Borrows the attempt's context.
    pub fn new(context: &'a mut Context) -> Self {
        Self { context }
    }
}

impl metrics::Host for View<'_> {
    fn counter(
        &mut self,
        name: String,
        labels: Labels,
        add: f64,
    ) -> wasmtime::Result<Result<(), Error>> {
        let phase = self.context.recorder.phase();
        Ok(self.context.shared.add(phase, name, labels, add))
    }

    fn gauge(
        &mut self,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> wasmtime::Result<Result<(), Error>> {
        let phase = self.context.recorder.phase();
        let shared = &self.context.shared;
        Ok(shared.set(phase, name, labels, value, unit))
    }

    fn observe(
        &mut self,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> wasmtime::Result<Result<(), Error>> {
        let phase = self.context.recorder.phase();
        let shared = &self.context.shared;
        Ok(shared.observe(phase, name, labels, value, unit))
    }

    fn summarize(&mut self, name: String, labels: Labels) -> wasmtime::Result<Option<Summary>> {
        Ok(self.context.shared.summarize(name, labels))
    }

    fn judge(
        &mut self,
        baseline: String,
        measurement: metrics::Measurement,
    ) -> wasmtime::Result<Result<metrics::Grade, Error>> {
        let Context {
            shared, recorder, ..
        } = self.context;
        let grade = shared.judge(&baseline, measurement, recorder);
        Ok(grade.map(metrics::Grade::from))
    }
}

impl<T: Send> metrics::HostWithStore<T> for Metrics {
    async fn scrape(
        accessor: &Accessor<T, Self>,
        url: String,
    ) -> wasmtime::Result<Result<Vec<Family>, Error>> {
        let http = accessor.with(|mut access| access.get().context.http.clone());
        Ok(fetch::scrape(&http, url).await)
    }

    async fn query(
        accessor: &Accessor<T, Self>,
        promql: String,
    ) -> wasmtime::Result<Result<Vec<Scraped>, Error>> {
        let (http, prometheus) = accessor.with(|mut access| {
            let context = access.get().context;
            (context.http.clone(), context.prometheus.clone())
        });
        Ok(fetch::query(&http, prometheus.as_deref(), &promql).await)
    }
}

impl From<event::Distribution> for Summary {
    fn from(distribution: event::Distribution) -> Self {
        Self {
            count: distribution.count,
            mean: distribution.mean,
            min: distribution.min,
            p50: distribution.p50,
            p90: distribution.p90,
            p95: distribution.p95,
            p99: distribution.p99,
            p999: distribution.p999,
            max: distribution.max,
        }
    }
}

impl From<Grade> for metrics::Grade {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::Target => Self::Target,
            Grade::Critical => Self::Critical,
            Grade::Missed => Self::Missed,
        }
    }
}
