//! Runs as metrics of Prometheus: scraped while they run, written as a file for the node exporter, pushed to a Pushgateway, or written to
//! a remote.
//!
//! All ways out share one set of figures, which a reporter of its own keeps: [`listeners`] gives it and one reporter for each way out
//! that the [`Settings`] ask for. Each fails for itself. Names follow Prometheus' conventions: base units, and the unit in the name.
//!
//! Counters begin at zero with each run, which Prometheus takes for what it is: a process that was started again.

mod catalogue;
mod client;
mod error;
mod exposition;
mod figures;
mod histogram;
mod labels;
mod listeners;
mod metric;
mod naming;
mod process;
mod pushgateway;
mod registry;
mod remote_write;
mod server;
mod settings;
mod shared;
mod textfile;

pub use self::{
    error::PrometheusError,
    exposition::Format,
    figures::Figures,
    histogram::{BOUNDS, MAX_NATIVE_BUCKETS},
    labels::MAX_LABEL_BYTES,
    listeners::{Listeners, listeners},
    registry::{MAX_HISTOGRAMS, MAX_OWN_FAMILIES, MAX_SERIES, Registry},
    server::MAX_CONNECTIONS,
    settings::{
        DEFAULT_INTERVAL, DEFAULT_TIMEOUT, Destination, Histograms, Listen, MAX_INTERVAL,
        MIN_INTERVAL, RemoteWrite, Settings,
    },
};
