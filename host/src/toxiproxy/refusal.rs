//! Why a request of the API is not fulfilled: Toxiproxy's own words and statuses, since its clients compare them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::link::FaultError;

/// A refused request. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("bad request body: {0}")]
    Body(String),
    #[error("missing required field: {0}")]
    Missing(&'static str),
    #[error("bad request: {0}")]
    Invalid(String),
    #[error("proxy not found")]
    NoProxy,
    #[error("proxy already exists")]
    ProxyExists,
    #[error("toxic not found")]
    NoToxic,
    #[error("toxic already exists")]
    ToxicExists,
    #[error(
        "invalid toxic type: `{0}`; there are latency, bandwidth, slow_close, timeout, reset_peer and limit_data"
    )]
    ToxicType(String),
    #[error("stream was invalid, can be either upstream or downstream")]
    Stream,
    #[error("{0}")]
    Fault(FaultError),
    #[error("at most {} proxies: delete one first", super::proxies::MAX_PROXIES)]
    TooManyProxies,
    #[error("bad request: browsers may not use this API")]
    Browser,
    #[error("listening on {address} failed: {problem}")]
    Listen { address: String, problem: String },
}

#[derive(Serialize)]
struct Body {
    error: String,
    status: u16,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Body(_)
            | Self::Missing(_)
            | Self::Invalid(_)
            | Self::ToxicType(_)
            | Self::Stream
            | Self::Fault(_)
            | Self::TooManyProxies => StatusCode::BAD_REQUEST,
            Self::NoProxy | Self::NoToxic => StatusCode::NOT_FOUND,
            Self::ProxyExists | Self::ToxicExists => StatusCode::CONFLICT,
            Self::Browser => StatusCode::FORBIDDEN,
            Self::Listen { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = Body {
            error: self.to_string(),
            status: status.as_u16(),
        };
        (status, Json(body)).into_response()
    }
}
