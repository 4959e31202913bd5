//! The figures of a suite: which there are, what each is, and the limits on them.

use std::collections::{BTreeMap, btree_map::Entry};

use assay_formats::prometheus::is_name;
use assay_report::event::{self, Distribution, EncodedHistogram, MetricSnapshot, Phase};

use super::{
    figure::{BadFigure, Figure},
    histogram::{MAX_VALUE, STEPS_PER_UNIT},
    phased::{self, Phased},
    timeline::Timeline,
    units::{unit_name, unit_of, unit_text},
};
use crate::{
    ledger::Span,
    plugin::bindings::assay::suite::metrics::{Error, Unit},
};

/// Series of a suite, of all kinds together.
pub(super) const MAX_SERIES: usize = 1_000;
/// Histograms of a suite: each takes up to 408 KiB for each phase in which it was observed, so all of them up to 126 MB.
pub(super) const MAX_HISTOGRAMS: usize = 100;
/// Labels of a series.
pub(super) const MAX_LABELS: usize = 10;
/// Bytes of the value of a label.
pub(super) const MAX_LABEL_VALUE_BYTES: usize = 128;
/// Bytes of a name, of a series or a label.
pub(super) const MAX_NAME_BYTES: usize = 256;

/// As they come from the suite.
pub(super) type Labels = Vec<(String, String)>;

/// All figures of a suite.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// By name and labels, so sorted as reports want them.
    values: BTreeMap<Key, Phased>,
    /// What the first use of a name made it.
    families: BTreeMap<String, (Kind, Unit)>,
    /// How many of the values are histograms.
    histograms: usize,
    /// When they were recorded, if somebody wants to know.
    timeline: Option<Timeline>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Series {
    /// Nothing yet, and from now on also when it is recorded.
    pub(super) fn timed() -> Self {
        Self {
            timeline: Some(Timeline::new()),
            ..Self::default()
        }
    }

    /// Adds to a counter.
    pub(super) fn add(
        &mut self,
        phase: Phase,
        name: String,
        labels: Labels,
        add: f64,
    ) -> Result<(), Error> {
        if !add.is_finite() || add < 0.0 {
            return Err(invalid(format!(
                "a counter takes a finite number of at least 0, not {add}"
            )));
        }
        let key = key(name, labels)?;
        let timed = self.timed_key(&key);
        let value = self.value(key, Kind::Counter, Unit::None)?;
        if let Phased::Counter(counter) = value
            && !counter.add(phase, add)
        {
            return Err(invalid(format!(
                "{add} more is beyond what a counter holds"
            )));
        }
        self.note(timed, Kind::Counter, |part| {
            if let Phased::Counter(counter) = part {
                counter.add(phase, add);
            }
        });
        Ok(())
    }

    /// Sets a gauge.
    pub(super) fn set(
        &mut self,
        phase: Phase,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(invalid(format!(
                "a gauge takes a finite number, not {value}"
            )));
        }
        let key = key(name, labels)?;
        let timed = self.timed_key(&key);
        let set = |part: &mut Phased| {
            if let Phased::Gauge(gauge) = part {
                gauge.set(phase, value);
            }
        };
        set(self.value(key, Kind::Gauge, unit)?);
        self.note(timed, Kind::Gauge, set);
        Ok(())
    }

    /// Adds to a histogram.
    pub(super) fn observe(
        &mut self,
        phase: Phase,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> Result<(), Error> {
        if !(0.0..=MAX_VALUE).contains(&value) {
            return Err(invalid(format!(
                "a histogram takes a number from 0 to 10^12, not {value}"
            )));
        }
        let key = key(name, labels)?;
        let timed = self.timed_key(&key);
        if let Phased::Histogram(histogram) = self.value(key, Kind::Histogram, unit)? {
            let recorded = histogram.record(phase, value);
            recorded.map_err(Error::Unsupported)?;
        }
        self.note(timed, Kind::Histogram, |part| {
            if let Phased::Histogram(histogram) = part {
                // What the one takes the other one does.
                let _ = histogram.record(phase, value);
            }
        });
        Ok(())
    }

    /// The same key, if somebody wants to know when something is recorded under it.
    fn timed_key(&self, key: &Key) -> Option<Key> {
        self.timeline.is_some().then(|| key.clone())
    }

    /// Records with its time what was recorded.
    fn note(&mut self, key: Option<Key>, kind: Kind, record: impl FnOnce(&mut Phased)) {
        if let (Some(timeline), Some(key)) = (&mut self.timeline, key) {
            timeline.record(key, kind.empty(), record);
        }
    }

    /// What a histogram holds; none if there is no histogram of that name and labels.
    pub(super) fn distribution(&self, name: String, labels: Labels) -> Option<Distribution> {
        match self.values.get(&key(name, labels).ok()?)? {
            Phased::Histogram(histogram) => histogram.distribution(),
            Phased::Counter(_) | Phased::Gauge(_) => None,
        }
    }

    /// All of them, sorted by name and labels.
    pub(super) fn snapshot(&self) -> Vec<MetricSnapshot> {
        self.values
            .iter()
            .filter_map(|(key, value)| {
                let (_, unit) = self.families.get(&key.name)?;
                Some(MetricSnapshot {
                    name: key.name.clone(),
                    labels: key.labels.clone(),
                    unit: unit_name(*unit).to_owned(),
                    value: value.total()?,
                    by_phase: value.by_phase(),
                })
            })
            .collect()
    }

    /// Whole distributions of those that are one, by phase, sorted by name and labels.
    pub(super) fn encoded(&self) -> Vec<EncodedHistogram> {
        let mut encoded = Vec::new();
        for (key, value) in &self.values {
            let (Phased::Histogram(parts), Some((_, unit))) = (value, self.families.get(&key.name))
            else {
                continue;
            };
            let metric = event::series(&key.name, &key.labels);
            encoded.extend(parts.texts().map(|(phase, histogram)| EncodedHistogram {
                metric: metric.clone(),
                unit: unit_name(*unit).to_owned(),
                steps_per_unit: STEPS_PER_UNIT,
                phase,
                histogram,
            }));
        }
        encoded
    }

    /// All of them as data.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let values = self.values.iter();
        values
            .filter_map(|(key, value)| self.figure(key, value))
            .collect()
    }

    /// The same in the parts of which it is known when they were recorded, in the order of their time.
    pub(super) fn timed_figures(&self) -> Vec<(Span, Figure)> {
        let parts = self.timeline.iter().flat_map(Timeline::parts);
        parts
            .filter_map(|(span, key, part)| Some((span, self.figure(key, part)?)))
            .collect()
    }

    fn figure(&self, key: &Key, value: &Phased) -> Option<Figure> {
        let (_, unit) = self.families.get(&key.name)?;
        Some(Figure {
            name: key.name.clone(),
            labels: key.labels.clone(),
            unit: unit_text(*unit).to_owned(),
            value: value.value(),
        })
    }

    /// Adds one that was recorded elsewhere, within the limits of what is recorded here.
    pub(super) fn absorb(&mut self, figure: Figure) -> Result<(), BadFigure> {
        let Figure {
            name,
            labels,
            unit,
            value,
        } = figure;
        let unit = unit_of(&unit).ok_or_else(|| {
            BadFigure(format!(
                "`{}` is no unit of the contract; run hosts of one version",
                unit.escape_debug()
            ))
        })?;
        let read = Phased::read(&value).map_err(BadFigure)?;
        let key = key(name, labels.into_iter().collect()).map_err(bad)?;
        let known = self.value(key, Kind::of(&read), unit).map_err(bad)?;
        known.absorb(read).map_err(BadFigure)
    }

    /// The series of that key, new or as it is. Always of the kind that is asked for, since a name keeps its kind.
    fn value(&mut self, key: Key, kind: Kind, unit: Unit) -> Result<&mut Phased, Error> {
        if let Some(&(known_kind, known_unit)) = self.families.get(&key.name)
            && (known_kind, known_unit) != (kind, unit)
        {
            return Err(invalid(format!(
                "`{}` is a {} in `{}` since its first use, and cannot be a {} in `{}`",
                key.name,
                kind_name(known_kind),
                unit_text(known_unit),
                kind_name(kind),
                unit_text(unit),
            )));
        }
        let full = self.values.len() >= MAX_SERIES;
        let is_histogram = kind == Kind::Histogram;
        match self.values.entry(key) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(vacant) if full => Err(invalid(format!(
                "`{}` would be one more than {MAX_SERIES} series; put fewer different values into labels",
                vacant.key().name
            ))),
            Entry::Vacant(vacant) if is_histogram && self.histograms >= MAX_HISTOGRAMS => {
                Err(invalid(format!(
                    "`{}` would be one more than {MAX_HISTOGRAMS} histograms; put fewer different values into labels",
                    vacant.key().name
                )))
            }
            Entry::Vacant(vacant) => {
                self.families
                    .insert(vacant.key().name.clone(), (kind, unit));
                self.histograms += usize::from(is_histogram);
                Ok(vacant.insert(kind.empty()))
            }
        }
    }
}

