//! Where requests may go, and that nothing is sent where they may not.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use assay_test_server::server;
use url::Url;

use super::super::{Guard, Rules};
use super::*;

/// Refuses the names and the addresses that it is told, and notes what it is asked.
#[derive(Debug, Default)]
struct Refusing {
    host: Option<&'static str>,
    address: Option<IpAddr>,
    asked: Mutex<Vec<String>>,
}

impl Rules for Refusing {
    fn may_ask(&self, url: &Url) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default();
        self.asked.lock().unwrap().push(format!("ask {host}"));
        match self.host {
            Some(refused) if refused == host => Err(format!("not {host}")),
            _ => Ok(()),
        }
    }

    fn allowed(&self, host: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, String> {
        let (mut allowed, mut refused) = (Vec::new(), None);
        for address in addresses {
            assert_ne!(address.port(), 0);
            let asked = format!("connect {host} {}", address.ip());
            self.asked.lock().unwrap().push(asked);
            if self.address == Some(address.ip()) {
                refused = Some(format!("not {}", address.ip()));
            } else {
                allowed.push(address);
            }
        }
        match refused {
            Some(refused) if allowed.is_empty() => Err(refused),
            _ => Ok(allowed),
        }
    }
}

fn guarded(rules: Refusing) -> (Client, Arc<Refusing>) {
    let rules = Arc::new(rules);
    let options = Options {
        guard: Guard::new(Arc::clone(&rules) as Arc<dyn Rules>),
        ..Options::default()
    };
    (with_options(options), rules)
}

#[tokio::test]
async fn what_may_not_be_asked_is_denied_when_it_is_prepared() {
    let (client, _) = guarded(Refusing {
        host: Some("127.0.0.1"),
        ..Refusing::default()
    });
    let refused = client.prepare(&get("http://127.0.0.1:1/")).unwrap_err();
    assert_eq!(refused, Error::Denied("not 127.0.0.1".to_owned()));
    assert_eq!(refused.kind(), "denied");
    client.prepare(&get("http://localhost:1/")).unwrap();
}

#[tokio::test]
async fn a_name_that_leads_to_an_address_that_is_refused_is_denied_and_nobody_is_connected() {
    let server = server(|_| async {}).await;
    let (client, rules) = guarded(Refusing {
        address: Some([127, 0, 0, 1].into()),
        ..Refusing::default()
    });
    for host in ["127.0.0.1", "localhost"] {
        let url = server.url.replace("127.0.0.1", host);
        let template = template(&client, url);
        let denied = fire(&template).await.unwrap_err();
        let is_denied = denied == Error::Denied("not 127.0.0.1".to_owned());
        // `localhost` may have an address of the other kind, too, where nobody listens.
        assert!(
            is_denied || host == "localhost" && denied.kind() == "connect",
            "{denied}"
        );
        assert_eq!(server.accepted(), 0, "{host}");
    }
    let asked = rules.asked.lock().unwrap();
    assert!(
        asked.contains(&"connect localhost 127.0.0.1".to_owned()),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_is_allowed_is_asked_once_for_each_origin() {
    let server = script::always(ok("good")).await;
    let (client, rules) = guarded(Refusing::default());
    let template = template(&client, &server.url);
    for _ in 0..3 {
        assert_eq!(fire(&template).await.unwrap().status, 200);
    }
    let asked = rules.asked.lock().unwrap();
    assert_eq!(*asked, ["ask 127.0.0.1", "connect 127.0.0.1 127.0.0.1"]);
}
