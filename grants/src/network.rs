//! Where a plugin may connect to, asked twice: by the name before anything is sent, and by the address before a connection is made.
//!
//! The second question is what nothing leads around. A name that changes its address between two looks (DNS rebinding) is judged by the
//! address of this very connection; a redirect is a further request, for which both questions are asked again; a proxy would resolve
//! names out of sight, so whoever sends for a plugin uses none. An address that holds another one is judged as that one
//! ([`plain`](crate::special::plain)).
//!
//! - A name has to be granted as a name. It may lead to addresses that everybody may have; where it leads to one of a special purpose
//!   ([`purpose`](crate::special::purpose)), that address has to be granted too, with its port.
//! - An address in the place of a name has to be granted as an address.
//! - Where granted services and links answer is granted with them. A service whose URL has a name may be wherever that leads, since the
//!   project chose it, but for metadata services.

use std::net::IpAddr;

use url::Url;

use crate::{
    denied::{Denied, Kind},
    grants::Grants,
    host_pattern::{HostPattern, Named},
    permit::{Permit, Target},
    special::{Purpose, plain, purpose},
};

/// Where a service of the environment, or a link from the suites, answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers<'a> {
    /// The name of the service, or `from->to` of the link.
    pub name: &'a str,
    /// The host of its URL.
    pub host: &'a str,
    /// The port of its URL.
    pub port: u16,
}

/// Where one plugin may connect to.
#[derive(Clone, Debug)]
pub struct Network {
    permit: Permit,
    places: Vec<Place>,
}

/// Where a service answers, and whether the plugin has it.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    host: Named,
    port: u16,
    granted: bool,
}

impl Network {
    /// With all services and links of the environment, granted or not: of one that is not, a refusal can tell its name.
    pub fn new<'a>(permit: &Permit, all: impl IntoIterator<Item = Answers<'a>>) -> Self {
        let granted = |name| {
            let target = Target::of(name);
            permit.grants().is_none_or(|grants| target.is_in(grants))
        };
        let place = |answers: Answers<'a>| {
            Some(Place {
                name: answers.name.to_owned(),
                host: Named::read(answers.host)?,
                port: answers.port,
                granted: granted(answers.name),
            })
        };
        Self {
            permit: permit.clone(),
            places: all.into_iter().filter_map(place).collect(),
        }
    }

    /// Whether it may ask this URL, as far as that can be known by its name. For each request, and for each step of a redirect.
    pub fn may_ask(&self, url: &Url) -> Result<(), Denied> {
        let Some(grants) = self.permit.grants() else {
            return Ok(());
        };
        if !matches!(url.scheme(), "http" | "https") {
            let why = "only http and https can be granted";
            return Err(self.refused(url.scheme(), why));
        }
        let port = url.port_or_known_default().filter(|port| *port != 0);
        let named = url.host().and_then(|host| Named::of(&host));
        let (Some(named), Some(port)) = (named, port) else {
            return Err(self.refused(
                url.host_str().unwrap_or_default(),
                "it is no host with a port",
            ));
        };
        self.named(grants, &named, port)
    }

    /// Whether it may connect to this address, which the host of a request, as it is named there, was resolved to. For each connection.
    pub fn may_connect(&self, host: &str, address: IpAddr, port: u16) -> Result<(), Denied> {
        let Some(grants) = self.permit.grants() else {
            return Ok(());
        };
        let address = plain(address);
        let Some(named) = Named::read(host) else {
            return Err(self.refused(host, "it is no name of a host"));
        };
        self.named(grants, &named, port)?;
        match &named {
            Named::Address(asked) if *asked == address => Ok(()),
            Named::Address(_) => Err(self.refused(host, "it was resolved to another address")),
            Named::Name(_) => self.resolved(grants, &named, address, port),
        }
    }

    /// Whether a host and a port are granted as they are named.
    fn named(&self, grants: &Grants, named: &Named, port: u16) -> Result<(), Denied> {
        if self.is_place(named, port) {
            return Ok(());
        }
        match named {
            Named::Address(address) => self.address(grants, *address, port, ""),
            Named::Name(name) if grants.hosts.iter().any(|held| held.grants_name(name, port)) => {
                Ok(())
            }
            Named::Name(_) => Err(self.not_granted(named, port, "it is not in `hosts`")),
        }
    }

    /// Whether a granted name may lead to this address.
    fn resolved(
        &self,
        grants: &Grants,
        named: &Named,
        address: IpAddr,
        port: u16,
    ) -> Result<(), Denied> {
        if named.is_localhost() {
            return match purpose(address) {
                Purpose::Special("loopback", _) => Ok(()),
                _ => Err(self.refused(
                    &named.to_string(),
                    "it has to be this machine, and was resolved to another one",
                )),
            };
        }
        match purpose(address) {
            Purpose::Global => Ok(()),
            Purpose::Special(..) if self.is_place(named, port) => Ok(()),
            _ => self.address(
                grants,
                address,
                port,
                &format!("`{named}` leads there, and "),
            ),
        }
    }

    /// Whether an address is granted itself.
    fn address(
        &self,
        grants: &Grants,
        address: IpAddr,
        port: u16,
        how: &str,
    ) -> Result<(), Denied> {
        let named = Named::Address(address);
        let granted = grants
            .hosts
            .iter()
            .any(|held| held.grants_address(address, port));
        let why = match purpose(address) {
            Purpose::Never(words) => {
                let subject = format!("{named}:{port}");
                return Err(self.refused(
                    &subject,
                    format!("{how}it is {words}, which no grant leads to"),
                ));
            }
            _ if granted || self.is_place(&named, port) => return Ok(()),
            Purpose::Global => format!("{how}it is not in `hosts`"),
            Purpose::Special(words, _) => {
                format!("{how}it is {words}, which has to be granted by address")
            }
            Purpose::Metadata => {
                format!(
                    "{how}it is where a cloud tells its credentials, which has to be granted by exactly this address"
                )
            }
        };
        Err(self.not_granted(&named, port, &why))
    }

    /// Whether a granted service or link answers there.
    fn is_place(&self, named: &Named, port: u16) -> bool {
        let mut places = self.places.iter().filter(|place| place.granted);
        places.any(|place| place.port == port && place.host == *named)
    }

    /// A refusal that a grant would lift: that of the service, where one answers there.
    fn not_granted(&self, named: &Named, port: u16, why: &str) -> Denied {
        let subject = format!("{named}:{port}");
        let mut places = self.places.iter();
        if let Some(place) = places.find(|place| place.port == port && place.host == *named) {
            let target = Target::of(&place.name);
            let (kind, list) = match target {
                Target::Service(_) => (Kind::Service, "services"),
                Target::Link(_) => (Kind::Link, "links"),
            };
            let why = format!("it answers at `{subject}`, and is not in `{list}`");
            return Denied::new(self.permit.plugin(), kind, &place.name, why)
                .granted_by(target.grant());
        }
        let mut grant = Grants::default();
        grant.hosts.add(HostPattern::exact(named, port));
        Denied::new(self.permit.plugin(), Kind::Host, &subject, why).granted_by(grant)
    }

    /// A refusal that no grant would lift.
    fn refused(&self, subject: &str, why: impl Into<String>) -> Denied {
        Denied::new(self.permit.plugin(), Kind::Host, subject, why)
    }
}

#[cfg(test)]
mod tests;
