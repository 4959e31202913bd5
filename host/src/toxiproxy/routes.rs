//! The paths of the API, as `toxiproxy-server` has them.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{StatusCode, header::USER_AGENT},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    proxies::Proxies,
    proxy::{ProxyRequest, Shown},
    refusal::Refusal,
    toxic::Toxic,
};

/// Bytes of the body of a request; more is 413.
const MAX_BODY: usize = 256 << 10;
/// The API that is spoken, and by whom: the part after `+` weighs nothing where clients compare versions.
const VERSION: &str = concat!("2.12.0+assay.", env!("CARGO_PKG_VERSION"));

type Answer<T> = Result<T, Refusal>;

pub(super) fn router(proxies: Proxies) -> Router {
    Router::new()
        .route("/version", get(version))
        .route("/reset", post(reset))
        .route("/populate", post(populate))
        .route("/proxies", get(list).post(create))
        .route(
            "/proxies/{proxy}",
            get(show).post(change).patch(change).delete(delete),
        )
        .route("/proxies/{proxy}/toxics", get(toxics).post(add_toxic))
        .route(
            "/proxies/{proxy}/toxics/{toxic}",
            get(toxic)
                .post(change_toxic)
                .patch(change_toxic)
                .delete(remove_toxic),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(no_browsers))
        .with_state(proxies)
}

/// A page that somebody visits must not open ports here.
async fn no_browsers(request: Request, next: Next) -> Response {
    let agent = request.headers().get(USER_AGENT);
    if agent.is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/")) {
        return Refusal::Browser.into_response();
    }
    next.run(request).await
}

async fn version() -> Response {
    Json(BTreeMap::from([("version", VERSION)])).into_response()
}

async fn reset(State(proxies): State<Proxies>) -> Answer<StatusCode> {
    proxies.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Populated {
    proxies: Vec<Shown>,
}

async fn populate(
    State(proxies): State<Proxies>,
    body: Bytes,
) -> Answer<(StatusCode, Json<Populated>)> {
    let proxies = proxies.populate(read(&body)?).await?;
    Ok((StatusCode::CREATED, Json(Populated { proxies })))
}

async fn list(State(proxies): State<Proxies>) -> Json<BTreeMap<String, Shown>> {
    Json(proxies.shown().await)
}

async fn create(State(proxies): State<Proxies>, body: Bytes) -> Answer<(StatusCode, Json<Shown>)> {
    let request: ProxyRequest = read(&body)?;
    Ok((StatusCode::CREATED, Json(proxies.create(request).await?)))
}

async fn show(State(proxies): State<Proxies>, Path(name): Path<String>) -> Answer<Json<Shown>> {
    Ok(Json(proxies.proxy(&name).await?.shown()))
}

async fn change(
    State(proxies): State<Proxies>,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer<Json<Shown>> {
    let mut proxy = proxies.proxy(&name).await?;
    proxy.change(read(&body)?).await?;
    Ok(Json(proxy.shown()))
}

async fn delete(State(proxies): State<Proxies>, Path(name): Path<String>) -> Answer<StatusCode> {
    proxies.delete(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn toxics(
    State(proxies): State<Proxies>,
    Path(name): Path<String>,
) -> Answer<Json<Vec<Toxic>>> {
    let proxy = proxies.proxy(&name).await?;
    Ok(Json(proxy.toxics().cloned().collect()))
}

async fn add_toxic(
    State(proxies): State<Proxies>,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer<Json<Toxic>> {
    Ok(Json(proxies.proxy(&name).await?.add(read(&body)?)?))
}

async fn toxic(
    State(proxies): State<Proxies>,
    Path((name, toxic)): Path<(String, String)>,
) -> Answer<Json<Toxic>> {
    Ok(Json(proxies.proxy(&name).await?.toxic(&toxic)?.clone()))
}

async fn change_toxic(
    State(proxies): State<Proxies>,
    Path((name, toxic)): Path<(String, String)>,
    body: Bytes,
) -> Answer<Json<Toxic>> {
    let mut proxy = proxies.proxy(&name).await?;
    Ok(Json(proxy.change_toxic(&toxic, read(&body)?)?))
}

async fn remove_toxic(
    State(proxies): State<Proxies>,
    Path((name, toxic)): Path<(String, String)>,
) -> Answer<StatusCode> {
    proxies.proxy(&name).await?.remove(&toxic)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whatever its media type says: the clients do not agree on one.
fn read<T: DeserializeOwned>(body: &Bytes) -> Answer<T> {
    serde_json::from_slice(body).map_err(|error| Refusal::Body(error.to_string()))
}
