//! Plugins of strangers that attack: what they wanted, what happened instead, and that the run went on. Each test runs the built `host`
//! with a project of its own, to which the fixture `hostile` is a stranger, and with real servers that count who comes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod control_ports;
mod floods;
mod forged;
mod hosts;
mod knowledge;
mod loads;
mod project;
mod server;
mod smuggling;
