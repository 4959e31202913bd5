//! An engine for tests that answers as it is told, so that what happens seldom to a real one can be tried without one.

mod project;

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    http::{Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
    routing::any,
};
use futures::stream;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) use self::project::{Holds, ScriptedProject};
use super::engine::Engine;

/// Dropping it ends it.
pub(crate) struct ScriptedEngine {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl ScriptedEngine {
    /// `answer` gets a question such as `GET /containers/ab/json`. What it has no answer for is not found; an engine that is asked for
    /// its version or for itself answers by itself.
    pub(crate) async fn start(
        answer: impl Fn(&str) -> Option<(StatusCode, Value)> + Send + Sync + 'static,
    ) -> Self {
        Self::start_until(None, answer).await
    }

    /// The same. From the first question on that begins so, the engine is gone: each answer breaks off.
    pub(crate) async fn start_until(
        last: Option<&'static str>,
        answer: impl Fn(&str) -> Option<(StatusCode, Value)> + Send + Sync + 'static,
    ) -> Self {
        let is_gone = Arc::new(AtomicBool::new(false));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (heard, answer) = (Arc::clone(&asked), Arc::new(answer));
        let handler = move |method: Method, uri: Uri| {
            let question = format!("{method} {}", without_version(uri.path()));
            if last.is_some_and(|last| question.starts_with(last)) {
                is_gone.store(true, Ordering::Relaxed);
            }
            let answered = if is_gone.load(Ordering::Relaxed) {
                broken_off()
            } else {
                let answered = answer(&question).or_else(|| of_itself(&question));
                let missing = || (StatusCode::NOT_FOUND, json!({"message": "page not found"}));
                let (status, body) = answered.unwrap_or_else(missing);
                (status, Json(body)).into_response()
            };
            heard.lock().unwrap().push(question);
            async move { answered }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(any(handler));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            asked,
            serving,
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) async fn connect(&self) -> Engine {
        Engine::connect_to(&self.address).await.unwrap()
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for ScriptedEngine {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn broken_off() -> Response {
    let body = stream::iter([Err::<Bytes, _>(io::Error::other("the engine is gone"))]);
    (StatusCode::INTERNAL_SERVER_ERROR, Body::from_stream(body)).into_response()
}

/// `/v1.43/info` is `/info` in every version.
fn without_version(path: &str) -> &str {
    match path
        .strip_prefix("/v")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((version, rest)) if version.starts_with(|first: char| first.is_ascii_digit()) => {
            &path[path.len() - rest.len() - 1..]
        }
        _ => path,
    }
}

fn of_itself(question: &str) -> Option<(StatusCode, Value)> {
    let body = match question {
        "GET /version" => json!({"ApiVersion": "1.43"}),
        "GET /info" => json!({
            "ID": "scripted",
            "ServerVersion": "20.10.5",
            "SystemTime": "2026-01-01T00:00:00Z",
        }),
        _ => return None,
    };
    Some((StatusCode::OK, body))
}
