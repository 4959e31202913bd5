//! A name that leads somewhere else with its second look: where it leads then is judged anew, and nobody is connected who is not granted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;
use url::Url;

use super::super::{Guard, Looking, Lookup, Names, Rules};
use super::*;

const GRANTED: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const FORBIDDEN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Tells one address after the other, and the last one again and again.
#[derive(Debug)]
struct Turning {
    addresses: Vec<IpAddr>,
    looks: AtomicUsize,
}

impl Lookup for Turning {
    fn look_up<'a>(&'a self, _: &'a str, port: u16) -> Looking<'a> {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        let address = self.addresses[look.min(self.addresses.len() - 1)];
        Box::pin(async move { Ok(vec![SocketAddr::new(address, port)]) })
    }
}

/// Lets every name be asked, and one address be connected to.
#[derive(Debug, Default)]
struct OneAddress {
    judged: Mutex<Vec<IpAddr>>,
}

impl Rules for OneAddress {
    fn may_ask(&self, _: &Url) -> Result<(), String> {
        Ok(())
    }

    fn allowed(&self, _: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, String> {
        let asked = addresses.iter().map(SocketAddr::ip);
        self.judged.lock().unwrap().extend(asked);
        match addresses.iter().find(|address| address.ip() != GRANTED) {
            Some(other) => Err(format!("not {}", other.ip())),
            None => Ok(addresses),
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_with_its_second_look_is_denied_and_nobody_is_connected() {
    let server = script::always(ok("good")).await;
    let url = server.url.replace("127.0.0.1", "rebind.test");
    let port = Url::parse(&server.url).unwrap().port().unwrap();
    // It listens, and must not be asked.
    let forbidden = TcpListener::bind((FORBIDDEN, port)).await.unwrap();
    let names = Arc::new(Turning {
        addresses: vec![GRANTED, FORBIDDEN],
        looks: AtomicUsize::new(0),
    });
    let rules = Arc::new(OneAddress::default());
    // Each worker of a load has a client of its own, which looks by itself.
    let worker = || {
        with_options(Options {
            guard: Guard::new(Arc::clone(&rules) as Arc<dyn Rules>),
            names: Names::told_by(Arc::clone(&names) as Arc<dyn Lookup>),
            ..Options::default()
        })
    };
    let first = worker();
    for _ in 0..2 {
        let sample = fire(&template(&first, &url)).await.unwrap();
        assert_eq!(sample.status, 200);
    }
    let second = worker();
    for _ in 0..2 {
        let denied = fire(&template(&second, &url)).await.unwrap_err();
        assert_eq!(denied, Error::Denied(format!("not {FORBIDDEN}")));
    }
    // What was judged is what was connected to: the first worker has not looked again.
    assert_eq!(fire(&template(&first, &url)).await.unwrap().status, 200);
    assert_eq!(names.looks.load(Ordering::Relaxed), 3);
    assert_eq!(
        *rules.judged.lock().unwrap(),
        [GRANTED, FORBIDDEN, FORBIDDEN]
    );
    let asked = tokio::time::timeout(std::time::Duration::ZERO, forbidden.accept()).await;
    assert!(asked.is_err(), "somebody was connected: {asked:?}");
}
