//! What can be wrong with a way out, each with what to do about it. Nothing here shows credentials.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use assay_report::{ReportError, hint::Hinted};
use thiserror::Error;

use super::settings::{MAX_INTERVAL, MIN_INTERVAL};
use crate::headers::HeaderError;

/// Why Prometheus cannot be told.
#[derive(Debug, Error)]
pub enum PrometheusError {
    /// An address is none.
    #[error("`{what}` is no address that can be asked: {problem}")]
    Url {
        /// The key of the configuration.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A header is none.
    #[error("`{what}`: {source}")]
    Header {
        /// The key of the configuration.
        what: &'static str,
        /// What is wrong with it.
        source: HeaderError,
    },
    /// The address to listen on can be reached from elsewhere.
    #[error("`listen` is {0}, which others can reach")]
    NotLoopback(SocketAddr),
    /// The address to listen on cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Remote writes would be too frequent or too rare.
    #[error("`interval` is {} s", .0.as_secs_f64())]
    Interval(Duration),
    /// Nothing can be done in no time.
    #[error("`timeout` is 0 s")]
    Timeout,
    /// The node exporter would not read the file.
    #[error("the file `{}` does not end in `.prom`", .0.display())]
    Textfile(PathBuf),
    /// No request can be made on this machine.
    #[error("cannot make requests: {0}")]
    Client(String),
    /// A thread or its runtime cannot be made.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    /// A push or a write did not arrive.
    #[error("cannot tell {what} at {destination} of the run: {problem}")]
    Push {
        /// `the Pushgateway`, `the remote write`.
        what: &'static str,
        /// Scheme, host and port.
        destination: String,
        /// What it said, or did not say.
        problem: String,
        /// Whether it answered, and refused.
        refused: bool,
    },
}

impl Hinted for PrometheusError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Url { .. } => "give it as http://HOST:PORT/PATH",
            Self::Header { source, .. } => source.hint(),
            Self::NotLoopback(_) => {
                "listen on 127.0.0.1 or [::1], and let a scraper from elsewhere come through a tunnel; or write to it with `remote-write`"
            }
            Self::Listen { .. } => "choose another port, or 0 for one that is free",
            Self::Interval(_) => {
                return Some(format!(
                    "choose {} ms to {} s",
                    MIN_INTERVAL.as_millis(),
                    MAX_INTERVAL.as_secs()
                ));
            }
            Self::Timeout => "choose some seconds",
            Self::Textfile(_) => "the node exporter reads files that end in `.prom`, and no others",
            Self::Client(_) => "look whether the system has certificates (`ca-certificates`)",
            Self::Thread(_) => "free some memory, or raise the limit of processes",
            Self::Push { refused: true, .. } => {
                "look at what it says, at the address and at its credentials; the other reports are complete"
            }
            Self::Push { refused: false, .. } => {
                "look whether it runs and can be reached from here; the other reports are complete"
            }
        };
        Some(text.to_owned())
    }
}

impl From<PrometheusError> for ReportError {
    fn from(error: PrometheusError) -> Self {
        Self::Telemetry {
            message: error.to_string(),
            hint: error.hint(),
        }
    }
}
