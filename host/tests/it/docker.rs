//! Environments of containers, on the engine of this machine. Where there is none these tests say that they were skipped.

mod agents;
mod attached;
mod control;
mod doctor;
mod kept;
mod killed;
mod links;
mod network;
mod project;
mod refused;
mod suites;
mod team;
