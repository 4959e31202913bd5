//! Takes a JSON body within its limits: type, size, time, syntax, in this order.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde_json::Value;
use tokio::time::timeout;

use super::error::{ApiError, ErrorCode};

/// The most bytes of a body: 1 MiB.
pub const LIMIT: usize = 1 << 20;
/// How much more is read and thrown away, so that a client that still sends can read its refusal.
const DRAIN: usize = 8 << 20;

/// The body of a request as JSON.
///
/// # Errors
/// 415, 413, 408 and 400.
pub async fn json(request: Request, within: Duration) -> Result<Value, ApiError> {
    let (parts, body) = request.into_parts();
    require_json(&parts.headers)?;
    let bytes = take(body, LIMIT, within).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::new(
            ErrorCode::MalformedJson,
            format!("the body is not JSON: {error}"),
        )
    })
}

fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::UnsupportedMediaType,
        format!("the content type is `{essence}`; send `application/json`"),
    ))
}

/// A body of at most so many bytes.
///
/// # Errors
/// 413 and 408; 400 if the client broke off.
pub async fn take(body: Body, limit: usize, within: Duration) -> Result<Bytes, ApiError> {
    timeout(within, collect(body.into_data_stream(), limit))
        .await
        .unwrap_or_else(|_| {
            Err(ApiError::new(
                ErrorCode::RequestTimeout,
                format!("the body did not arrive within {} ms", within.as_millis()),
            ))
        })
}

async fn collect(mut stream: BodyDataStream, limit: usize) -> Result<Bytes, ApiError> {
    let mut kept = BytesMut::new();
    let mut received = 0;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| {
            ApiError::new(
                ErrorCode::MalformedJson,
                format!("the body broke off: {error}"),
            )
        })?;
        received += piece.len();
        if received <= limit {
            kept.extend_from_slice(&piece);
        } else if received > limit + DRAIN {
            break;
        }
    }
    if received > limit {
        return Err(ApiError::new(
            ErrorCode::PayloadTooLarge,
            format!("the body is over {limit} bytes"),
        ));
    }
    Ok(kept.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_body_at_the_limit_is_taken_and_one_byte_more_is_413() {
        let taken = take(Body::from(vec![b' '; LIMIT]), LIMIT, LONG).await;
        assert_eq!(taken.unwrap().len(), LIMIT);
        let refused = take(Body::from(vec![b' '; LIMIT + 1]), LIMIT, LONG).await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::PayloadTooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_408() {
        let endless =
            Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        let refused = take(endless, LIMIT, LONG).await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::RequestTimeout);
    }
}
