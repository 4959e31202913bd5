//! What an agent's clock shows, for whoever wants several machines to begin at one instant.

use assay_load::clock::Moment;
use serde::{Deserialize, Serialize};

/// What an agent answers, of its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) heard: Moment,
    pub(crate) answered: Moment,
}
