//! Why there is no page.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
};

use assay_report::hint::Hinted;
use thiserror::Error;

/// Why the page cannot be served. The run has not begun by then.
#[derive(Debug, Error)]
pub enum DashboardError {
    /// No port and no address.
    #[error("`{text}` is no address for the dashboard")]
    Address {
        /// What was given.
        text: String,
    },
    /// Others could connect to it.
    #[error("the dashboard is for this machine alone, and `{ip}` is not an address of it alone")]
    NotLoopback {
        /// What was given.
        ip: IpAddr,
    },
    /// The address is taken, or not to be had.
    #[error("cannot serve the dashboard on `{address}`: {source}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("cannot make a token for the dashboard: {source}")]
    Random {
        /// What the system said.
        source: getrandom::Error,
    },
    /// No thread, or no event loop for it.
    #[error("cannot start the dashboard: {source}")]
    Start {
        /// What the system said.
        source: io::Error,
    },
}

impl Hinted for DashboardError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Address { .. } => {
                "give a port or an IP address of this machine: `8080`, `127.0.0.1:8080`, `[::1]:8080`"
            }
            Self::NotLoopback { .. } => {
                "use `127.0.0.1` or `::1`; from elsewhere, reach it through `ssh -L`"
            }
            Self::Bind { source, .. } if source.kind() == ErrorKind::AddrInUse => {
                "choose another port, or none: then the system chooses one that is free"
            }
            Self::Bind { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                "choose a port from 1024 on"
            }
            Self::Bind { .. } => "use `127.0.0.1`",
            Self::Random { .. } | Self::Start { .. } => "run without the dashboard",
        };
        Some(text.to_owned())
    }
}
