//! The keys of `[run]`: what kind each is, what holds when nobody says anything, and the names they have as variables.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use assay_report::{
    event::{NoShard, Shard},
    hint::Hinted as _,
};

use crate::config::{
    Limits,
    entry::{Entry, Value, find},
    error::ConfigError,
    grants::Trust,
    origin::Origin,
};

/// The environment that has no services of its own; it always exists.
pub const NO_ENVIRONMENT: &str = "none";
/// The environment of a run that does not say, if `assay.toml` declares it.
pub const DEFAULT_ENVIRONMENT: &str = "embedded";
/// The profile of a run that does not say. It always exists.
pub const DEFAULT_PROFILE: &str = "default";

/// Cases that may run at once.
pub const MAX_JOBS: u64 = 1_024;
/// Further attempts that a case may get.
pub const MAX_RETRIES: u64 = 100;
/// Wall-clock time that an attempt may get.
pub const TIMEOUTS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_hours(24);
/// How many percent of a load may be missing where machines are lost; 0 is none, and the load is lost. Half of it is no load that says anything of
/// the whole.
pub const REFILLS: std::ops::RangeInclusive<i64> = 0..=50;
/// Linear memory that an attempt may get: a page to all that 32 bits reach.
pub const MEMORIES: std::ops::RangeInclusive<usize> = (64 << 10)..=(4 << 30);
/// Bytes of output that are kept.
pub const OUTPUTS: std::ops::RangeInclusive<usize> = 0..=(64 << 20);

/// The keys of `[run]` and what holds when nobody says anything. The kind of the default is the kind of the key.
fn defaults(seed: u64, environment: &str) -> [(&'static str, Value); 15] {
    let text = |text: &str| Value::Text(text.to_owned());
    [
        ("environment", text(environment)),
        ("profile", text(DEFAULT_PROFILE)),
        ("jobs", Value::Integer(4)),
        ("retries", Value::Integer(0)),
        ("shard", Value::Text(Shard::WHOLE.to_string())),
        ("fail-fast", Value::Boolean(false)),
        ("refill", Value::Integer(0)),
        ("timeout", text("60s")),
        ("memory", text("64MiB")),
        ("output-limit", text("64KiB")),
        ("report-dir", text("reports")),
        ("cache-dir", text(".assay/cache")),
        ("traceparent", Value::Boolean(true)),
        ("trust", text("own")),
        ("seed", Value::Integer(seed.cast_signed() & i64::MAX)),
    ]
}

/// The values that hold when nobody says anything.
pub fn default_entries(seed: u64, environment: &str) -> Vec<Entry> {
    defaults(seed, environment)
        .into_iter()
        .map(|(key, value)| {
            let origin = match key {
                "seed" => Origin::Random,
                _ => Origin::Default,
            };
            Entry::new(key, value, origin)
        })
        .collect()
}

/// The names of the keys.
pub fn keys() -> [&'static str; 15] {
    defaults(0, "").map(|(key, _)| key)
}

/// The variable that sets a key: `ASSAY_FAIL_FAST` for `fail-fast`.
pub fn variable(key: &str) -> String {
    format!("ASSAY_{}", key.to_uppercase().replace('-', "_"))
}

/// The value of a key that was given as plain text, as in a variable.
pub fn parse(key: &str, text: &str, origin: &Origin) -> Entry {
    let kind = defaults(0, "").into_iter().find(|(known, _)| *known == key);
    let as_text = || Value::Text(text.to_owned());
    let value = match kind {
        Some((_, Value::Integer(_))) => text
            .trim()
            .parse()
            .map_or_else(|_| as_text(), Value::Integer),
        Some((_, Value::Boolean(_))) => text
            .trim()
            .parse()
            .map_or_else(|_| as_text(), Value::Boolean),
        _ => as_text(),
    };
    // A text in the place of a number is refused where all values are read, with its origin.
    Entry::new(key, value, origin.clone())
}

/// The values of `[run]`, read.
#[derive(Clone, Debug)]
pub struct Run {
    /// The chosen environment.
    pub environment: Entry,
    /// The chosen profile.
    pub profile: Entry,
    /// See [`crate::config::Settings::jobs`].
    pub jobs: u32,
    /// See [`crate::config::Settings::retries`].
    pub retries: u32,
    /// See [`crate::config::Settings::shard`].
    pub shard: Shard,
    /// See [`crate::config::Settings::fail_fast`].
    pub fail_fast: bool,
    /// See [`crate::config::Settings::refill`].
    pub refill: Option<u32>,
    /// See [`crate::config::Settings::traceparent`].
    pub traceparent: bool,
    /// See [`crate::config::Settings::trust`].
    pub trust: Trust,
    /// See [`crate::config::Settings::report_dir`].
    pub report_dir: PathBuf,
    /// See [`crate::config::Settings::cache_dir`].
    pub cache_dir: Option<PathBuf>,
    /// See [`crate::config::Settings::seed`].
    pub seed: u64,
    /// See [`crate::config::Settings::limits`].
    pub limits: Limits,
}

impl Run {
    /// Reads entries in which no key is missing. Paths of the file and the defaults start at `root`, others at `directory`.
    pub fn read(entries: &[Entry], root: &Path, directory: &Path) -> Result<Self, ConfigError> {
        let get = |key: &str| {
            find(entries, key).ok_or_else(|| ConfigError {
                origin: Origin::Default,
                message: format!("`{key}` is missing"),
                hint: None,
            })
        };
        let small = |key: &str, range| {
            let entry = get(key)?;
            // All ranges end far below 2^32.
            entry
                .integer(range)
                .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        };
        let path = |key: &str| {
            let entry = get(key)?;
            let start = match entry.origin {
                Origin::Default | Origin::Random | Origin::File { .. } => root,
                Origin::Variable(_) | Origin::Argument(_) => directory,
            };
            let text = entry.text()?;
            Ok((!text.is_empty()).then(|| start.join(text)))
        };
        let refills = REFILLS.start().unsigned_abs()..=REFILLS.end().unsigned_abs();
        for key in ["environment", "profile"] {
            get(key)?.text()?;
        }
        Ok(Self {
            environment: get("environment")?.clone(),
            profile: get("profile")?.clone(),
            jobs: small("jobs", 1..=MAX_JOBS)?,
            retries: small("retries", 0..=MAX_RETRIES)?,
            shard: shard(get("shard")?)?,
            fail_fast: get("fail-fast")?.boolean()?,
            refill: Some(small("refill", refills)?).filter(|percent| *percent > 0),
            traceparent: get("traceparent")?.boolean()?,
            trust: Trust::read(get("trust")?)?,
            report_dir: path("report-dir")?.ok_or(()).or_else(|()| {
                Err(get("report-dir")?
                    .wrong("no folder is named", "name a folder, such as \"reports\""))
            })?,
            cache_dir: path("cache-dir")?,
            seed: get("seed")?.integer(0..=i64::MAX.cast_unsigned())?,
            limits: Limits {
                timeout: get("timeout")?.duration(TIMEOUTS)?,
                memory: get("memory")?.size(MEMORIES)?,
                output: get("output-limit")?.size(OUTPUTS)?,
            },
        })
    }
}

fn shard(entry: &Entry) -> Result<Shard, ConfigError> {
    if matches!(entry.origin, Origin::File { .. }) {
        return Err(entry.wrong(
            "a file would make each run of the project the same part of its plan",
            "give `--shard K/N` or `ASSAY_SHARD` where jobs are told from each other",
        ));
    }
    entry.text()?.parse().map_err(|error: NoShard| {
        let hint = error.hint().unwrap_or_default();
        entry.wrong(error, hint)
    })
}
