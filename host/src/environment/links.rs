//! The links of an environment that is up: for each one a proxy, which whoever connects is told instead of the service's address.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use assay_report::{
    event::LinkInfo,
    hint::{Hinted, nearest},
};
use tokio::net::{TcpListener, TcpStream, lookup_host};

use crate::{config::LinkSettings, environment::probe::host_and_port, link::Link};

/// The links that the environment declares, in the order in which their services came up.
#[derive(Debug, Default)]
pub(super) struct Links {
    known: Vec<Known>,
    /// Those that somebody is told of before it is known where they lead: ports that are open, or why there are none.
    waiting: Vec<(LinkSettings, Result<TcpListener, LinkError>)>,
}

#[derive(Debug)]
struct Known {
    settings: LinkSettings,
    state: Result<OpenLink, LinkError>,
}

/// A link that is there.
#[derive(Debug)]
pub struct OpenLink {
    /// As it is declared: `from->to`.
    pub name: String,
    /// The service that is connected to.
    pub to: String,
    /// The URL of that service over the link, without a slash at the end.
    pub url: String,
    /// Whether the suites connect, and no service.
    pub is_of_client: bool,
    /// The proxy.
    pub link: Link,
}

/// Why there is no such link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The environment declares none of that name.
    #[error("there is no link `{link}`; {}", list(known))]
    Unknown {
        /// The name.
        link: String,
        /// Those that are declared.
        known: Vec<String>,
    },
    /// One of its ends was not started here: the one that connects does not know the address of the link, or must not use it.
    #[error("the link `{link}` is not there: `{service}` was not started here")]
    NotStarted {
        /// The link.
        link: String,
        /// That end.
        service: String,
    },
    /// The service is on another machine.
    #[error("the link `{link}` is not there: `{url}` is not on this machine")]
    Elsewhere {
        /// The link.
        link: String,
        /// Where the service is.
        url: String,
    },
    /// The container that connects was up before the link.
    #[error(
        "the link `{link}` is not there: the compose project `{project}` ran already and knows nothing of it"
    )]
    Ran {
        /// The link.
        link: String,
        /// The project.
        project: String,
    },
    /// Containers do not reach this host.
    #[error("the link `{link}` is not there: containers do not reach this host: {problem}")]
    NoWayIn {
        /// The link.
        link: String,
        /// Why.
        problem: String,
    },
}

fn list(known: &[String]) -> String {
    if known.is_empty() {
        return "the environment declares none".to_owned();
    }
    format!("there is: {}", known.join(", "))
}

impl Hinted for LinkError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { link, known } => {
                match nearest(link, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "declare it in assay.toml, in the table `links` of the environment"
                        .to_owned(),
                }
            }
            Self::NotStarted { service, .. } => format!(
                "let the host start `{service}`: give it a `command` in assay.toml, and take it out of `--service` and the variables ASSAY_SERVICE_..."
            ),
            Self::Elsewhere { .. } => {
                "faults are made on loopback addresses only; start the service here".to_owned()
            }
            Self::Ran { project, .. } => format!(
                "take it down, so that the host brings it up: `docker compose --project-name {project} down`"
            ),
            Self::NoWayIn { .. } => {
                "links from containers need a Docker engine on this machine itself, and not in a virtual one as Docker Desktop has it"
                    .to_owned()
            }
        })
    }
}

impl Links {
    /// Opens the port of a link whose service is not up yet: what connects to it waits until then.
    pub(super) async fn wait(&mut self, link: &LinkSettings, at: IpAddr) {
        let bound = TcpListener::bind((at, 0)).await;
        let waiting = bound.map_err(|error| LinkError::NoWayIn {
            link: link.to_string(),
            problem: format!("{at} cannot be listened at: {error}"),
        });
        self.waiting.push((link.clone(), waiting));
    }

    /// Where a link waits; none if it does not.
    pub(super) fn waits_at(&self, link: &LinkSettings) -> Option<SocketAddr> {
        let (_, waiting) = self.waiting.iter().find(|(waiting, _)| waiting == link)?;
        waiting.as_ref().ok()?.local_addr().ok()
    }

