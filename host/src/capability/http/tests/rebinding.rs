//! A name that leads somewhere else with its second look (DNS rebinding): what a request connects to is judged, and not what it was before.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assay_grants::Permit;
use assay_load::transport::{Looking, Lookup, Names};
use reqwest::Url;
use tokio::{net::TcpListener, time::timeout};

use super::*;
use crate::capability::http::kind;

const FORBIDDEN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A name that leads to a server, and then to somebody who is not granted.
pub(crate) struct Rebinding {
    /// The server, by that name.
    pub(crate) url: String,
    looks: Arc<Turning>,
    /// It listens, and must not be asked.
    forbidden: TcpListener,
    names: Names,
    rights: Rights,
}

/// Leads to the server once.
#[derive(Debug, Default)]
struct Turning(AtomicUsize);

impl Lookup for Turning {
    fn look_up<'a>(&'a self, _: &'a str, port: u16) -> Looking<'a> {
        let address = match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => Ipv4Addr::LOCALHOST.into(),
            _ => FORBIDDEN,
        };
        Box::pin(async move { Ok(vec![SocketAddr::new(address, port)]) })
    }
}

impl Rebinding {
    /// Of a server on loopback, whose name and address are granted.
    pub(crate) async fn of(server: &str) -> Self {
        let port = Url::parse(server).unwrap().port().unwrap();
        let grants = format!("hosts = [\"rebind.test:{port}\", \"127.0.0.1:{port}\"]");
        let permit = Permit::only("shop", toml::from_str(&grants).unwrap());
        let looks = Arc::new(Turning::default());
        Self {
            url: server.replace("127.0.0.1", "rebind.test"),
            names: Names::told_by(Arc::clone(&looks) as Arc<dyn Lookup>),
            looks,
            forbidden: TcpListener::bind((FORBIDDEN, port)).await.unwrap(),
            rights: Rights::new(&permit, &BTreeMap::new(), &[]),
        }
    }

    /// A client that is led by that name.
    pub(crate) fn client(&self) -> (Context, Told) {
        let shared = Shared::new().unwrap().named_by(self.names.clone());
        client_of(&shared, self.rights.clone())
    }

    /// The name led there, which was told as a refusal, and nobody was connected.
    pub(crate) async fn assert_refused(self, told: &mut Told) {
        assert!(
            self.looks.0.load(Ordering::Relaxed) >= 2,
            "it was looked up again"
        );
        let refused =
            std::iter::from_fn(|| told.try_recv().ok()).find_map(|happened| match happened.kind {
                EventKind::Refused { refusal, .. } => Some(refusal.subject),
                _ => None,
            });
        let port = self.forbidden.local_addr().unwrap().port();
        assert_eq!(refused, Some(format!("{FORBIDDEN}:{port}")));
        let asked = timeout(Duration::ZERO, self.forbidden.accept()).await;
        assert!(asked.is_err(), "somebody was connected: {asked:?}");
    }
}

#[tokio::test]
async fn a_request_whose_name_leads_elsewhere_since_the_last_one_is_denied() {
    let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood";
    let server = script::always(answer).await;
    let rebinding = Rebinding::of(&server.url).await;
    let (context, mut told) = rebinding.client();
    assert_eq!(context.send(get(&rebinding.url)).await.unwrap().status, 200);
    for _ in 0..2 {
        let denied = context.send(get(&rebinding.url)).await.unwrap_err();
        assert_eq!(kind(&denied), "denied", "{denied:?}");
    }
    assert_eq!(server.accepted(), 1);
    rebinding.assert_refused(&mut told).await;
}
