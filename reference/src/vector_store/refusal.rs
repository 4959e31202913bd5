//! What the vector store refuses: other places than its one database, bodies over a limit, bodies that are none.

use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::store::StoreError;
use crate::web::body;

/// The most bytes of a body.
const BODY: usize = 32 << 20;
/// The time for a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The one tenant.
pub(super) const TENANT: &str = "default_tenant";
/// The one database.
pub(super) const DATABASE: &str = "default_database";

/// What Chroma calls a refusal.
#[derive(Debug)]
pub(super) struct Refusal(
    pub(super) StatusCode,
    pub(super) &'static str,
    pub(super) String,
);

impl Refusal {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self(
            StatusCode::BAD_REQUEST,
            "InvalidArgumentError",
            message.into(),
        )
    }

    pub(super) fn no_collection(name: &str) -> Self {
        Self(
            StatusCode::NOT_FOUND,
            "NotFoundError",
            format!("Collection [{name}] does not exist"),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, error, message) = self;
        (status, Json(json!({"error": error, "message": message}))).into_response()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            error.to_string(),
        )
    }
}

/// There is one tenant and one database.
pub(super) fn check_place(tenant: &str, database: &str) -> Result<(), Refusal> {
    if tenant == TENANT && database == DATABASE {
        return Ok(());
    }
    Err(Refusal(
        StatusCode::NOT_FOUND,
        "NotFoundError",
        format!("there is only {TENANT}/{DATABASE}"),
    ))
}

/// The body of a request.
pub(super) async fn parsed<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let bytes = body::take(request.into_body(), BODY, BODY_TIMEOUT)
        .await
        .map_err(|error| Refusal(error.status, "InvalidArgumentError", error.message))?;
    serde_json::from_slice(&bytes).map_err(|error| Refusal::invalid(error.to_string()))
}
