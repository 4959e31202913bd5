//! The keys of `[history]`: where runs are kept and for how long, and by how much a run may be slower than former ones.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use assay_history::{
    regression::{Bound, MAX_AGAINST, PERCENTS, Percentile},
    store::{Keep, MAX_AGE, MAX_RUNS},
};

use crate::config::{
    entry::{Entry, Value, find},
    error::ConfigError,
    origin::Origin,
    quantity,
};

/// The names of the keys.
const KEYS: [&str; 6] = [
    "enabled",
    "file",
    "keep-runs",
    "keep-for",
    "against",
    "fail-on-regression",
];
/// Where the history is when nobody says anything, from the folder of the configuration.
const DEFAULT_FILE: &str = ".assay/history.db";
/// The age to which runs are kept when nobody says anything: that of [`Keep::default`].
const DEFAULT_AGE: &str = "365d";
/// The least age to which runs may be kept.
const MIN_AGE: Duration = Duration::from_hours(1);
/// Bounds that may be given.
pub(super) const MAX_BOUNDS: usize = 1_000;

/// What is kept of runs, and how a run is judged by former ones.
#[derive(Clone, Debug, PartialEq)]
pub struct HistorySettings {
    /// Whether a run is kept and compared.
    pub enabled: bool,
    /// The database.
    pub file: PathBuf,
    /// What is kept.
    pub keep: Keep,
    /// How many former good runs a run is compared with.
    pub against: u32,
    /// By how much percentiles may be greater than before; empty: nothing is compared.
    pub bounds: Vec<Bound>,
}

/// The table of the file, if no key of it is unknown.
pub(super) fn table(top: &[Entry]) -> Result<&[Entry], ConfigError> {
    find(top, "history").map_or(Ok(&[][..]), |history| {
        history.table_of("key of `[history]`", &KEYS)
    })
}

/// The defaults, over them what the file says, and over that what the command line does. A value replaces the whole one below it.
pub(super) fn entries(file: &[Entry], given: &[(&'static str, String)]) -> Vec<Entry> {
    let runs = Keep::default().runs;
    let defaults = [
        ("enabled", Value::Boolean(true)),
        ("file", Value::Text(DEFAULT_FILE.to_owned())),
        ("keep-runs", Value::Integer(runs.into())),
        ("keep-for", Value::Text(DEFAULT_AGE.to_owned())),
        ("against", Value::Integer(1)),
    ];
    let defaults = defaults.map(|(key, value)| Entry::new(key, value, Origin::Default));
    let given = given.iter().map(|(key, text)| {
        let (argument, value) = match *key {
            "enabled" => ("no-history", Value::Boolean(text == "true")),
            "file" => ("history", Value::Text(text.clone())),
            other => (other, Value::Text(text.clone())),
        };
        Entry::new(key, value, Origin::Argument(format!("--{argument}")))
    });
    let mut entries: Vec<Entry> = defaults.into();
    for entry in file.iter().cloned().chain(given) {
        entries.retain(|below| below.key != entry.key);
        entries.push(entry);
    }
    entries.sort_by_key(|entry| KEYS.iter().position(|key| *key == entry.key));
    entries
}

impl HistorySettings {
    /// Reads entries. The path of the file and the default start at `root`, that of an argument at `directory`.
    pub(super) fn read(
        entries: &[Entry],
        root: &Path,
        directory: &Path,
    ) -> Result<Self, ConfigError> {
        let mut settings = Self {
            enabled: true,
            file: root.join(DEFAULT_FILE),
            keep: Keep::default(),
            against: 1,
            bounds: Vec::new(),
        };
        for entry in entries {
            match entry.key.as_str() {
                "enabled" => settings.enabled = entry.boolean()?,
                "file" => settings.file = file(entry, root, directory)?,
                "keep-runs" => settings.keep.runs = small(entry, MAX_RUNS)?,
                "keep-for" => {
                    settings.keep.age = entry.duration(MIN_AGE..=MAX_AGE)?;
                }
                "against" => settings.against = small(entry, MAX_AGAINST)?,
                _ => settings.bounds = bounds(entry)?,
            }
        }
        Ok(settings)
    }
}

/// An age to which runs may be kept, as an argument gives it.
pub fn duration_of_age(text: &str) -> Result<Duration, String> {
    let age = quantity::duration(text)?;
    if (MIN_AGE..=MAX_AGE).contains(&age) {
        return Ok(age);
    }
    Err("it is not from 1h to 3650d".to_owned())
}

fn small(entry: &Entry, most: u32) -> Result<u32, ConfigError> {
    let number = entry.integer(1..=most.into())?;
    Ok(u32::try_from(number).unwrap_or(most))
}

fn file(entry: &Entry, root: &Path, directory: &Path) -> Result<PathBuf, ConfigError> {
    let start = match entry.origin {
        Origin::Argument(_) | Origin::Variable(_) => directory,
        Origin::Default | Origin::Random | Origin::File { .. } => root,
    };
    let text = entry.text()?;
    if text.is_empty() {
        let hint = format!("name a file, such as \"{DEFAULT_FILE}\", or write `enabled = false`");
        return Err(entry.wrong("no file is named", hint));
    }
    Ok(start.join(text))
}

/// `"10 %"` for the 95th percentile of everything, or a table: percentiles of everything, and patterns with percentiles of their own.
fn bounds(entry: &Entry) -> Result<Vec<Bound>, ConfigError> {
    let Value::Table(table) = &entry.value else {
        return Ok(vec![bound("*", Percentile::P95, entry)?]);
    };
    let mut bounds = Vec::new();
    for inner in table {
        if let Some(percentile) = percentile(&inner.key) {
            bounds.push(bound("*", percentile, inner)?);
            continue;
        }
        if !inner.key.contains(['/', '*']) {
            let words = Percentile::ALL.map(Percentile::word);
            let what = "key of `fail-on-regression`, which has percentiles and patterns such as `suite/*`,";
            return Err(ConfigError::unknown(&inner.origin, what, &inner.key, words));
        }
        let words = Percentile::ALL.map(Percentile::word);
        let what = format!("percentile of `fail-on-regression.\"{}\"`", inner.key);
        for percent in inner.table_of(&what, &words)? {
            // A key that is none was refused just now.
            if let Some(percentile) = percentile(&percent.key) {
                bounds.push(bound(&inner.key, percentile, percent)?);
            }
        }
    }
    if bounds.len() > MAX_BOUNDS {
        let message = format!("{} bounds are more than {MAX_BOUNDS}", bounds.len());
        return Err(entry.wrong(message, "use patterns with `*`"));
    }
    Ok(bounds)
}

fn bound(pattern: &str, percentile: Percentile, percent: &Entry) -> Result<Bound, ConfigError> {
    Ok(Bound {
        pattern: pattern.to_owned(),
        percentile,
        percent: percent_of(percent)?,
    })
}

fn percentile(word: &str) -> Option<Percentile> {
    Percentile::ALL
        .into_iter()
        .find(|percentile| percentile.word() == word)
}

fn percent_of(entry: &Entry) -> Result<f64, ConfigError> {
    let number: Option<f64> = match &entry.value {
        Value::Text(text) => text
            .trim()
            .strip_suffix('%')
            .and_then(|number| number.trim().parse().ok()),
        _ => None,
    };
    number
        .filter(|number| PERCENTS.contains(number))
        .ok_or_else(|| {
            let message = format!("`{}` is no bound", entry.value);
            let hint = format!(
                "write a percentage from {} to {} in quotes, such as \"10 %\"",
                PERCENTS.start(),
                PERCENTS.end()
            );
            entry.wrong(message, hint)
        })
}
