//! Toxiproxy's API, spoken as its clients speak it, and what the connections of a proxy meet.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use assay_host::toxiproxy::{StartError, Toxiproxy};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Nothing here takes this long.
const SOON: Duration = Duration::from_secs(10);

/// The API and an echo server to make proxies of.
struct Api {
    server: Toxiproxy,
    client: Client,
    upstream: SocketAddr,
}

impl Api {
    async fn start() -> Self {
        let server = Toxiproxy::start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a free port");
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            server,
            client: Client::builder().no_proxy().build().expect("a client"),
            upstream: echo().await,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("http://{}{path}", self.server.address());
        let mut request = self.client.request(method, url).timeout(SOON);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a whole body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn delete(&self, path: &str) -> u16 {
        self.ask(Method::DELETE, path, None).await.0
    }

    /// A proxy of that name to the echo server, and where it listens.
    async fn proxy(&self, name: &str) -> SocketAddr {
        let request = json!({"name": name, "upstream": self.upstream.to_string()});
        let (status, body) = self.post("/proxies", request).await;
        assert_eq!(status, 201, "{body}");
        let listen = body["listen"].as_str().expect("its address");
        listen.parse().expect("an address")
    }
}

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = connection.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    address
}

/// What comes back for some bytes: all of them, or less before the end.
async fn sent_and_returned(connection: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    let mut returned = vec![0; bytes.len()];
    let mut length = 0;
    if connection.write_all(bytes).await.is_ok() {
        while length < bytes.len() {
            let read = timeout(SOON, connection.read(&mut returned[length..])).await;
            match read.expect("more bytes, or the end") {
                Ok(more) if more > 0 => length += more,
                Ok(_) | Err(_) => break,
            }
        }
    }
    returned.truncate(length);
    returned
}

async fn works(address: SocketAddr) -> bool {
    match TcpStream::connect(address).await {
        Ok(mut connection) => sent_and_returned(&mut connection, b"hello").await == b"hello",
        Err(_) => false,
    }
}

