//! The system under test as the events tell it: its services and links, the faults on them, and who died.

use std::collections::VecDeque;

use super::{
    contact::Contact,
    shapes::{Evidence, EvidenceKind},
};
use crate::{
    event::{Event, Fault, HealedFault, ServiceInfo, Source},
    words::{clean, duration},
};

/// Faults that are remembered: the last ones that were made.
pub const MAX_WINDOWS: usize = 1_000;
/// Lost agents that are remembered, the first ones.
const MAX_LOST_AGENTS: usize = 1_000;
/// Between the names of a link.
const ARROW: &str = "->";

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub(super) struct System {
    pub(super) environment: String,
    addresses: Vec<Address>,
    windows: VecDeque<Window>,
    pub(super) died: Vec<Death>,
    /// Agents that were lost, the first ones.
    pub(super) lost_agents: Vec<String>,
    /// Who or what stopped the run.
    pub(super) stopped_by: Option<String>,
}

/// Where something answers.
#[derive(Clone, Debug)]
struct Address {
    authority: String,
    service: String,
    /// The link that leads there; none for the service's own address.
    link: Option<String>,
}

/// A service that died.
#[derive(Clone, Debug)]
pub(super) struct Death {
    pub(super) service: String,
    pub(super) message: String,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
}

/// A fault and its time.
#[derive(Clone, Debug)]
pub(super) struct Window {
    id: u64,
    pub(super) target: String,
    pub(super) words: String,
    pub(super) source: Source,
    from_ns: u64,
    confirmed_ns: u64,
    /// None as long as it is not known to be over.
    to_ns: Option<u64>,
    sequence: u64,
}

impl System {
    /// Of an environment of which nothing more is known.
    pub(super) fn of(environment: &str) -> Self {
        Self {
            environment: environment.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn ready(&mut self, services: &[ServiceInfo]) {
        for service in services {
            self.address(&service.url, &service.name, None);
            for link in &service.links {
                let name = format!("{}{ARROW}{}", link.from, service.name);
                self.address(&link.url, &service.name, Some(name));
            }
        }
    }

    fn address(&mut self, url: &str, service: &str, link: Option<String>) {
        if let Some(authority) = authority(url) {
            self.addresses.push(Address {
                authority: authority.to_owned(),
                service: service.to_owned(),
                link,
            });
        }
    }

    pub(super) fn died(&mut self, event: &Event, service: &str, message: &str) {
        self.died.push(Death {
            service: service.to_owned(),
            message: clean(message.lines().next().unwrap_or_default()),
            at_ns: event.at_ns,
            sequence: event.sequence,
        });
    }

    pub(super) fn agent_lost(&mut self, agent: &str) {
        if self.lost_agents.len() < MAX_LOST_AGENTS {
            self.lost_agents.push(clean(agent));
        }
    }

    pub(super) fn injected(
        &mut self,
        event: &Event,
        source: &Source,
        fault: &Fault,
        confirmed_after_ns: u64,
    ) {
        if self.windows.len() == MAX_WINDOWS {
            self.windows.pop_front();
        }
        self.windows.push_back(Window {
            id: fault.id,
            target: fault.target.clone(),
            words: clean(&fault.words()),
            source: source.clone(),
            // It may have shown before it was confirmed.
            from_ns: event.at_ns.saturating_sub(confirmed_after_ns),
            confirmed_ns: event.at_ns,
            to_ns: None,
            sequence: event.sequence,
        });
    }

    /// It is told later than it was healed, with the time for which it was active; over is what it does once its service is back.
    pub(super) fn healed(&mut self, healed: HealedFault) {
        let mut windows = self.windows.iter_mut();
        if let Some(window) = windows.find(|window| window.id == healed.id) {
            let back_after = healed.healthy_after_ns.unwrap_or(0);
            let end = window.confirmed_ns.saturating_add(healed.active_ns);
            window.to_ns = Some(end.saturating_add(back_after));
        }
    }

    /// No fault outlives its attempt.
    pub(super) fn attempt_over(&mut self, source: &Source, at_ns: u64) {
        for window in &mut self.windows {
            if window.source == *source {
                window.to_ns.get_or_insert(at_ns);
            }
        }
    }

    /// The service at a URL; none if no service of the environment is there.
    pub(super) fn service_at(&self, url: &str) -> Option<&str> {
        Some(&self.at(url)?.service)
    }

    fn at(&self, url: &str) -> Option<&Address> {
        let authority = authority(url)?;
        let mut addresses = self.addresses.iter();
        addresses.find(|address| address.authority == authority)
    }

    /// Who was asked: the service in backticks, with the link if there is one, or the address.
    pub(super) fn whom(&self, url: &str) -> String {
        match self.at(url) {
            Some(Address {
                service,
                link: Some(link),
                ..
            }) => format!("`{}` over `{}`", clean(service), clean(link)),
            Some(Address { service, .. }) => format!("`{}`", clean(service)),
            None => format!("`{}`", clean(authority(url).unwrap_or(url))),
        }
    }

    /// The name under which failures of what is at a URL are gathered: the service, or the address.
    pub(super) fn subject(&self, url: &str) -> String {
        let address = authority(url).unwrap_or(url);
        clean(self.service_at(url).unwrap_or(address))
    }

    /// The faults that were active at any moment of this time.
    pub(super) fn faults_in(&self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = &Window> {
        self.windows.iter().filter(move |window| {
            window.from_ns <= to_ns && window.to_ns.is_none_or(|end| end >= from_ns)
        })
    }

    /// The last fault of an attempt that was healed before this moment.
    pub(super) fn healed_before(&self, source: &Source, at_ns: u64) -> Option<&Window> {
        let mut windows = self.windows.iter().rev();
        windows
            .find(|window| window.source == *source && window.to_ns.is_some_and(|end| end < at_ns))
    }

    /// The fault that was on what a request asked, or on the link that it went over, at any moment of it.
    pub(super) fn fault_on(&self, contact: &Contact) -> Option<&Window> {
        let address = self.at(&contact.url)?;
        self.faults_in(contact.began_ns, contact.ended_ns)
            .find(|window| {
                window.target == address.service || Some(&window.target) == address.link.as_ref()
            })
    }
}

impl Window {
    /// It as evidence for an attempt.
    pub(super) fn evidence(&self, of: &Source) -> Evidence {
        let Source {
            suite,
            entry,
            attempt,
        } = &self.source;
        let whose = if self.source == *of {
            "its own fault".to_owned()
        } else {
            format!("a fault of {}", clean(&format!("{suite}/{entry}")))
        };
        let till = self.to_ns.map_or_else(
            || "it had no end yet".to_owned(),
            |end| format!("to {}", duration(end)),
        );
        let attempt = if *attempt > 1 {
            format!(", attempt {attempt}")
        } else {
            String::new()
        };
        Evidence {
            kind: EvidenceKind::Fault,
            at_ns: Some(self.from_ns),
            sequence: Some(self.sequence),
            text: format!(
                "{whose}{attempt}: `{}` from {}, {till}",
                self.words,
                duration(self.from_ns)
            ),
        }
    }
}

/// Host and port of a URL, without a user.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    Some(
        authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host),
    )
}
