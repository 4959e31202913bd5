//! Around every request: a trace id, the client's allowance, the body of a refusal, and the numbers for `/metrics`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use uuid::Uuid;

use super::Shell;
use super::envelope::failure;
use super::error::{ApiError, ErrorCode};
use super::rate_limit::{RateLimiter, client_of};
use super::serve::Connection;

/// The header that names a request in logs.
pub const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Names one request. It is in the request's extensions.
#[derive(Clone, Debug)]
pub struct TraceId(pub String);

/// The layer.
pub async fn observe(
    State(shell): State<Arc<Shell>>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let trace_id = Uuid::new_v4().to_string();
    request.extensions_mut().insert(TraceId(trace_id.clone()));
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let allowance = (!RateLimiter::exempts(request.uri().path())).then(|| {
        let client = client_of(&request, connection_of(&request), shell.defects);
        shell.limiter.count(client)
    });
    let refusal = allowance.and_then(|allowance| allowance.check(shell.defects).err());
    let mut response = match refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        response = failure(&error, &trace_id);
    }
    if let Some(allowance) = allowance {
        allowance.announce(&mut response);
    }
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        response.headers_mut().insert(TRACE_ID, value);
    }
    shell
        .metrics
        .request(&method, route, response.status(), begun.elapsed());
    response
}

/// What [`super::serve`] knows of the connection; a request that came otherwise counts as one of this machine.
pub fn connection_of(request: &Request) -> Connection {
    request
        .extensions()
        .get::<Connection>()
        .copied()
        .unwrap_or(Connection {
            peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            earlier_requests: 0,
        })
}

/// Answers for paths that lead nowhere.
pub async fn route_not_found(request: Request) -> ApiError {
    ApiError::new(
        ErrorCode::RouteNotFound,
        format!("nothing is at {}", request.uri().path()),
    )
}

/// Answers for methods that a path does not have; axum adds `Allow`.
pub async fn method_not_allowed(request: Request) -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        format!("{} has no {}", request.uri().path(), request.method()),
    )
}
