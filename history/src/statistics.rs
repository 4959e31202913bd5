//! Two distributions against each other. All of it is exact or a stated approximation, and none of it random: the same runs compare
//! alike each time.
//!
//! - [`ranks`]: do the values of one tend to be greater than those of the other?
//! - [`quantile`]: by how much did a percentile change, and how sure is that?
//! - [`holm`]: who asks many questions must expect more of each answer.
//!
//! All of them take the values of a run as independent of each other. Those of a load are not quite (a slow moment makes many requests
//! slow), and two runs of the same differ by more than chance within a run: so a difference is only told as one if its size matters, too.

pub mod holm;
pub mod quantile;
pub mod ranks;

/// How improbable an answer must be by chance alone before it counts.
pub const SIGNIFICANCE: f64 = 0.05;
