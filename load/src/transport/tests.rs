//! Against servers that do what a script says, byte by byte: every error of the contract, every limit at its limit, every way to lose
//! a connection.

mod bodies;
mod ending;
mod errors;
mod guard;
mod http2;
mod keeping;
mod rebinding;
mod requests;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use assay_test_server as script;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, timeout};

use super::{Client, Error, Options, Parts, Response, Sample, Template, With};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Trusts these certificates.
fn trusting(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// A client that trusts nobody.
fn client() -> Client {
    with_options(Options::default())
}

fn with_options(options: Options) -> Client {
    Client::new(&trusting(RootCertStore::empty()), options)
}

/// A `GET` that may take as long as a test's patience.
fn get(url: impl Into<String>) -> Parts {
    Parts {
        timeout: PATIENCE,
        ..Parts::get(url)
    }
}

fn template(client: &Client, url: impl Into<String>) -> Template {
    client.prepare(&get(url)).unwrap()
}

async fn fire(template: &Template) -> Result<Sample, Error> {
    template.fire(With::Prepared, Instant::now()).await
}

async fn send(template: &Template) -> Result<Response, Error> {
    template.send(With::Prepared, Instant::now()).await
}

/// An answer of 200 with this body.
fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Waits for a condition that a server or the system brings about.
async fn eventually(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, waiting)
        .await
        .expect("it does not come about");
}