    /// There will be no such link.
    pub(super) fn cannot_be(&mut self, link: &LinkSettings, reason: LinkError) {
        self.waiting.push((link.clone(), Err(reason)));
    }

    /// Opens a link to a service that is up; `started` tells whether the one that connects is started by this environment.
    pub(super) async fn open(
        &mut self,
        settings: &LinkSettings,
        url: &str,
        started: bool,
    ) -> io::Result<()> {
        let waiting = self.waiting.iter().position(|(link, _)| link == settings);
        let waiting = waiting.map(|place| self.waiting.remove(place).1);
        let state = state(settings, url, started, waiting).await?;
        self.known.push(Known {
            settings: settings.clone(),
            state,
        });
        Ok(())
    }

    /// A link by its name.
    pub(super) fn find(&self, name: &str) -> Result<&OpenLink, LinkError> {
        let names = || self.known.iter().map(|known| known.settings.to_string());
        match self.known.iter().find(|k| k.settings.to_string() == name) {
            Some(known) => known.state.as_ref().map_err(Clone::clone),
            None => Err(LinkError::Unknown {
                link: name.to_owned(),
                known: names().collect(),
            }),
        }
    }

    /// What one service knows of another one: the URL of the link between them; none if there is no link.
    pub(super) fn url(&self, from: &str, to: &str) -> Option<&str> {
        let mut known = self.known.iter();
        let found = known.find(|k| k.settings.from == from && k.settings.to == to)?;
        Some(&found.state.as_ref().ok()?.url)
    }

    /// Those that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &OpenLink> {
        self.known
            .iter()
            .filter_map(|known| known.state.as_ref().ok())
    }

    /// Those to a service, for the event that tells of it.
    pub(super) fn infos(&self, to: &str) -> Vec<LinkInfo> {
        let open = self.known.iter().filter_map(|known| {
            let link = known.state.as_ref().ok()?;
            (link.to == to).then(|| LinkInfo {
                from: known.settings.from.clone(),
                url: link.url.clone(),
            })
        });
        open.collect()
    }
}

/// Opens a link, on its port if that waits already.
async fn state(
    settings: &LinkSettings,
    url: &str,
    started: bool,
    waiting: Option<Result<TcpListener, LinkError>>,
) -> io::Result<Result<OpenLink, LinkError>> {
    let link = settings.to_string();
    let waiting = match waiting {
        Some(Ok(listener)) => Some(listener),
        Some(Err(reason)) => return Ok(Err(reason)),
        None if !started && !settings.is_of_client() => {
            let service = settings.from.clone();
            return Ok(Err(LinkError::NotStarted { link, service }));
        }
        None => None,
    };
    let Some(target) = loopback(url).await else {
        let url = url.to_owned();
        return Ok(Err(LinkError::Elsewhere { link, url }));
    };
    let opened = match waiting {
        Some(listener) => Link::on(listener, target)?,
        None => Link::open(target).await?,
    };
    Ok(Ok(OpenLink {
        name: link,
        to: settings.to.clone(),
        url: moved(url, opened.address()),
        is_of_client: settings.is_of_client(),
        link: opened,
    }))
}

/// Where a URL leads to, if that is a loopback address.
async fn loopback(url: &str) -> Option<SocketAddr> {
    let (host, port) = host_and_port(url).ok()?;
    let addresses: Vec<_> = match host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => lookup_host((host.as_str(), port)).await.ok()?.collect(),
    };
    if !addresses.iter().all(|address| address.ip().is_loopback()) {
        return None;
    }
    // A name such as `localhost` has an address of each kind, and a service often listens on one of them only.
    for address in &addresses {
        if TcpStream::connect(address).await.is_ok() {
            return Some(*address);
        }
    }
    addresses.first().copied()
}

