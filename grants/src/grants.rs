//! What is granted and what is wanted: the two have the same shape, so that one can be compared with the other.

use serde::{Deserialize, Serialize};

use crate::{
    amounts::{Attachments, Load},
    fault::Fault,
    host_pattern::HostPattern,
    items::Items,
    limits::MAX_ENTRIES,
    names::{Link, Service, Setting},
};

/// What a plugin may do, or what it wants to. Nothing by default.
///
/// As a table of `assay.toml`, in which each key may be left out:
///
/// ```toml
/// [grants.shop]
/// hosts = ["api.example.com:443", "*.shop.test:443", "127.0.0.1:8080", "10.0.0.0/8:*"]
/// services = ["project-service"]
/// links = ["client->project-service"]
/// faults = ["pause", "latency"]
/// load = { vus = 100, rate = 1000, duration = "5m" }
/// settings = ["performance.*", "shop.url"]
/// secrets = ["shop.token"]
/// attachments = true
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Where requests may go, other than to services and over links.
    #[serde(skip_serializing_if = "Items::is_empty")]
    pub hosts: Items<HostPattern>,
    /// Services: requests to them, how they are, what they use, what they wrote.
    #[serde(skip_serializing_if = "Items::is_empty")]
    pub services: Items<Service>,
    /// Links: requests over them.
    #[serde(skip_serializing_if = "Items::is_empty")]
    pub links: Items<Link>,
    /// Kinds of faults, on the services and links that are granted.
    #[serde(skip_serializing_if = "Items::is_empty")]
    pub faults: Items<Fault>,
    /// How much load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
    /// Settings that may be read, but for what is secret in them.
    #[serde(skip_serializing_if = "Items::is_empty")]
    pub settings: Items<Setting>,
    /// Settings that are secret and may be read.
    #[serde(skip_serializing_if = "Items::is_empty")]
    pub secrets: Items<Setting>,
    /// Bytes of evidence.
    #[serde(skip_serializing_if = "Attachments::is_nothing")]
    pub attachments: Attachments,
}

impl Grants {
    /// Whether it grants nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What either of the two grants.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.hosts.join(&other.hosts);
        all.services.join(&other.services);
        all.links.join(&other.links);
        all.faults.join(&other.faults);
        all.load = match (&self.load, &other.load) {
            (Some(one), Some(two)) => Some(one.join(two)),
            (one, two) => one.or(*two),
        };
        all.settings.join(&other.settings);
        all.secrets.join(&other.secrets);
        all.attachments = self.attachments.max(other.attachments);
        all
    }

    /// What of another one this does not grant. A ceiling is lacked as a whole: as high as it has to be.
    #[must_use]
    pub fn lacking(&self, wanted: &Self) -> Self {
        let covered = |wanted: &Load| self.load.is_some_and(|held| held.covers(wanted));
        Self {
            hosts: self.hosts.lacking(&wanted.hosts),
            services: self.services.lacking(&wanted.services),
            links: self.links.lacking(&wanted.links),
            faults: self.faults.lacking(&wanted.faults),
            load: wanted.load.filter(|wanted| !covered(wanted)),
            settings: self.settings.lacking(&wanted.settings),
            secrets: self.secrets.lacking(&wanted.secrets),
            attachments: match wanted.attachments {
                wanted if wanted > self.attachments => wanted,
                _ => Attachments::Nothing,
            },
        }
    }

    /// Whether it could be read again: no list of it is longer than a list may be.
    pub(crate) fn is_within_limits(&self) -> bool {
        let lengths = [
            self.hosts.len(),
            self.services.len(),
            self.links.len(),
            self.faults.len(),
            self.settings.len(),
            self.secrets.len(),
        ];
        lengths.into_iter().all(|length| length <= MAX_ENTRIES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"
        hosts = ["api.example.com:443", "127.0.0.1:8080", "*.shop.test:443", "10.0.0.0/8:*", "[::1]:8080"]
        services = ["project-service"]
        links = ["client->project-service"]
        faults = ["pause", "latency"]
        load = { vus = 100, rate = 1000, duration = "5m" }
        settings = ["performance.*", "shop.url"]
        secrets = ["shop.token"]
        attachments = true
    "#;

    fn read(text: &str) -> Grants {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_table_is_read_and_is_the_same_as_json_and_as_toml() {
        let grants = read(ALL);
        assert_eq!(grants.hosts.len(), 5);
        assert_eq!(grants.load.unwrap().rate, Some(1000.0));
        let json = serde_json::to_string(&grants).unwrap();
        assert_eq!(serde_json::from_str::<Grants>(&json).unwrap(), grants);
        assert_eq!(read(&toml::to_string(&grants).unwrap()), grants);
        assert!(!grants.is_nothing() && read("").is_nothing());
    }

    #[test]
    fn what_is_unknown_or_too_much_is_refused() {
        for text in [
            "host = []",
            "hosts = 1",
            "hosts = [1]",
            "hosts = [\"a.test\"]",
            "faults = [\"explode\"]",
            "load = {}",
            "attachments = 3",
        ] {
            assert!(toml::from_str::<Grants>(text).is_err(), "{text}");
        }
        for (count, good) in [(MAX_ENTRIES, true), (MAX_ENTRIES + 1, false)] {
            let services: Vec<String> = (0..count).map(|number| format!("s{number}")).collect();
            let text = format!(
                "{{\"services\":{}}}",
                serde_json::to_string(&services).unwrap()
            );
            assert_eq!(
                serde_json::from_str::<Grants>(&text).is_ok(),
                good,
                "{count}"
            );
        }
    }

    #[test]
    fn an_error_says_how_it_is_written() {
        let error = toml::from_str::<Grants>("hosts = [\"a.test\"]").unwrap_err();
        let text = "`a.test` has no port: write it with its port, such as `a.test:443`";
        assert!(error.message().contains(text), "{error}");
    }

    #[test]
    fn what_is_lacking_and_what_there_is_make_what_is_wanted() {
        let wants = read(ALL);
        for held in [
            "",
            "hosts = [\"*.example.com:443\"]\nservices = [\"*\"]",
            "load = { vus = 1000, duration = \"1m\" }\nattachments = \"1MiB\"",
            "settings = [\"*\"]\nfaults = [\"stop\"]",
        ] {
            let held = read(held);
            let lacking = held.lacking(&wants);
            let after = held.union(&lacking);
            assert!(!lacking.is_nothing());
            assert!(after.lacking(&wants).is_nothing(), "{after:?}");
            assert!(after.lacking(&held).is_nothing(), "{after:?}");
        }
        assert!(wants.lacking(&wants).is_nothing());
        let some = read("hosts = [\"*.example.com:443\"]").lacking(&wants);
        assert!(
            some.hosts
                .iter()
                .all(|host| host.to_string() != "api.example.com:443")
        );
    }
}
