//! A client of one service that takes no answer which the service's document does not have.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::contract::Contract;
use crate::frames::Frames;

/// A client of one service.
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) url: String,
    contract: OnceCell<Option<Contract>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) raw: String,
}

impl Reply {
    /// The string at this JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found
            .unwrap_or_else(|| panic!("no string at {pointer} of {}", self.body))
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn code(&self) -> String {
        self.text("/error/code")
    }

    /// The fields that were refused.
    pub(crate) fn fields(&self) -> Vec<String> {
        let details = self.body["error"]["details"].as_array();
        let details = details.unwrap_or_else(|| panic!("no details in {}", self.body));
        details
            .iter()
            .map(|problem| problem["field"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        // Another test may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([])
            .build()
            .unwrap();
        Self {
            http,
            url: url.to_owned(),
            contract: OnceCell::new(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, body).await
    }

    pub(crate) async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Reply {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        self.call("POST", path, &headers, Some(body.to_string()))
            .await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/json")];
        self.call(method, path, &headers, Some(body.to_string()))
            .await
    }

    /// Any request. Its answer must be one that the service documents.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}{path}", self.url))
            .timeout(Duration::from_secs(20));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let raw = response.text().await.unwrap();
        if let Some(contract) = self.contract().await {
            let kind = headers.get("content-type");
            let kind = kind.map_or("", |value| value.to_str().unwrap());
            contract.check(method, path, status, kind, raw.as_bytes());
            assert!(headers.contains_key("x-trace-id"), "{method} {path}");
        }
        Reply {
            status,
            headers,
            body: serde_json::from_str(&raw).unwrap_or(Value::Null),
            raw,
        }
    }

    /// What the service documents; none if it documents nothing, as the vector store.
    pub(crate) async fn contract(&self) -> Option<&Contract> {
        self.contract
            .get_or_init(|| async {
                let url = format!("{}/openapi.json", self.url);
                let response = self.http.get(url).send().await.unwrap();
                if !response.status().is_success() {
                    return None;
                }
                Some(Contract(response.json().await.unwrap()))
            })
            .await
            .as_ref()
    }

    pub(crate) async fn stream(&self, job_id: &str, last_event_id: Option<&str>) -> Frames {
        let url = format!("{}/api/v1/generations/{job_id}/events", self.url);
        let mut request = self.http.get(url);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        Frames::of(request.send().await.unwrap())
    }
}
