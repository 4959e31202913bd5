//! The ways in which a request is sent.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use assay_load::transport::{Client, Options, Parts, Template, With};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::drive::{Driven, Load, drive};

/// For each request of each way: a deadline is part of what a request costs.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// The transport of load: a prepared request, of whose answer the status is looked at.
    Fire,
    /// The same, with the whole answer.
    Send,
    /// hyper, with a task for each connection.
    Hyper,
    /// reqwest.
    Reqwest,
}

impl Way {
    pub(super) const ALL: [Self; 4] = [Self::Fire, Self::Send, Self::Hyper, Self::Reqwest];
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Fire => "fire",
            Self::Send => "send",
            Self::Hyper => "hyper",
            Self::Reqwest => "reqwest",
        })
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let way = Self::ALL.into_iter().find(|way| way.to_string() == name);
        way.ok_or_else(|| format!("`{name}` is no way: fire, send, hyper or reqwest"))
    }
}

pub(super) async fn run(way: Way, url: &str, load: Load) -> Driven {
    match way {
        Way::Fire => {
            let template = template(url);
            drive(load, async || template.clone(), fire).await
        }
        Way::Send => {
            let template = template(url);
            drive(load, async || template.clone(), send).await
        }
        Way::Hyper => {
            let address = url.trim_start_matches("http://").trim_end_matches('/');
            let request = Request::builder()
                .uri("/")
                .header("host", address)
                .header("accept", "*/*")
                .body(Empty::new())
                .unwrap();
            let connect = async || (connection(address).await, request.clone());
            drive(load, connect, hyper).await
        }
        Way::Reqwest => {
            let client = reqwest::Client::builder()
                .tls_backend_preconfigured(ClientConfig::clone(&trusts_nobody()))
                .no_proxy()
                .timeout(TIMEOUT)
                .build()
                .unwrap();
            let connect = async || (client.clone(), url.to_owned());
            drive(load, connect, reqwest).await
        }
    }
}

fn trusts_nobody() -> Arc<ClientConfig> {
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
    Arc::new(config)
}

fn template(url: &str) -> Template {
    let client = Client::new(&trusts_nobody(), Options::default());
    client.prepare(&Parts::get(url)).unwrap()
}

async fn fire(template: Template) -> Template {
    let sample = template.fire(With::Prepared, Instant::now()).await.unwrap();
    assert_eq!((sample.status, sample.received), (200, 13));
    template
}

async fn send(template: Template) -> Template {
    let answer = template.send(With::Prepared, Instant::now()).await.unwrap();
    assert_eq!((answer.head.status, answer.body.len()), (200, 13));
    template
}

type Connection = SendRequest<Empty<Bytes>>;

async fn connection(address: &str) -> Connection {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn hyper(
    (mut sender, request): (Connection, Request<Empty<Bytes>>),
) -> (Connection, Request<Empty<Bytes>>) {
    let exchange = async {
        sender.ready().await.unwrap();
        let answer = sender.send_request(request.clone()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        let mut received = 0;
        while let Some(frame) = body.frame().await {
            received += frame.unwrap().data_ref().map_or(0, Bytes::len);
        }
        assert_eq!(received, 13);
    };
    timeout(TIMEOUT, exchange).await.unwrap();
    (sender, request)
}

async fn reqwest((client, url): (reqwest::Client, String)) -> (reqwest::Client, String) {
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.bytes().await.unwrap().len(), 13);
    (client, url)
}
