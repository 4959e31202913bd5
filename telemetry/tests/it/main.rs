//! What comes out of a run that is told event by event: as text, in a file, over the network, and in a real Prometheus.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dashboards;
mod figures;
mod http;
mod programs;
mod prometheus;
mod pushgateway;
mod recording;
mod server;
mod textfile;
mod whole;
