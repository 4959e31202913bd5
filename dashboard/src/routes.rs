//! What can be asked for: the page, and what changes on it.

use std::{fmt, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    middleware::from_fn_with_state,
    response::{
        Html, IntoResponse as _, Response,
        sse::{KeepAlive, Sse},
    },
    routing::get,
};

use crate::{
    Limits,
    guard::{Guard, guard},
    page::{page, policy},
    token::hexadecimal,
    viewers::Gallery,
};

/// Bytes of what a page trusts its own script and style by.
const NONCE_BYTES: usize = 16;
/// By which a viewer says what it has seen (HTML, section 9.2.3).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Clone, Debug)]
struct Shared {
    gallery: Arc<Gallery>,
    limits: Limits,
}

/// Everything that can be asked for, behind the guard.
pub(crate) fn routes(gallery: Arc<Gallery>, guarded: Arc<Guard>, limits: Limits) -> Router {
    Router::new()
        .route("/", get(whole))
        .route("/events", get(events))
        .with_state(Shared { gallery, limits })
        .layer(from_fn_with_state(guarded, guard))
}

async fn whole(State(shared): State<Shared>) -> Response {
    let made = || -> Result<Response, fmt::Error> {
        shared.gallery.look()?;
        let nonce = hexadecimal::<NONCE_BYTES>().map_err(|_| fmt::Error)?;
        let page = page(&shared.gallery.board(), &nonce)?;
        let mut response = Html(page).into_response();
        let policy = policy(&nonce).ok_or(fmt::Error)?;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        Ok(response)
    };
    made().unwrap_or_else(|_| {
        let why = "The page could not be made; the reports of the run are not touched by it.\n";
        (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
    })
}

async fn events(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let seen = headers
        .get(LAST_EVENT_ID)
        .and_then(|id| id.to_str().ok()?.parse().ok())
        .unwrap_or_default();
    let Some(stream) = shared.gallery.view(seen) else {
        let why = "As many pages look at this run as may: close one of them.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    let heartbeat = KeepAlive::new().interval(shared.limits.heartbeat());
    Sse::new(stream).keep_alive(heartbeat).into_response()
}
