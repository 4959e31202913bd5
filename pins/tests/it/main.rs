//! Plugins that are fetched from servers which keep to nothing, from registries that lie, and from a real one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;
mod real;
mod scripted;
mod servers;
mod tokens;
mod uploads;
