//! How many requests a minute each client has, counted in windows that begin with a client's first request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use tokio::time::Instant;

use super::error::{ApiError, ErrorCode};
use super::serve::Connection;
use crate::defects::{Defect, Defects};

/// The length of a window.
const WINDOW: Duration = Duration::from_mins(1);
/// How many clients are remembered; with more, those whose windows are over are forgotten first, then all.
const CLIENTS: usize = 10_000;

/// What operators and orchestrators ask, which is never limited.
const EXEMPT: [&str; 6] = [
    "/health",
    "/api/v1/health",
    "/healthz",
    "/livez",
    "/readyz",
    "/metrics",
];

/// Counts the requests of each client.
#[derive(Debug)]
pub struct RateLimiter {
    limit: u32,
    clients: Mutex<HashMap<IpAddr, Window>>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    used: u32,
}

/// What a client has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    limit: u32,
    remaining: u32,
    /// Seconds until the window is over, at least 1.
    reset_s: u64,
    allowed: bool,
}

impl RateLimiter {
    /// So many requests a minute for each client.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            clients: Mutex::new(HashMap::new()),
        }
    }

    /// Whether this path is never limited.
    pub fn exempts(path: &str) -> bool {
        EXEMPT.contains(&path)
    }

    /// Counts a request of this client.
    pub fn count(&self, client: IpAddr) -> Allowance {
        let now = Instant::now();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS && !clients.contains_key(&client) {
            clients.retain(|_, window| now - window.began < WINDOW);
            if clients.len() >= CLIENTS {
                clients.clear();
            }
        }
        let window = clients.entry(client).or_insert(Window {
            began: now,
            used: 0,
        });
        if now - window.began >= WINDOW {
            *window = Window {
                began: now,
                used: 0,
            };
        }
        let allowed = window.used < self.limit;
        window.used += u32::from(allowed);
        let left = WINDOW.saturating_sub(now - window.began);
        Allowance {
            limit: self.limit,
            remaining: self.limit - window.used,
            reset_s: left.as_secs() + u64::from(left.subsec_nanos() > 0),
            allowed,
        }
    }
}

impl Allowance {
    /// 429 with `Retry-After` if there is nothing left.
    ///
    /// # Errors
    /// The refusal.
    pub fn check(self, defects: Defects) -> Result<(), ApiError> {
        if self.allowed {
            return Ok(());
        }
        let error = ApiError::new(
            ErrorCode::RateLimitExceeded,
            format!(
                "more than {} requests in a minute; wait {} s",
                self.limit, self.reset_s
            ),
        );
        if defects.has(Defect::RateLimitBroken) {
            return Err(ApiError {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                code: ErrorCode::InternalError,
                ..error
            });
        }
        Err(ApiError {
            retry_after_s: Some(self.reset_s),
            ..error
        })
    }

    /// Writes the three headers.
    pub fn announce(self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset_s));
    }
}

/// The address whose requests are counted: the peer of the connection, whatever headers say.
pub fn client_of(request: &Request, connection: Connection, defects: Defects) -> IpAddr {
    let forwarded = request
        .headers()
        .get("x-forwarded-for")
        .filter(|_| defects.has(Defect::RateLimitBroken))
        .and_then(|value| value.to_str().ok()?.split(',').next()?.trim().parse().ok());
    forwarded.unwrap_or(connection.peer.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test(start_paused = true)]
    async fn the_limit_is_reached_exactly_and_comes_back_with_the_next_window() {
        let limiter = RateLimiter::new(2);
        assert_eq!(limiter.count(CLIENT).remaining, 1);
        assert!(limiter.count(CLIENT).check(Defects::default()).is_ok());
        let over = limiter.count(CLIENT).check(Defects::default()).unwrap_err();
        assert_eq!(over.retry_after_s, Some(60));
        tokio::time::advance(WINDOW).await;
        assert!(limiter.count(CLIENT).check(Defects::default()).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_of_clients_is_bounded() {
        let limiter = RateLimiter::new(2);
        for number in 0..30_000_u32 {
            limiter.count(IpAddr::V4(number.into()));
        }
        assert!(limiter.clients.lock().unwrap().len() <= CLIENTS);
    }
}
