//! Prometheus's text format 0.0.4, read: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
//!
//! A page cut short by its sender is an error, and so is whatever the format does not allow: a check of a service's figures must not
//! pass because half of them could not be read.

mod line;

use std::collections::HashMap;

use thiserror::Error;

pub use line::is_name;
use line::{Labels, Line};

/// Samples of a page.
pub const MAX_SAMPLES: usize = 100_000;

/// What a metric is, in the words of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts in buckets.
    Histogram,
    /// Quantiles that the service computed.
    Summary,
    /// The text does not say.
    Untyped,
}

/// One sample of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The name of the sample: for a histogram with `_bucket`, `_sum` or `_count`.
    pub name: String,
    /// Names and values, in the order of the page.
    pub labels: Vec<(String, String)>,
    /// May be infinite or not a number.
    pub value: f64,
}

/// One family of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The name that `TYPE` and `HELP` give.
    pub name: String,
    /// From `TYPE`, and that of all its samples.
    pub kind: Kind,
    /// From `HELP`; none if there is none.
    pub help: Option<String>,
    /// In the order of the page.
    pub samples: Vec<Sample>,
}

/// A page that the format does not allow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct Malformed {
    /// From 1.
    line: usize,
    why: String,
}

/// Reads a page.
pub fn parse(bytes: &[u8]) -> Result<Vec<Family>, Malformed> {
    let mut page = Page::default();
    for (index, bytes) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        page.line(bytes).map_err(|why| Malformed {
            line: index + 1,
            why,
        })?;
    }
    Ok(page.families)
}

#[derive(Debug, Default)]
struct Page {
    families: Vec<Family>,
    /// Where the family of a name is.
    by_name: HashMap<String, Place>,
    samples: usize,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    index: usize,
    typed: bool,
}

impl Page {
    fn line(&mut self, bytes: &[u8]) -> Result<(), String> {
        let bytes = bytes
            .strip_suffix(b"\n")
            .ok_or("the page ends without a line feed, so it was cut off")?;
        let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8")?;
        match line::read(text)? {
            Line::Nothing => Ok(()),
            Line::Help { name, text } => self.help(name, text),
            Line::Type { name, kind } => self.kind(name, kind),
            Line::Sample {
                name,
                labels,
                value,
            } => self.sample(name, labels, value),
        }
    }

    fn help(&mut self, name: &str, text: String) -> Result<(), String> {
        let place = self.place(name);
        let family = &mut self.families[place.index];
        if family.help.is_some() {
            return Err(format!("a second HELP for `{name}`"));
        }
        family.help = Some(text);
        Ok(())
    }

    fn kind(&mut self, name: &str, kind: Kind) -> Result<(), String> {
        let place = self.place(name);
        let family = &mut self.families[place.index];
        if place.typed {
            return Err(format!("a second TYPE for `{name}`"));
        }
        if !family.samples.is_empty() {
            return Err(format!("the TYPE for `{name}` comes after its samples"));
        }
        family.kind = kind;
        self.by_name.insert(
            name.to_owned(),
            Place {
                typed: true,
                ..place
            },
        );
        Ok(())
    }

    fn sample(&mut self, name: &str, labels: Labels, value: f64) -> Result<(), String> {
        self.samples += 1;
        if self.samples > MAX_SAMPLES {
            return Err(format!("more than {MAX_SAMPLES} samples"));
        }
        let place = match self.gathering(name) {
            Some(place) => place,
            None => self.place(name),
        };
        let family = &mut self.families[place.index];
        family.samples.push(Sample {
            name: name.to_owned(),
            labels,
            value,
        });
        Ok(())
    }

    /// The histogram or summary that this sample is a part of. A family of exactly this name goes first.
    fn gathering(&self, name: &str) -> Option<Place> {
        if self.by_name.contains_key(name) {
            return None;
        }
        let of = |suffix, kinds: &[Kind]| {
            let place = *self.by_name.get(name.strip_suffix(suffix)?)?;
            kinds
                .contains(&self.families[place.index].kind)
                .then_some(place)
        };
        let both = [Kind::Histogram, Kind::Summary];
        of("_bucket", &both[..1])
            .or_else(|| of("_sum", &both))
            .or_else(|| of("_count", &both))
    }

    /// The family of that name, new if need be.
    fn place(&mut self, name: &str) -> Place {
        if let Some(place) = self.by_name.get(name) {
            return *place;
        }
        let place = Place {
            index: self.families.len(),
            typed: false,
        };
        self.families.push(Family {
            name: name.to_owned(),
            kind: Kind::Untyped,
            help: None,
            samples: Vec::new(),
        });
        self.by_name.insert(name.to_owned(), place);
        place
    }
}

#[cfg(test)]
mod tests;
