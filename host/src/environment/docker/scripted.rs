//! An engine for tests that answers as it is told, so that what happens seldom to a real one can be tried without one.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    http::{Method, StatusCode, Uri},
    routing::any,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::engine::Engine;

/// Dropping it ends it.
pub(in crate::environment) struct ScriptedEngine {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl ScriptedEngine {
    /// `answer` gets a question such as `GET /containers/ab/json`. What it has no answer for is not found; an engine that is asked for
    /// its version or for itself answers by itself.
    pub(in crate::environment) async fn start(
        answer: impl Fn(&str) -> Option<(StatusCode, Value)> + Send + Sync + 'static,
    ) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (heard, answer) = (Arc::clone(&asked), Arc::new(answer));
        let handler = move |method: Method, uri: Uri| {
            let question = format!("{method} {}", without_version(uri.path()));
            let answered = answer(&question).or_else(|| of_itself(&question));
            heard.lock().unwrap().push(question);
            let missing = || (StatusCode::NOT_FOUND, json!({"message": "page not found"}));
            let (status, body) = answered.unwrap_or_else(missing);
            async move { (status, Json(body)) }
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

    pub(in crate::environment) async fn connect(&self) -> Engine {
        Engine::connect_to(&self.address).await.unwrap()
    }

    /// What it was asked so far.
    pub(in crate::environment) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for ScriptedEngine {
    fn drop(&mut self) {
        self.serving.abort();
    }
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
