//! What is known of an attempt when its verdict is made.

use assay_report::event::{AttemptCounts, Check, Judgement, Refusal};
use serde::{Deserialize, Serialize};

/// What the verdict of an attempt is made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Complete counts.
    pub counts: AttemptCounts,
    /// The first check that failed.
    pub first_failed_check: Option<Check>,
    /// The worst baseline so far: the first missed one, or else the first critical one.
    pub worst_judgement: Option<Judgement>,
    /// The first thing that the plugin asked for and has no grant for.
    pub first_refusal: Option<Refusal>,
    /// The first load of which a machine was lost, in words.
    pub lost_load: Option<String>,
    /// What the plugin said just before it stopped with a panic.
    pub panic: Option<Panic>,
}

/// A panic of the plugin, as its hook told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panic {
    /// The message.
    pub message: String,
    /// `file:line`.
    pub location: Option<String>,
}
