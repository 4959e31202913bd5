//! What systems that watch others are told of a run: Prometheus and OpenTelemetry, where somebody asks for it.

use assay_report::{Reporter, exit::Exit};
use assay_telemetry::{
    opentelemetry::{self, Clock, Exporter},
    prometheus,
};

use super::output;
use crate::config::Settings;

/// The reporters that are asked for; an error is told, and is what the process ends with.
pub(super) fn reporters(settings: &Settings) -> Result<Vec<Box<dyn Reporter>>, Exit> {
    let prometheus::Listeners {
        mut reporters,
        listening,
    } = prometheus::listeners(&settings.prometheus)
        .map_err(|error| output::fail(&error, Exit::Config))?;
    if let Some(address) = listening {
        output::note(&format!("metrics  http://{address}/metrics"));
    }
    let variable = |name: &str| std::env::var(name).ok();
    let traces = opentelemetry::Settings::resolve(&settings.opentelemetry, variable)
        .map_err(|error| output::fail(&error, Exit::Config))?;
    if let Some(traces) = traces {
        let exporter = Exporter::start(&traces, Clock::Live)
            .map_err(|error| output::fail(&error, Exit::Report))?;
        reporters.push(Box::new(exporter));
    }
    Ok(reporters)
}
