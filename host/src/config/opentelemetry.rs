//! The keys of `[opentelemetry]`: where traces of runs go. The variables of the OpenTelemetry specification count before them, and are read
//! by whoever begins a run.

use assay_telemetry::opentelemetry::{Endpoint, Given, Headers, TIMEOUTS};

use crate::config::{
    entry::{Entry, find},
    error::ConfigError,
    prometheus::headers,
};

/// The names of the keys.
const KEYS: [&str; 4] = ["endpoint", "headers", "resource", "timeout"];

/// The table of the file, if no key of it is unknown.
pub(super) fn table(top: &[Entry]) -> Result<&[Entry], ConfigError> {
    find(top, "opentelemetry").map_or(Ok(&[][..]), |opentelemetry| {
        opentelemetry.table_of("key of `[opentelemetry]`", &KEYS)
    })
}

/// Reads the table.
pub(super) fn read(table: &[Entry]) -> Result<Given, ConfigError> {
    let mut given = Given::default();
    for entry in table {
        match entry.key.as_str() {
            "endpoint" => given.endpoint = Some(endpoint(entry)?.to_owned()),
            "headers" => given.headers = sent(entry)?,
            "resource" => {
                let pairs = headers(entry)?.into_iter();
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                given.resource = pairs.collect();
            }
            _ => given.timeout = Some(entry.duration(TIMEOUTS)?),
        }
    }
    Ok(given)
}

fn endpoint(entry: &Entry) -> Result<&str, ConfigError> {
    let text = entry.text()?;
    if Endpoint::of_base(text).is_none() {
        return Err(entry.wrong(
            "it is no URL of `http` or `https`",
            "write it like \"http://127.0.0.1:4318\"",
        ));
    }
    Ok(text)
}

fn sent(table: &Entry) -> Result<Headers, ConfigError> {
    let mut sent = Headers::default();
    for (name, value) in headers(table)? {
        sent.set(name, value).map_err(|error| {
            let hint = "headers are of ASCII characters that can be seen; `content-type` and such are what is sent";
            table.wrong(format_args!("`{name}`: {error}"), hint)
        })?;
    }
    Ok(sent)
}