impl Kind {
    fn of(value: &Phased) -> Self {
        match value {
            Phased::Counter(_) => Self::Counter,
            Phased::Gauge(_) => Self::Gauge,
            Phased::Histogram(_) => Self::Histogram,
        }
    }

    fn empty(self) -> Phased {
        match self {
            Self::Counter => Phased::Counter(phased::Counter::default()),
            Self::Gauge => Phased::Gauge(phased::Gauge::default()),
            Self::Histogram => Phased::Histogram(phased::Distributions::default()),
        }
    }
}

fn key(name: String, labels: Labels) -> Result<Key, Error> {
    check_name("name", &name)?;
    if labels.len() > MAX_LABELS {
        return Err(invalid(format!(
            "`{name}` has {} labels, at most {MAX_LABELS} are kept",
            labels.len()
        )));
    }
    let mut sorted = BTreeMap::new();
    for (label, value) in labels {
        check_name("label", &label)?;
        if value.len() > MAX_LABEL_VALUE_BYTES {
            return Err(invalid(format!(
                "the label `{label}` has a value of {} bytes, at most {MAX_LABEL_VALUE_BYTES} are kept",
                value.len()
            )));
        }
        if sorted.contains_key(&label) {
            return Err(invalid(format!("the label `{label}` is there twice")));
        }
        sorted.insert(label, value);
    }
    Ok(Key {
        name,
        labels: sorted,
    })
}

fn check_name(what: &str, name: &str) -> Result<(), Error> {
    if name.len() > MAX_NAME_BYTES {
        return Err(invalid(format!(
            "a {what} of {} bytes, at most {MAX_NAME_BYTES} are kept",
            name.len()
        )));
    }
    if !is_name(name) {
        return Err(invalid(format!(
            "the {what} `{}` is not `[a-zA-Z_:][a-zA-Z0-9_:]*`",
            name.escape_debug()
        )));
    }
    Ok(())
}

fn invalid(text: String) -> Error {
    Error::Invalid(text)
}

/// Each error of the contract is a text for a person.
fn bad(error: Error) -> BadFigure {
    match error {
        Error::Denied(text)
        | Error::Invalid(text)
        | Error::UnknownBaseline(text)
        | Error::NoSamples(text)
        | Error::Unreachable(text)
        | Error::Malformed(text)
        | Error::Unsupported(text) => BadFigure(text),
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    }
}