#[tokio::test]
async fn a_proxy_is_made_shown_and_deleted() {
    let api = Api::start().await;
    let address = api.proxy("echo").await;
    assert!(works(address).await);
    let expected = json!({
        "name": "echo", "listen": address.to_string(), "upstream": api.upstream.to_string(), "enabled": true, "toxics": [],
    });
    assert_eq!(api.get("/proxies/echo").await, expected);
    assert_eq!(api.get("/proxies").await, json!({"echo": expected}));
    assert_eq!(api.delete("/proxies/echo").await, 204);
    assert_eq!(api.get("/proxies").await, json!({}));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_proxy_that_is_not_enabled_refuses_until_it_is_and_keeps_its_toxics() {
    let api = Api::start().await;
    let address = api.proxy("echo").await;
    let toxic = json!({"type": "limit_data", "attributes": {"bytes": 3}});
    assert_eq!(api.post("/proxies/echo/toxics", toxic).await.0, 200);
    let disabled = api.post("/proxies/echo", json!({"enabled": false})).await;
    assert_eq!((disabled.0, &disabled.1["enabled"]), (200, &json!(false)));
    assert!(TcpStream::connect(address).await.is_err());
    let enabled = api
        .ask(
            Method::PATCH,
            "/proxies/echo",
            Some(json!({"enabled": true})),
        )
        .await;
    assert_eq!(enabled.1["listen"], json!(address.to_string()));
    let mut connection = TcpStream::connect(address).await.unwrap();
    assert_eq!(sent_and_returned(&mut connection, b"hello").await, b"hel");
}

#[tokio::test]
async fn a_toxic_meets_open_connections_can_be_changed_and_is_healed_when_it_is_removed() {
    let api = Api::start().await;
    let address = api.proxy("echo").await;
    let mut connection = TcpStream::connect(address).await.unwrap();
    assert_eq!(sent_and_returned(&mut connection, b"hello").await, b"hello");
    let toxic = json!({
        "name": "slow", "type": "latency", "stream": "upstream", "attributes": {"latency": 300},
    });
    let (status, made) = api.post("/proxies/echo/toxics", toxic).await;
    assert_eq!(status, 200, "{made}");
    let began = Instant::now();
    assert_eq!(sent_and_returned(&mut connection, b"hello").await, b"hello");
    // At least what was asked for: a fault that does nothing would be faster on any machine.
    assert!(began.elapsed() >= Duration::from_millis(300));
    let change = json!({"attributes": {"latency": 100}, "toxicity": 0.0});
    let (_, changed) = api.post("/proxies/echo/toxics/slow", change).await;
    let expected = json!({
        "name": "slow", "type": "latency", "stream": "upstream", "toxicity": 0.0,
        "attributes": {"latency": 100, "jitter": 0},
    });
    assert_eq!(changed, expected);
    assert_eq!(api.get("/proxies/echo/toxics").await, json!([expected]));
    assert_eq!(api.delete("/proxies/echo/toxics/slow").await, 204);
    assert_eq!(api.get("/proxies/echo/toxics").await, json!([]));
    assert_eq!(sent_and_returned(&mut connection, b"hello").await, b"hello");
}

#[tokio::test]
async fn reset_peer_resets_and_a_timeout_ends_connections_that_get_nothing() {
    let api = Api::start().await;
    let address = api.proxy("echo").await;
    for toxic in [
        json!({"type": "reset_peer"}),
        json!({"type": "timeout", "attributes": {"timeout": 50}}),
    ] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        assert_eq!(sent_and_returned(&mut connection, b"hello").await, b"hello");
        let (status, made) = api.post("/proxies/echo/toxics", toxic).await;
        assert_eq!(status, 200, "{made}");
        assert_eq!(sent_and_returned(&mut connection, b"again").await, b"");
        let path = format!("/proxies/echo/toxics/{}", made["name"].as_str().unwrap());
        assert_eq!(api.delete(&path).await, 204);
        assert!(works(address).await);
    }
}

#[tokio::test]
async fn reset_removes_every_toxic_and_enables_every_proxy() {
    let api = Api::start().await;
    let (broken, disabled) = (api.proxy("broken").await, api.proxy("disabled").await);
    let toxic = json!({"type": "reset_peer"});
    assert_eq!(api.post("/proxies/broken/toxics", toxic).await.0, 200);
    api.post("/proxies/disabled", json!({"enabled": false}))
        .await;
    assert!(!works(broken).await && !works(disabled).await);
    assert_eq!(api.post("/reset", json!({})).await.0, 204);
    assert!(works(broken).await && works(disabled).await);
    assert_eq!(api.get("/proxies/broken/toxics").await, json!([]));
}

