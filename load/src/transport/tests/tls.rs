//! TLS, against a server with a certificate of its own.

use assay_test_server::server;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server's configuration for `localhost`, and a client's that trusts it.
pub(super) fn configurations(protocols: &[&str]) -> (TlsAcceptor, Arc<ClientConfig>) {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    (TlsAcceptor::from(Arc::new(config)), trusting(roots))
}

/// Answers each request, whatever it is, as long as its head fits into one read.
async fn answers(acceptor: TlsAcceptor) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut head = [0; 1024];
                while let Ok(1..) = stream.read(&mut head).await {
                    stream.write_all(ok("secret").as_bytes()).await.unwrap();
                    stream.flush().await.unwrap();
                }
            });
        }
    });
    format!("https://localhost:{port}/")
}

#[tokio::test]
async fn a_trusted_server_is_spoken_to_over_one_connection() {
    let (acceptor, trusting) = configurations(&[]);
    let url = answers(acceptor).await;
    let template = template(&Client::new(&trusting, Options::default()), url);
    assert!(fire(&template).await.unwrap().connect.is_some());
    for _ in 0..5 {
        let answer = send(&template).await.unwrap();
        assert_eq!(
            (&*answer.body, answer.timings.connect),
            (&b"secret"[..], None)
        );
        assert_eq!(answer.head.version, "HTTP/1.1");
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_a_tls_error() {
    let (acceptor, _) = configurations(&[]);
    let url = answers(acceptor).await;
    let error = fire(&template(&client(), url)).await.unwrap_err();
    assert_eq!(error.kind(), "tls");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_server_with_the_name_of_another_is_a_tls_error() {
    let (acceptor, trusting) = configurations(&[]);
    let url = answers(acceptor).await.replace("localhost", "127.0.0.1");
    let template = template(&Client::new(&trusting, Options::default()), url);
    assert_eq!(fire(&template).await.unwrap_err().kind(), "tls");
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_error() {
    let server = server(|mut connection| async move {
        connection.send("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        connection.ended().await;
    })
    .await;
    let url = server.url.replace("http:", "https:");
    assert_eq!(
        fire(&template(&client(), url)).await.unwrap_err().kind(),
        "tls"
    );
}

#[tokio::test]
async fn a_server_that_hangs_up_within_the_handshake_is_a_tls_error() {
    let server = server(|mut connection| async move { connection.bytes(1).await }).await;
    let url = server.url.replace("http:", "https:");
    let error = fire(&template(&client(), url)).await.unwrap_err();
    assert!(["tls", "connect"].contains(&error.kind()), "{error}");
}
