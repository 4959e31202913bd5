//! The host of Assay: runs suites that are WebAssembly components, lends them capabilities, judges and reports.
//!
//! Data flows one way: settings and plugins make a [`plan::Plan`]; the [`runner`] runs it against an [`environment`] and tells
//! what happens as [`assay_report::event::Event`]s; the reporters of `assay-report` listen. See `ARCHITECTURE.md`.

pub mod access;
pub mod agents;
pub mod capability;
pub mod chaos;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod environment;
pub mod history;
pub mod journal;
pub mod ledger;
pub mod link;
pub mod load;
pub mod plan;
pub mod plugin;
pub mod provenance;
pub mod redact;
pub mod runner;
pub mod toxiproxy;
mod trust;
