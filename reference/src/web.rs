//! What the two HTTP services have in common: how they serve, refuse, limit, count, describe and diagnose themselves.

pub mod body;
pub mod documentation;
pub mod envelope;
pub mod error;
pub mod fields;
pub mod health;
pub mod idempotency;
pub mod kept;
pub mod locks;
pub mod metrics;
pub mod observe;
pub mod path;
pub mod rate_limit;
pub mod serve;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::defects::{Defect, Defects};
use error::ApiError;
use kept::Kept;
use metrics::Metrics;
use rate_limit::RateLimiter;

/// What every request of a service passes by.
#[derive(Debug)]
pub struct Shell {
    /// `project-service` or `generation-service`.
    pub service: &'static str,
    /// The mistakes to make.
    pub defects: Defects,
    /// The time for a whole body.
    pub body_timeout: Duration,
    /// Counts the requests of each client.
    pub limiter: RateLimiter,
    /// Counts everything.
    pub metrics: Metrics,
    /// When the service began.
    pub started: Instant,
    /// Where it listens.
    pub address: SocketAddr,
    /// Only for D27.
    pub kept: Kept,
}

impl Shell {
    /// To be called whenever something was made that stays; only D27 does anything then.
    pub fn made(&self) {
        if self.defects.has(Defect::MemoryKept) {
            self.kept.more();
        }
    }
}

/// Runs the work to its end even if the client goes away meanwhile, so that nothing is left half done.
///
/// # Errors
/// Those of the work; 500 if it panicked.
pub async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|error| Err(ApiError::internal(error)))
}
