//! Who watches a run while it goes on, where somebody asks for it: Prometheus, OpenTelemetry, and a person in front of a browser.

use assay_dashboard::{Address, Dashboard};
use assay_report::{Reporter, exit::Exit};
use assay_telemetry::{
    opentelemetry::{self, Clock, Exporter},
    prometheus::{self, PrometheusError},
};

use super::output;
use crate::{config::Settings, redact::Redactor};

/// The reporters that are asked for; an error is told, and is what the process ends with.
pub(super) fn reporters(settings: &Settings) -> Result<Vec<Box<dyn Reporter>>, Exit> {
    let prometheus::Listeners {
        mut reporters,
        listening,
    } = prometheus::listeners(&settings.prometheus)
        .map_err(|error| output::fail(&error, exit(&error)))?;
    if let Some(address) = listening {
        output::note(&format!("  metrics  http://{address}/metrics"));
    }
    learn_headers(&settings.redactor);
    let traces = opentelemetry::Settings::resolve(&settings.opentelemetry, variable)
        .map_err(|error| output::fail(&error, Exit::Config))?;
    for warning in &traces.warnings {
        output::note(&format!("warning: {warning}"));
    }
    if let Some(traces) = traces.settings {
        let exporter = Exporter::start(&traces, Clock::Live)
            .map_err(|error| output::fail(&error, Exit::Report))?;
        reporters.push(Box::new(exporter));
    }
    Ok(reporters)
}

/// Where the specification of OpenTelemetry has credentials. Services inherit these variables, and may log them.
fn learn_headers(redactor: &Redactor) {
    const LISTS: [&str; 2] = [
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    ];
    let lists = LISTS.into_iter().filter_map(variable);
    for list in lists {
        for (name, value) in list.split(',').filter_map(|pair| pair.split_once('=')) {
            let decoded = percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy();
            redactor.learn_credential(name.trim(), &decoded);
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Says why the end of the run takes time, if it may.
pub(super) fn tell_of_linger(settings: &Settings) {
    let listen = settings.prometheus.listen.as_ref();
    if let Some(listen) = listen.filter(|listen| !listen.linger.is_zero()) {
        let most = humantime::format_duration(listen.linger);
        output::note(&format!(
            "  metrics  waiting up to {most} for one more scrape; Ctrl-C twice ends it"
        ));
    }
}

/// What is wrong with what was asked for is told apart from what this machine has no room for.
fn exit(error: &PrometheusError) -> Exit {
    match error {
        PrometheusError::Listen { .. }
        | PrometheusError::Client(_)
        | PrometheusError::Thread(_)
        | PrometheusError::Push { .. } => Exit::Report,
        PrometheusError::Url { .. }
        | PrometheusError::Header { .. }
        | PrometheusError::NotLoopback(_)
        | PrometheusError::Interval(_)
        | PrometheusError::Timeout
        | PrometheusError::Textfile(_) => Exit::Config,
    }
}

/// The page of the run while it goes on; its address is told to the person who runs this.
pub(super) fn dashboard(address: Address) -> Result<Box<dyn Reporter>, Exit> {
    let dashboard =
        Dashboard::serve(address).map_err(|error| output::fail(&error, Exit::Report))?;
    output::note(&format!("dashboard  {}", dashboard.url()));
    Ok(Box::new(dashboard))
}
