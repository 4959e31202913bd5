//! The client of an attempt: plain, so that a suite sees the service and not the client's comfort.

use std::sync::Arc;

use assay_load::transport::Names;
use rustls::crypto::ring;

use super::connecting::MeasureConnects;
use super::trust::TrustOnUse;
use crate::access::{Access, Resolver};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS configuration is contradictory.
    #[error("this build cannot speak TLS: {0}; report this as a defect of the host")]
    Tls(#[from] rustls::Error),
    /// The client could not be put together.
    #[error("no HTTP client could be made: {0}; report this as a defect of the host")]
    Client(#[from] reqwest::Error),
}

/// TLS 1.2 and 1.3 with the system's roots, offering HTTP/2 and HTTP/1.1.
pub(super) fn tls() -> Result<rustls::ClientConfig, ClientError> {
    let provider = Arc::new(ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustOnUse::new(provider)))
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// No proxy, no redirects (our own code follows them), no retries: each request of the suite is one on the wire.
/// (Cookies and decompression are not compiled in.) Where not everything may be asked, the addresses of names are judged too.
pub(super) fn client(
    tls: &rustls::ClientConfig,
    access: &Access,
    names: &Names,
) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connector_layer(MeasureConnects);
    let builder = if access.is_limited() {
        builder.dns_resolver(Arc::new(Resolver::new(access.clone(), names.clone())))
    } else {
        builder
    };
    Ok(builder.build()?)
}
