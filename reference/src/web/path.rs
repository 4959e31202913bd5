//! Ids out of paths. A path that cannot be decoded leads nowhere, and is answered like any other that does.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::{ApiError, ErrorCode};

/// The variable parts of a path, percent-decoded.
#[derive(Clone, Debug)]
pub struct Ids<T>(pub T);

impl<T, S> FromRequestParts<S> for Ids<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(error) => Err(ApiError::new(
                ErrorCode::RouteNotFound,
                format!("the path cannot be decoded: {error}"),
            )),
        }
    }
}
