//! The host as a whole and its parts at their seams.

mod chaos;
mod command;
mod config;
mod conformance;
mod control;
mod corpus;
mod dashboard;
mod defects;
mod docker;
mod environment;
mod fixtures;
mod github;
mod history;
mod instance;
mod invocation;
mod isolation;
mod killed;
mod load;
mod loading;
mod pins;
mod recorded;
mod secrets;
mod signals;
mod telemetry;
mod toxiproxy;
