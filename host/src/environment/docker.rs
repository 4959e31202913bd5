//! The back end for containers: those of one compose project, found by the labels that Compose gives them and never by a name.
//!
//! What is done to a container counts once the engine shows it, and every call has a time after which it is given up.

mod abandoned;
pub mod bridge;
mod claim;
mod compose;
mod container;
mod engine;
mod error;
mod facts;
mod limits;
mod log;
mod network;
mod original;
mod part;
mod project;
mod raised;
mod removal;
#[cfg(test)]
pub(crate) mod scripted;
mod stats;

#[cfg(test)]
pub(super) use self::raised::tests::raised_with;
pub use self::{
    abandoned::Abandoned,
    claim::Claim,
    compose::{Compose, down_by_hand},
    container::{Container, NotMended, Place},
    engine::Engine,
    error::DockerError,
    facts::{Facts, Standing},
    limits::Limits,
    network::{Endpoint, Endpoints},
    original::Original,
    part::Part,
    project::Project,
    raised::Raised,
    removal::Removal,
};
