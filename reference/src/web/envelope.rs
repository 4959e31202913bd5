//! The envelope of every JSON answer: `{success, message, data, error}`.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::error::{ApiError, ErrorBody};

/// A request that was done.
#[expect(
    clippy::struct_field_names,
    reason = "the field is `success` on the wire"
)]
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Success<T> {
    /// Always true.
    #[schema(schema_with = always_true)]
    success: bool,
    /// What was done, for people.
    message: &'static str,
    /// What was asked for.
    data: T,
    /// Always null.
    #[schema(schema_with = always_null)]
    error: (),
}

/// A request that was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Always false.
    #[schema(schema_with = always_false)]
    success: bool,
    /// The same as the error's.
    message: String,
    /// Always null.
    #[schema(schema_with = always_null)]
    data: (),
    /// Why.
    error: ErrorBody,
}

/// A request that was answered with bad news: the data are there, and so is the error.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BadNews<T> {
    /// Always false.
    #[schema(schema_with = always_false)]
    success: bool,
    /// The same as the error's.
    message: String,
    /// What was asked for.
    data: T,
    /// What is wrong.
    error: ErrorBody,
}

fn always_true() -> Object {
    constant(true)
}

fn always_false() -> Object {
    constant(false)
}

fn constant(value: bool) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([value]))
        .build()
}

fn always_null() -> Object {
    ObjectBuilder::new().schema_type(Type::Null).build()
}

/// An answer on its way to the client.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    status: StatusCode,
    message: &'static str,
    data: T,
}

impl<T: Serialize> Answer<T> {
    /// 200.
    pub const fn ok(message: &'static str, data: T) -> Self {
        Self {
            status: StatusCode::OK,
            message,
            data,
        }
    }

    /// 201.
    pub const fn created(message: &'static str, data: T) -> Self {
        Self {
            status: StatusCode::CREATED,
            message,
            data,
        }
    }

    /// 202.
    pub const fn accepted(message: &'static str, data: T) -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            message,
            data,
        }
    }

    /// The bytes of the body, so that they can be kept and answered again.
    pub fn body(&self) -> Result<Bytes, ApiError> {
        serde_json::to_vec(&Success {
            success: true,
            message: self.message,
            data: &self.data,
            error: (),
        })
        .map(Bytes::from)
        .map_err(ApiError::internal)
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match self.body() {
            Ok(body) => json(self.status, body),
            Err(error) => error.into_response(),
        }
    }
}

/// An answer whose data are bad news, such as the health of a service that misses a dependency.
pub fn bad_news<T: Serialize>(data: T, error: &ApiError, trace_id: &str) -> Response {
    let body = serde_json::to_vec(&BadNews {
        success: false,
        message: error.message.clone(),
        data,
        error: ErrorBody::of(error, trace_id),
    });
    match body {
        Ok(body) => with_retry_after(json(error.status, body.into()), error),
        Err(error) => ApiError::internal(error).into_response(),
    }
}

/// The full answer of a refusal.
pub fn failure(error: &ApiError, trace_id: &str) -> Response {
    let body = serde_json::to_vec(&Failure {
        success: false,
        message: error.message.clone(),
        data: (),
        error: ErrorBody::of(error, trace_id),
    });
    // A struct of strings always serialises; an empty body is the honest rest.
    with_retry_after(json(error.status, body.unwrap_or_default().into()), error)
}

/// An answer with these JSON bytes.
pub fn json(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

fn with_retry_after(mut response: Response, error: &ApiError) -> Response {
    if let Some(seconds) = error.retry_after_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
