//! The services that a service depends on, as it sees them. Every call is bounded in time.

pub mod cache;
pub mod embedding;
pub mod project_service;
pub mod vectors;

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

/// The most time for a connection.
const CONNECT: Duration = Duration::from_millis(500);

/// A client for plain HTTP between services, whose calls take no longer than this; proxies of the environment are not for them.
///
/// # Errors
/// When the TLS backend cannot be set up.
pub fn http_client(redirects: Policy, timeout: Duration) -> Result<Client, reqwest::Error> {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ClientBuilder::new()
        .no_proxy()
        .tls_certs_only([])
        .redirect(redirects)
        .connect_timeout(CONNECT.min(timeout))
        .timeout(timeout)
        .build()
}
