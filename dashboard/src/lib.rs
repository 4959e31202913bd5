//! A run while it goes on, as a page on this machine alone: the charts of `report.html`, made by the same code, and what happens at the
//! moment.
//!
//! A [`Dashboard`] is one more reporter. It hears events, which it never waits with; everything else happens in a thread of its own. It takes
//! bounded memory and, while somebody looks, at most a twentieth of a processor. It ends with the run: what stays is `report.html`.
//!
//! ```no_run
//! use assay_dashboard::{Address, Dashboard};
//! use assay_report::Fanout;
//!
//! let dashboard = Dashboard::serve(Address::default())?;
//! eprintln!("dashboard  {}", dashboard.url());
//! let reporters = Fanout::new(Vec::new(), Vec::new()).watched_by(vec![Box::new(dashboard)]);
//! # Ok::<(), assay_dashboard::DashboardError>(())
//! ```

mod address;
mod board;
mod connection;
mod error;
mod guard;
mod inbox;
mod limits;
mod page;
mod routes;
mod server;
mod token;
mod viewers;

use std::net::SocketAddr;

use assay_report::{ReportError, Reporter, event::Event};

pub use self::{address::Address, error::DashboardError, limits::Limits};
use self::{
    guard::Guard,
    inbox::{Outbox, inbox},
    server::Gone,
    token::Token,
};

/// A reporter that shows the run as a page.
#[derive(Debug)]
pub struct Dashboard {
    address: SocketAddr,
    token: Token,
    outbox: Outbox,
    gone: Gone,
    limits: Limits,
}

impl Dashboard {
    /// Serves the page from now on. It is there before the run begins.
    pub fn serve(address: Address) -> Result<Self, DashboardError> {
        Self::with_limits(address, Limits::default())
    }

    /// The same within other limits.
    pub fn with_limits(address: Address, limits: Limits) -> Result<Self, DashboardError> {
        let token = Token::random().map_err(|source| DashboardError::Random { source })?;
        let (listener, address) =
            server::bind(address.socket()).map_err(|source| DashboardError::Bind {
                address: address.socket(),
                source,
            })?;
        let (outbox, inbox) = inbox();
        let guard = Guard::new(address, token.clone());
        let gone = server::start(listener, guard, inbox, limits)
            .map_err(|source| DashboardError::Start { source })?;
        Ok(Self {
            address,
            token,
            outbox,
            gone,
            limits,
        })
    }

    /// Where the page is, with the token: whoever has it may look. It is for the person who runs this, and not for a log that others read.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token.text())
    }
}

impl Reporter for Dashboard {
    fn name(&self) -> &'static str {
        "dashboard"
    }

    /// Never waits and never fails: a page that is gone is no fault of the run.
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.outbox.event(event);
        Ok(())
    }

    /// Has those who look told that the run is over, for which it waits at most [`Limits::farewell`]. The page is gone after it.
    fn finish(&mut self) -> Result<(), ReportError> {
        self.outbox.over();
        self.gone.wait(self.limits.farewell);
        Ok(())
    }
}