#[tokio::test]
async fn populate_keeps_what_is_there_as_asked_and_makes_the_rest_anew() {
    let api = Api::start().await;
    let (kept, moved) = (api.proxy("kept").await, api.proxy("moved").await);
    let toxic = json!({"type": "latency"});
    assert_eq!(api.post("/proxies/kept/toxics", toxic).await.0, 200);
    let other = echo().await;
    let request = json!([
        {"name": "kept", "listen": kept.to_string(), "upstream": api.upstream.to_string()},
        {"name": "moved", "listen": moved.to_string(), "upstream": other.to_string()},
        {"name": "new", "upstream": api.upstream.to_string(), "enabled": false},
    ]);
    let (status, populated) = api.post("/populate", request).await;
    assert_eq!(status, 201, "{populated}");
    let shown = api.get("/proxies").await;
    assert_eq!(
        shown["kept"]["toxics"][0]["name"],
        json!("latency_downstream")
    );
    assert_eq!(shown["moved"]["upstream"], json!(other.to_string()));
    assert_eq!(shown["new"]["enabled"], json!(false));
    assert!(works(kept).await && works(moved).await);
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_toxiproxys_words() {
    let api = Api::start().await;
    api.proxy("echo").await;
    let upstream = api.upstream.to_string();
    let toxic = json!({"name": "toxic", "type": "latency"});
    assert_eq!(api.post("/proxies/echo/toxics", toxic.clone()).await.0, 200);
    for (path, body, status, words) in [
        ("/proxies", json!("echo"), 400, "bad request body"),
        (
            "/proxies",
            json!({"upstream": upstream}),
            400,
            "missing required field: name",
        ),
        (
            "/proxies",
            json!({"name": "a"}),
            400,
            "missing required field: upstream",
        ),
        (
            "/proxies",
            json!({"name": "echo", "upstream": upstream}),
            409,
            "proxy already exists",
        ),
        (
            "/proxies",
            json!({"name": "a", "upstream": "nowhere"}),
            400,
            "`nowhere` is no address",
        ),
        (
            "/proxies",
            json!({"name": "a", "upstream": upstream, "listen": "0.0.0.0:0"}),
            400,
            "give it 127.0.0.1:0 instead of 0.0.0.0:0",
        ),
        ("/proxies/none", json!({}), 404, "proxy not found"),
        ("/proxies/echo/toxics", toxic, 409, "toxic already exists"),
        (
            "/proxies/echo/toxics",
            json!({"type": "slicer"}),
            400,
            "invalid toxic type",
        ),
        (
            "/proxies/echo/toxics",
            json!({"type": "bandwidth"}),
            400,
            "byte",
        ),
        (
            "/proxies/echo/toxics",
            json!({"type": "timeout", "toxicity": 2}),
            400,
            "share",
        ),
        (
            "/proxies/echo/toxics/none",
            json!({}),
            404,
            "toxic not found",
        ),
        (
            "/populate",
            json!([{"upstream": upstream}]),
            400,
            "missing required field: name",
        ),
    ] {
        let (found, answer) = api.post(path, body.clone()).await;
        let error = answer["error"].as_str().unwrap_or_default();
        assert_eq!(found, status, "{path} {body}: {answer}");
        assert_eq!(answer["status"], json!(status), "{path} {body}");
        assert!(error.contains(words), "{path} {body}: {error}");
    }
    let shown = api.get("/proxies").await;
    assert_eq!(shown.as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(shown["echo"]["toxics"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_and_leaves_no_proxy() {
    let api = Api::start().await;
    let taken = api.upstream.to_string();
    let request = json!({"name": "a", "upstream": taken, "listen": taken});
    let (status, answer) = api.post("/proxies", request).await;
    assert_eq!(status, 500, "{answer}");
    assert_eq!(api.get("/proxies").await, json!({}));
}

#[tokio::test]
async fn the_257th_proxy_is_refused() {
    let api = Api::start().await;
    let request = |name: usize| json!({"name": name.to_string(), "upstream": api.upstream.to_string(), "enabled": false});
    let all: Vec<_> = (0..256).map(request).collect();
    assert_eq!(api.post("/populate", json!(all)).await.0, 201);
    let (status, answer) = api.post("/proxies", request(256)).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("at most 256"));
}

#[tokio::test]
async fn a_page_in_a_browser_cannot_use_it() {
    let api = Api::start().await;
    let url = format!("http://{}/version", api.server.address());
    let asked = api.client.get(&url).header("User-Agent", "Mozilla/5.0");
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let version = api.get("/version").await;
    assert!(
        version["version"]
            .as_str()
            .unwrap()
            .starts_with("2.12.0+assay.")
    );
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused() {
    let error = Toxiproxy::start(([0, 0, 0, 0], 0).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(_)), "{error}");
}

#[tokio::test]
async fn its_end_closes_every_proxy() {
    let api = Api::start().await;
    let address = api.proxy("echo").await;
    let mut connection = TcpStream::connect(address).await.unwrap();
    assert_eq!(sent_and_returned(&mut connection, b"hello").await, b"hello");
    api.server.close().await;
    assert_eq!(sent_and_returned(&mut connection, b"again").await, b"");
    assert!(TcpStream::connect(address).await.is_err());
}
