//! A vector store that works by halves: it can be told to refuse, or to let those wait who ask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// One kind of change of the documents: what was asked for, and how it is answered.
#[derive(Debug)]
pub(crate) struct Change {
    asked: Mutex<Vec<String>>,
    done: Mutex<Vec<String>>,
    refused: AtomicBool,
    allowed: Semaphore,
}

/// What such a vector store is asked to do. It takes every document, also where it says that it failed.
#[derive(Clone, Debug)]
pub(crate) struct HalfWorking {
    pub(crate) puts: Arc<Change>,
    pub(crate) removals: Arc<Change>,
}

impl Change {
    /// Everything is done at once.
    fn new() -> Arc<Self> {
        Arc::new(Self {
            asked: Mutex::default(),
            done: Mutex::default(),
            refused: AtomicBool::new(false),
            allowed: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    /// The documents that somebody asked to change, in that order; one that was asked for twice is there twice.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Those of which it said that it did it.
    pub(crate) fn done(&self) -> Vec<String> {
        self.done.lock().unwrap().clone()
    }

    /// Says from now on that it failed, or does not.
    pub(crate) fn refuse(&self, refused: bool) {
        self.refused.store(refused, Ordering::SeqCst);
    }

    /// Lets everybody wait from now on.
    pub(crate) fn hold(&self) {
        self.allowed.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Answers those who wait, and everybody from now on.
    pub(crate) fn release(&self) {
        self.allowed.add_permits(Semaphore::MAX_PERMITS);
    }

    async fn answer(&self, id: String) -> StatusCode {
        self.asked.lock().unwrap().push(id.clone());
        if self.refused.load(Ordering::SeqCst) {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        drop(self.allowed.acquire().await.unwrap());
        self.done.lock().unwrap().push(id);
        StatusCode::OK
    }
}

impl HalfWorking {
    pub(crate) fn new() -> Self {
        Self {
            puts: Change::new(),
            removals: Change::new(),
        }
    }

    /// Serves Chroma's routes as far as the project service uses them; the base URL. Ends with the test's runtime.
    pub(crate) async fn serve(&self) -> String {
        let collections = "/api/v2/tenants/default_tenant/databases/default_database/collections";
        let router = Router::new()
            .route("/api/v2/heartbeat", get(|| async {}))
            .route(
                collections,
                post(|| async { axum::Json(json!({"id": "c"})) }),
            )
            .route(&format!("{collections}/c/{{action}}"), post(change))
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (trigger, shutdown) = assay_reference::shutdown::channel();
        tokio::spawn(async move {
            assay_reference::web::serve::serve(listener, router, shutdown).await;
            drop(trigger);
        });
        url
    }
}

async fn change(
    State(store): State<HalfWorking>,
    Path(action): Path<String>,
    axum::Json(body): axum::Json<Value>,
) -> StatusCode {
    let change = match action.as_str() {
        "upsert" => &store.puts,
        "delete" => &store.removals,
        other => panic!("the project service asks for {other}"),
    };
    change
        .answer(body["ids"][0].as_str().unwrap().to_owned())
        .await
}
