//! What goes wrong in a request, as a code that fixes the status and as the envelope that is answered.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::defects::{Defect, Defects};
use crate::log;
use crate::store::StoreError;
use crate::words::words;

/// Seconds after which a client may try again when a dependency is down.
const RETRY_AFTER_S: u64 = 1;

words! {
    /// Names the mistake for programs.
    pub enum ErrorCode {
        /// 400: the body is not JSON.
        MalformedJson = "MALFORMED_JSON",
        /// 400: the `Idempotency-Key` is not 1 to 255 of `A-Za-z0-9_-`.
        InvalidIdempotencyKey = "INVALID_IDEMPOTENCY_KEY",
        /// 404: no project has this id.
        ProjectNotFound = "PROJECT_NOT_FOUND",
        /// 404: the project has no episode with this id.
        EpisodeNotFound = "EPISODE_NOT_FOUND",
        /// 404: no generation has this id.
        GenerationJobNotFound = "GENERATION_JOB_NOT_FOUND",
        /// 404: no active alert has this id.
        AlertNotFound = "ALERT_NOT_FOUND",
        /// 404: nothing is at this path.
        RouteNotFound = "ROUTE_NOT_FOUND",
        /// 405: the path is there, but not for this method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// 408: the body did not arrive in time.
        RequestTimeout = "REQUEST_TIMEOUT",
        /// 409: the idempotency key was used for another request.
        IdempotencyConflict = "IDEMPOTENCY_CONFLICT",
        /// 409: another request with the idempotency key does not end.
        IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS",
        /// 413: the body is over 1 MiB.
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        /// 415: the content type is not `application/json`.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// 422: fields or parameters are wrong; `details` says which.
        ValidationFailed = "VALIDATION_FAILED",
        /// 429: too many requests of this client.
        RateLimitExceeded = "RATE_LIMIT_EXCEEDED",
        /// 500: the service itself is broken.
        InternalError = "INTERNAL_ERROR",
        /// 503: the vector store does not answer.
        VectorStoreUnavailable = "VECTOR_STORE_UNAVAILABLE",
        /// 503: the project service does not answer.
        ProjectServiceUnavailable = "PROJECT_SERVICE_UNAVAILABLE",
    }
}

impl ErrorCode {
    /// The status that goes with the code.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson | Self::InvalidIdempotencyKey => StatusCode::BAD_REQUEST,
            Self::ProjectNotFound
            | Self::EpisodeNotFound
            | Self::GenerationJobNotFound
            | Self::AlertNotFound
            | Self::RouteNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::IdempotencyConflict | Self::IdempotencyInProgress => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::VectorStoreUnavailable | Self::ProjectServiceUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

/// One field or parameter that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldProblem {
    /// Its name, with a dot before a nested one: `script.markdown`; `body` for the body as a whole.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A refusal on its way to the client.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The status to answer with; the code's own unless a defect changed it.
    pub status: StatusCode,
    /// Names the mistake.
    pub code: ErrorCode,
    /// Says it in words.
    pub message: String,
    /// What is wrong with which field, if that is the mistake.
    pub problems: Vec<FieldProblem>,
    /// Seconds for `Retry-After`.
    pub retry_after_s: Option<u64>,
}

impl ApiError {
    /// A refusal with the status of its code.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status: code.status(),
            code,
            message: message.into(),
            problems: Vec::new(),
            retry_after_s: None,
        }
    }

    /// 422 with what is wrong with which field.
    pub fn validation(problems: Vec<FieldProblem>) -> Self {
        Self {
            problems,
            ..Self::new(
                ErrorCode::ValidationFailed,
                "the request has fields that are wrong; see error.details",
            )
        }
    }

    /// 404 for a project.
    pub fn project_not_found(id: &str) -> Self {
        Self::new(
            ErrorCode::ProjectNotFound,
            format!("no project has the id `{id}`"),
        )
    }

    /// 404 for an episode.
    pub fn episode_not_found(id: &str) -> Self {
        Self::new(
            ErrorCode::EpisodeNotFound,
            format!("the project has no episode with the id `{id}`"),
        )
    }

    /// 404 for a generation.
    pub fn job_not_found(id: &str) -> Self {
        Self::new(
            ErrorCode::GenerationJobNotFound,
            format!("no generation has the id `{id}`"),
        )
    }

    /// 409 with `Retry-After`: another request with the same key is still under way.
    pub fn key_in_progress() -> Self {
        Self {
            retry_after_s: Some(RETRY_AFTER_S),
            ..Self::new(
                ErrorCode::IdempotencyInProgress,
                "a request with the same idempotency key is under way; try again",
            )
        }
    }

    /// 500; the reason goes to the log and not to the client.
    pub fn internal(reason: impl std::fmt::Display) -> Self {
        log::line("internal error", reason);
        Self::new(
            ErrorCode::InternalError,
            "the service failed; its log has the reason",
        )
    }

    /// A dependency is down: 503 with `Retry-After`.
    pub fn dependency_down(code: ErrorCode, reason: &str, defects: Defects) -> Self {
        let error = Self::new(code, format!("{reason}; try again"));
        if defects.has(Defect::DependencyDownAs400) {
            return Self {
                status: StatusCode::BAD_REQUEST,
                ..error
            };
        }
        Self {
            retry_after_s: Some(RETRY_AFTER_S),
            ..error
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

/// The answer is only marked here: [`super::observe`] knows the trace id and writes the body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The mistake, as it is answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErrorBody {
    /// Names the mistake for programs.
    pub code: ErrorCode,
    /// Says it for people.
    pub message: String,
    /// What is wrong with which field; null unless that is the mistake.
    #[schema(required)]
    pub details: Option<Vec<FieldProblem>>,
    /// The value of `X-Trace-Id`.
    #[schema(format = "uuid")]
    pub trace_id: String,
}

impl ErrorBody {
    /// The body of this refusal under a trace id.
    pub fn of(error: &ApiError, trace_id: &str) -> Self {
        Self {
            code: error.code,
            message: error.message.clone(),
            details: (!error.problems.is_empty()).then(|| error.problems.clone()),
            trace_id: trace_id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Word;

    #[test]
    fn every_code_is_an_error_status_and_stands_in_the_readme() {
        let readme = include_str!("../../README.md");
        for code in ErrorCode::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(
                readme.contains(&format!("`{}`", code.word())),
                "{}",
                code.word()
            );
        }
    }
}
