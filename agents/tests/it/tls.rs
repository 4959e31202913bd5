//! A server that speaks TLS alone.

use std::path::{Path, PathBuf};

use assay_agents::{
    connection::{Access, Connection},
    error::NatsError,
};
use assay_test_server::nats::Nats;
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::stage::access;

/// Files of a certificate authority and of what it signed.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificates = Self { folder };
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        certificates.write("authority.pem", "CERTIFICATE", authority.as_ref().der());
        for (name, host) in [("server", "127.0.0.1"), ("client", "somebody")] {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
            let certificate = params.signed_by(&key, &authority).unwrap();
            certificates.write(&format!("{name}.pem"), "CERTIFICATE", certificate.der());
            certificates.write(&format!("{name}.key"), "PRIVATE KEY", &key.serialize_der());
        }
        certificates
    }

    /// Writes it as PEM.
    fn write(&self, name: &str, what: &str, bytes: &[u8]) {
        let text = BASE64.encode(bytes);
        let text = format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n");
        std::fs::write(self.file(name), text).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn server(certificates: &Certificates) -> Option<Nats> {
    let shown = |path: &Path| path.display().to_string();
    Nats::start_with(&format!(
        "jetstream {{ store_dir: \"{{store}}\" }}\ntls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: true }}\n",
        shown(&certificates.file("server.pem")),
        shown(&certificates.file("server.key")),
        shown(&certificates.file("authority.pem")),
    ))
}

#[tokio::test]
async fn tls_with_certificates_of_both_sides_is_what_nats_has() {
    let certificates = Certificates::new();
    let Some(nats) = server(&certificates) else {
        return;
    };
    let good = Access {
        root_certificates: vec![certificates.file("authority.pem")],
        certificate: Some((
            certificates.file("client.pem"),
            certificates.file("client.key"),
        )),
        ..access(&nats.url().replace("nats:", "tls:"))
    };
    Connection::open(&good, "a test").await.unwrap();
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_knows_is_told() {
    let (certificates, others) = (Certificates::new(), Certificates::new());
    let Some(nats) = server(&certificates) else {
        return;
    };
    let stranger = Access {
        root_certificates: vec![others.file("authority.pem")],
        ..access(&nats.url())
    };
    let error = Connection::open(&stranger, "a test").await.unwrap_err();
    assert!(matches!(error, NatsError::Tls { .. }), "{error:?}");
    // The address does not ask for TLS: it is the server that does.
    let words = format!(
        "there is no TLS with the NATS server at `{}`, which requires it: ",
        nats.url()
    );
    assert!(error.to_string().starts_with(&words), "{error}");
    let url = nats.url().replace("nats:", "tls:");
    let asked = Access {
        url: url.clone(),
        ..stranger
    };
    let error = Connection::open(&asked, "a test").await.unwrap_err();
    let words = format!("there is no TLS with the NATS server at `{url}`: ");
    assert!(error.to_string().starts_with(&words), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_told_to_whoever_asks_for_it() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url().replace("nats:", "tls:");
    let given = url.replace("tls://", "tls://user:secret@");
    let error = Connection::open(&access(&given), "a test")
        .await
        .unwrap_err();
    assert_eq!(error, NatsError::NoTls { url });
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_told() {
    let certificates = Certificates::new();
    let Some(nats) = server(&certificates) else {
        return;
    };
    let missing = Access {
        root_certificates: vec!["/nowhere/authority.pem".into()],
        ..access(&nats.url())
    };
    let error = Connection::open(&missing, "a test").await.unwrap_err();
    assert!(
        error.to_string().contains("/nowhere/authority.pem"),
        "{error:?}"
    );
}

#[tokio::test]
async fn who_shows_no_certificate_where_one_is_wanted_is_told() {
    let certificates = Certificates::new();
    let Some(nats) = server(&certificates) else {
        return;
    };
    let nobody = Access {
        root_certificates: vec![certificates.file("authority.pem")],
        ..access(&nats.url())
    };
    let error = Connection::open(&nobody, "a test").await.unwrap_err();
    assert!(matches!(error, NatsError::Tls { .. }), "{error:?}");
}
