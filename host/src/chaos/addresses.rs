//! Which service a request of a suite is for: by its own URL, or by that of the link from the suites to it.

use reqwest::Url;

use crate::environment::Environment;

/// Where the services of an environment answer.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    known: Vec<Address>,
}

#[derive(Debug)]
struct Address {
    service: String,
    base: Url,
    /// The whole path of its health.
    health: Option<String>,
}

impl Addresses {
    /// All that suites may know of this environment.
    pub(super) fn of(environment: &Environment) -> Self {
        let services = environment.services().iter();
        let own = services.map(|service| (service.name.as_str(), service.url.as_str()));
        let links = environment.links().filter(|link| link.is_of_client);
        let links = links.map(|link| (link.to.as_str(), link.url.as_str()));
        let known = own.chain(links).filter_map(|(service, url)| {
            let health = environment.readiness(service)?.health.as_deref();
            Address::new(service, url, health)
        });
        Self {
            known: known.collect(),
        }
    }

    /// Whether a request is for this service.
    pub(super) fn is_for(&self, url: &Url, service: &str) -> bool {
        self.find(url).any(|address| address.service == service)
    }

    /// Whether a request is for any service, and not for its health.
    pub(super) fn is_business(&self, url: &Url) -> bool {
        self.find(url)
            .next()
            .is_some_and(|address| address.health.as_deref() != Some(url.path()))
    }

    fn find(&self, url: &Url) -> impl Iterator<Item = &Address> {
        self.known.iter().filter(move |address| address.covers(url))
    }
}

impl Address {
    fn new(service: &str, url: &str, health: Option<&str>) -> Option<Self> {
        let base = Url::parse(url).ok()?;
        let path = base.path().trim_end_matches('/');
        Some(Self {
            service: service.to_owned(),
            health: health.map(|health| format!("{path}{health}")),
            base,
        })
    }

    fn covers(&self, url: &Url) -> bool {
        let base = self.base.path().trim_end_matches('/');
        self.base.scheme() == url.scheme()
            && self.base.host_str() == url.host_str()
            && self.base.port_or_known_default() == url.port_or_known_default()
            && url
                .path()
                .strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_for_the_service_whose_url_it_begins_with() {
        let known = [
            ("shop", "http://127.0.0.1:8001", Some("/health")),
            ("shop", "http://127.0.0.1:9001", Some("/health")),
            ("bank", "http://127.0.0.1:8002/base", Some("/health")),
            ("cache", "redis://127.0.0.1:6379", None),
        ];
        let known = known.map(|(service, url, health)| Address::new(service, url, health).unwrap());
        let addresses = Addresses {
            known: known.into(),
        };
        for (url, service, business) in [
            ("http://127.0.0.1:8001", Some("shop"), true),
            ("http://127.0.0.1:8001/items?x=1", Some("shop"), true),
            ("http://127.0.0.1:8001/health?deep=1", Some("shop"), false),
            ("http://127.0.0.1:9001/health", Some("shop"), false),
            ("http://127.0.0.1:8002/base", Some("bank"), true),
            ("http://127.0.0.1:8002/base/health", Some("bank"), false),
            ("http://127.0.0.1:8002/health", None, false),
            ("http://127.0.0.1:8002/bases", None, false),
            ("http://127.0.0.1:18001/", None, false),
            ("https://127.0.0.1:8001/", None, false),
        ] {
            let parsed = Url::parse(url).unwrap();
            let names = ["shop", "bank", "cache"];
            let found = names
                .into_iter()
                .find(|name| addresses.is_for(&parsed, name));
            assert_eq!(found, service, "{url}");
            assert_eq!(addresses.is_business(&parsed), business, "{url}");
        }
    }
}