/// A URL with another address: its scheme, user and path stay.
fn moved(url: &str, address: SocketAddr) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let user = authority.rfind('@').map_or("", |at| &authority[..=at]);
    format!("{scheme}://{user}{address}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    fn settings(from: &str, to: &str) -> LinkSettings {
        LinkSettings {
            from: from.to_owned(),
            to: to.to_owned(),
            origin: Origin::Default,
        }
    }

    #[test]
    fn a_url_over_a_link_differs_in_its_address_only() {
        let address = "127.0.0.1:7".parse().unwrap();
        for (url, expected) in [
            ("http://127.0.0.1:8001", "http://127.0.0.1:7"),
            ("http://localhost/api/v1", "http://127.0.0.1:7/api/v1"),
            (
                "redis://:pass@word@[::1]:6379/0",
                "redis://:pass@word@127.0.0.1:7/0",
            ),
        ] {
            assert_eq!(moved(url, address), expected);
        }
    }

    #[tokio::test]
    async fn a_link_leads_to_loopback_addresses_only_and_says_so_where_it_is_used() {
        let mut links = Links::default();
        for (to, url, there) in [
            ("four", "redis://127.0.0.1", true),
            ("six", "http://[::1]:8001/base", true),
            ("name", "http://localhost:8001", true),
            ("any", "http://0.0.0.0:8001", false),
            ("near", "http://192.0.2.1:8001", false),
            ("nowhere", "http://host.invalid:8001", false),
        ] {
            let link = settings("client", to);
            links.open(&link, url, false).await.unwrap();
            let found = links.find(&link.to_string());
            assert_eq!(found.is_ok(), there, "{url}: {found:?}");
            if let Err(error) = found {
                assert!(error.hint().is_some(), "{error}");
            }
        }
        assert_eq!(links.iter().count(), 3);
    }

    #[tokio::test]
    async fn a_link_that_is_not_there_says_why() {
        let mut links = Links::default();
        let url = "http://127.0.0.1:1";
        let error = links.find("a->b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no link `a->b`; the environment declares none"
        );
        links
            .open(&settings("web", "shop"), url, false)
            .await
            .unwrap();
        links
            .open(&settings("client", "shop"), url, false)
            .await
            .unwrap();
        let error = links.find("web->shop").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the link `web->shop` is not there: `web` was not started here"
        );
        let error = links.find("cleint->shop").unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean `client->shop`?");
        assert_eq!(links.url("web", "shop"), None);
        let found = links.find("client->shop").unwrap();
        assert_eq!(links.url("client", "shop"), Some(found.url.as_str()));
        assert_eq!(links.infos("shop").len(), 1);
    }

    #[tokio::test]
    async fn a_link_that_waited_keeps_the_address_that_was_told() {
        let mut links = Links::default();
        let link = settings("web", "shop");
        links.wait(&link, [127, 0, 0, 1].into()).await;
        let told = links.waits_at(&link).expect("it waits");
        assert_eq!(links.waits_at(&settings("web", "bank")), None);
        links
            .open(&link, "http://127.0.0.1:1", false)
            .await
            .unwrap();
        let found = links.find("web->shop").unwrap();
        assert_eq!(found.url, format!("http://{told}"));
        assert_eq!(found.link.address(), told);
        assert_eq!(links.waits_at(&link), None);
    }

    #[tokio::test]
    async fn a_link_that_cannot_wait_is_not_there_and_says_why() {
        let mut links = Links::default();
        let link = settings("web", "shop");
        // An address of no machine: as that of an engine in a virtual machine, it is not here.
        links.wait(&link, [192, 0, 2, 1].into()).await;
        assert_eq!(links.waits_at(&link), None);
        links
            .open(&link, "http://127.0.0.1:1", false)
            .await
            .unwrap();
        let error = links.find("web->shop").unwrap_err();
        let told = "the link `web->shop` is not there: containers do not reach this host: 192.0.2.1 cannot be listened at";
        assert!(error.to_string().starts_with(told), "{error}");
        assert!(error.hint().is_some());

        let link = settings("web", "bank");
        let reason = LinkError::Ran {
            link: link.to_string(),
            project: "shop".to_owned(),
        };
        links.cannot_be(&link, reason.clone());
        links
            .open(&link, "http://127.0.0.1:1", false)
            .await
            .unwrap();
        assert_eq!(links.find("web->bank").unwrap_err(), reason);
        assert!(reason.hint().unwrap().contains("--project-name shop down"));
    }
}
