//! What an iteration knows of its virtual user.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::bindings::load as contract;
use crate::problem::{Problem, Result};

/// Which virtual user runs a scenario, and for the how many-th time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vu {
    /// From 1.
    pub number: u32,
    /// From 0, for each virtual user.
    pub iteration: u64,
    /// When the iteration should have started, since the start of the load.
    pub intended: Duration,
    /// Whether it is part of the warm-up, which is kept out of the statistics.
    pub warm_up: bool,
}

impl Vu {
    /// Before its first iteration.
    pub(crate) fn new(number: u32) -> Self {
        Self {
            number,
            iteration: 0,
            intended: Duration::ZERO,
            warm_up: false,
        }
    }

    pub(crate) fn in_turn(number: u32, turn: contract::Turn) -> Self {
        Self {
            number,
            iteration: turn.iteration,
            intended: Duration::from_nanos(turn.intended),
            warm_up: turn.warm_up,
        }
    }

    /// What the plan gave with [`Plan::parameter`](super::Plan::parameter). It is read anew each time: do so where the state of the virtual
    /// user is made, not in each iteration.
    #[track_caller]
    pub fn parameter<T: DeserializeOwned>(&self) -> Result<T> {
        let text = contract::parameter();
        if text.is_empty() {
            return Err(Problem::errored(
                "the plan has no parameter: give it one with `.parameter(...)`",
            ));
        }
        match serde_json::from_str(&text) {
            Ok(value) => Ok(value),
            Err(error) => Err(Problem::errored(format!(
                "the plan's parameter is `{text}`, which is no {}: {error}",
                std::any::type_name::<T>()
            ))),
        }
    }
}
