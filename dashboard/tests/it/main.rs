//! The page of a run that goes on: who may ask for it, what comes, and what a browser makes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browser;
mod client;
mod scripted;
mod served;
mod viewers;

use std::time::Duration;

use assay_dashboard::{Address, Dashboard, Limits};
use assay_report::{Reporter as _, event::Event};

use self::client::Place;

/// A moment of the script at which the load runs and the first fault is active.
const IN_FAULT: f64 = 38.5;

/// Looks at the run as often as a test asks for something.
const FAST: Limits = Limits {
    viewers: 2,
    connections: 16,
    interval: Duration::from_millis(5),
    rest: 1,
    patience: Duration::from_mins(1),
    farewell: Duration::from_secs(20),
};

/// A page of a run in which this has happened.
fn dashboard(limits: Limits, events: &[Event]) -> (Dashboard, Place) {
    let mut dashboard = Dashboard::with_limits(Address::default(), limits).unwrap();
    tell(&mut dashboard, events);
    let place = Place::of(&dashboard.url());
    (dashboard, place)
}

fn tell(dashboard: &mut Dashboard, events: &[Event]) {
    for event in events {
        dashboard.event(event).unwrap();
    }
}
