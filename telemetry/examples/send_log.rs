//! Sends a recorded run as traces, to wherever the variables of OpenTelemetry say:
//! `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run -p assay-telemetry --example send_log -- events.jsonl`.
//!
//! A log that is sent twice gives the same spans again, at the times at which they were.

#![expect(clippy::print_stderr, reason = "it is a program of its own")]

use std::{error::Error, path::PathBuf};

use assay_report::{Reporter as _, hint::told, replay};
use assay_telemetry::opentelemetry::{Clock, Exporter, Given, Settings};

fn main() -> Result<(), Box<dyn Error>> {
    let log = std::env::args_os().nth(1).map(PathBuf::from);
    let log = log.ok_or("name a log: `events.jsonl` of a report folder")?;
    let variable = |name: &str| std::env::var(name).ok();
    let resolved = Settings::resolve(&Given::default(), variable).map_err(|error| told(&error))?;
    for warning in resolved.warnings {
        eprintln!("warning: {warning}");
    }
    let settings = resolved
        .settings
        .ok_or("name a receiver: `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318`")?;
    let mut exporter = Exporter::start(&settings, Clock::Recorded)?;
    let mut heard = Ok(());
    replay(&log, |event| {
        if heard.is_ok() {
            heard = exporter.event(event);
        }
    })?;
    heard?;
    Ok(exporter.finish().map_err(|error| told(&error))?)
}
