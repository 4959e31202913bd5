//! The keys of `[prometheus]`: the ways in which a run is told to Prometheus. Without any of them nothing is.

use std::{net::SocketAddr, path::Path, time::Duration};

use assay_report::hint::Hinted;
use assay_telemetry::prometheus::{
    DEFAULT_INTERVAL, Destination, Histograms, Listen, MAX_INTERVAL, MIN_INTERVAL, PrometheusError,
    RemoteWrite, Settings,
};

use crate::config::{
    entry::{Entry, find},
    error::ConfigError,
};

/// The names of the keys.
const KEYS: [&str; 12] = [
    "listen",
    "linger",
    "textfile",
    "pushgateway",
    "pushgateway-headers",
    "remote-write",
    "remote-write-headers",
    "interval",
    "histograms",
    "job",
    "instance",
    "timeout",
];
/// Keys that say nothing where the other one is not given.
const NEED: [(&str, &str); 5] = [
    ("linger", "listen"),
    ("pushgateway-headers", "pushgateway"),
    ("remote-write-headers", "remote-write"),
    ("interval", "remote-write"),
    ("histograms", "remote-write"),
];
/// The longest time that the end of a run may wait for a scrape.
const MAX_LINGER: Duration = Duration::from_mins(10);
/// The longest time that a push or a write may take.
const MAX_TIMEOUT: Duration = Duration::from_mins(1);

/// The table of the file, if no key of it is unknown.
pub(super) fn table(top: &[Entry]) -> Result<&[Entry], ConfigError> {
    find(top, "prometheus").map_or(Ok(&[][..]), |prometheus| {
        prometheus.table_of("key of `[prometheus]`", &KEYS)
    })
}

/// Reads the table. The path of the textfile starts at `root`.
pub(super) fn read(table: &[Entry], root: &Path) -> Result<Settings, ConfigError> {
    for (key, needed) in NEED {
        if let Some(entry) = find(table, key)
            && find(table, needed).is_none()
        {
            let message = format!("it says nothing without `{needed}`");
            return Err(entry.wrong(message, format!("give `{needed}` too, or leave it out")));
        }
    }
    let mut settings = Settings::default();
    if let Some(entry) = find(table, "timeout") {
        settings.timeout = entry.duration(Duration::from_millis(1)..=MAX_TIMEOUT)?;
    }
    if let Some(entry) = find(table, "job") {
        settings.job = label(entry)?;
    }
    if let Some(entry) = find(table, "instance") {
        settings.instance = Some(label(entry)?);
    }
    settings.textfile = find(table, "textfile")
        .map(|entry| Ok(root.join(entry.text()?)))
        .transpose()?;
    settings.listen = find(table, "listen")
        .map(|entry| listen(entry, table))
        .transpose()?;
    settings.pushgateway = find(table, "pushgateway")
        .map(|entry| destination("pushgateway", entry, find(table, "pushgateway-headers")))
        .transpose()?;
    settings.remote_write = find(table, "remote-write")
        .map(|entry| remote_write(entry, table))
        .transpose()?;
    Ok(settings)
}

fn listen(entry: &Entry, table: &[Entry]) -> Result<Listen, ConfigError> {
    let text = entry.text()?;
    let named = text.strip_prefix("localhost:");
    let address = named.map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    let address: SocketAddr = address.parse().map_err(|_| {
        let hint = "write it like \"127.0.0.1:9464\"; port 0 takes one that is free";
        entry.wrong(format_args!("`{text}` is no address with a port"), hint)
    })?;
    if !address.ip().is_loopback() {
        let refused = PrometheusError::NotLoopback(address);
        return Err(entry.wrong(
            "others can reach this address",
            refused.hint().unwrap_or_default(),
        ));
    }
    let linger = find(table, "linger").map_or(Ok(Duration::ZERO), |entry| {
        entry.duration(Duration::ZERO..=MAX_LINGER)
    })?;
    Ok(Listen { address, linger })
}

fn remote_write(entry: &Entry, table: &[Entry]) -> Result<RemoteWrite, ConfigError> {
    let interval = find(table, "interval").map_or(Ok(DEFAULT_INTERVAL), |entry| {
        entry.duration(MIN_INTERVAL..=MAX_INTERVAL)
    })?;
    let histograms = find(table, "histograms").map_or(Ok(Histograms::default()), histograms)?;
    let headers = find(table, "remote-write-headers");
    Ok(RemoteWrite {
        destination: destination("remote-write", entry, headers)?,
        interval,
        histograms,
    })
}

fn histograms(entry: &Entry) -> Result<Histograms, ConfigError> {
    match entry.text()? {
        "classic" => Ok(Histograms::Classic),
        "native" => Ok(Histograms::Native),
        "both" => Ok(Histograms::Both),
        other => Err(ConfigError::unknown(
            &entry.origin,
            "form of histograms",
            other,
            ["classic", "native", "both"],
        )),
    }
}

fn destination(
    key: &'static str,
    entry: &Entry,
    headers: Option<&Entry>,
) -> Result<Destination, ConfigError> {
    let headers = headers.map_or(Ok(Vec::new()), self::headers)?;
    Destination::new(key, entry.text()?, headers).map_err(|error| {
        ConfigError::new(
            &entry.origin,
            error.to_string(),
            error.hint().unwrap_or_default(),
        )
    })
}

/// Names and values.
pub(super) fn headers(table: &Entry) -> Result<Vec<(&str, &str)>, ConfigError> {
    let headers = table.table()?.iter();
    headers
        .map(|header| Ok((header.key.as_str(), header.text()?)))
        .collect()
}

/// A label that is empty is none to Prometheus.
fn label(entry: &Entry) -> Result<String, ConfigError> {
    let text = entry.text()?;
    if text.is_empty() {
        return Err(entry.wrong(
            "a label without a value is none",
            "give it a value, or leave it out",
        ));
    }
    Ok(text.to_owned())
}
