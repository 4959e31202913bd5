//! What the plugin of an attempt may do, asked at one place: a capability asks here before it does anything for a plugin, and each
//! refusal is evidence of the attempt, whatever the plugin makes of it.
//!
//! What is granted is a question of `assay_grants`; here it meets a run. [`Rights`] are those of one suite in one run, [`Access`] is what
//! one attempt asks.

mod granted_load;
mod resolver;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assay_grants::{Answers, Denied, Gathered, Grants, Network, Permit, Target, Wanted};
use assay_load::transport;
use assay_report::{
    event::{AgentProposal, MAX_REFUSING_AGENTS, Proposal, Refusal},
    hint,
};
use reqwest::Url;

use crate::capability::recorder::Recorder;

pub use granted_load::GrantedLoad;
pub(crate) use granted_load::Ongoing;
pub(crate) use resolver::{Leads, Resolver, to_port};

/// What a suite may do in a run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rights(Arc<Held>);

#[derive(Debug)]
struct Held {
    permit: Permit,
    network: Network,
    /// The dotted names of settings that are secret.
    secrets: Vec<String>,
    /// The loads that go on.
    loads: Ongoing,
    /// All that it was refused.
    refused: Mutex<Refused>,
}

/// What a suite was refused in a run, by whose grants.
#[derive(Debug)]
struct Refused {
    /// By those that are here.
    here: Gathered,
    /// By those that agents have for themselves, which are known by their names.
    at_agents: BTreeMap<String, Gathered>,
}

impl Rights {
    /// Those of a permit, in an environment whose services and links from the suites have these URLs. `secrets` are the dotted names of
    /// settings that are secret.
    pub fn new(permit: &Permit, services: &BTreeMap<String, String>, secrets: &[String]) -> Self {
        Self::beside(&Ongoing::default(), permit, services, secrets)
    }

    /// The same beside others of the same suite, with all of which it shares how much load may be made.
    pub(crate) fn beside(
        loads: &Ongoing,
        permit: &Permit,
        services: &BTreeMap<String, String>,
        secrets: &[String],
    ) -> Self {
        let urls: Vec<(&String, Url)> = services
            .iter()
            .filter_map(|(name, url)| Some((name, Url::parse(url).ok()?)))
            .collect();
        let answers = urls.iter().filter_map(|(name, url)| {
            Some(Answers {
                name,
                host: url.host_str()?,
                port: url.port_or_known_default()?,
            })
        });
        Self(Arc::new(Held {
            permit: permit.clone(),
            network: Network::new(permit, answers),
            secrets: secrets.to_vec(),
            loads: loads.clone(),
            refused: Mutex::new(Refused {
                here: Gathered::new(permit),
                at_agents: BTreeMap::new(),
            }),
        }))
    }

    /// Everything, as a plugin of the project's own has it.
    pub fn everything() -> Self {
        Self::new(&Permit::everything(""), &BTreeMap::new(), &[])
    }

    /// Nothing at all.
    pub fn nothing(plugin: &str) -> Self {
        let permit = Permit::only(plugin, Grants::default());
        Self::new(&permit, &BTreeMap::new(), &[])
    }

    /// What would grant all that the suite was refused so far; none if nothing was, or no grant would.
    pub fn proposal(&self) -> Option<Proposal> {
        let refused = self.refused();
        let (table, is_truncated) = (refused.here.table(), refused.here.is_truncated());
        let agents = refused.at_agents.iter().map(|(agent, gathered)| {
            AgentProposal::new(agent.clone(), gathered.line().unwrap_or_default())
        });
        let is_something = table.is_some() || is_truncated || !refused.at_agents.is_empty();
        is_something
            .then(|| Proposal::new(table.unwrap_or_default(), is_truncated).with_agents(agents))
    }

    /// What would grant all that was refused so far, for the rights of the same suite on another host; none if nothing was.
    pub(crate) fn wanted(&self) -> Option<Wanted> {
        self.refused().here.wanted()
    }

    /// Something was refused at an agent. What these rights are not limited to that agent's own grants refuse: a table here would only take away.
    pub(crate) fn refused_at(&self, agent: &str, wanted: &Wanted) {
        let mut refused = self.refused();
        if self.0.permit.grants().is_some() {
            return refused.here.take_in(wanted);
        }
        let at_agents = &mut refused.at_agents;
        if at_agents.len() < MAX_REFUSING_AGENTS || at_agents.contains_key(agent) {
            let nothing = Permit::only(self.0.permit.plugin(), Grants::default());
            let of_agent = at_agents.entry(agent.to_owned());
            of_agent
                .or_insert_with(|| Gathered::new(&nothing))
                .take_in(wanted);
        }
    }

    /// A refusal that an agent tells, as it is told here: by whose grants it was.
    pub(crate) fn told_by(&self, agent: &str, refusal: &Refusal) -> Refusal {
        let message = if self.0.permit.grants().is_some() {
            refusal.message.clone()
        } else {
            format!(
                "the assay.toml of the agent `{agent}` does not grant it: {}",
                refusal.message
            )
        };
        let (capability, subject) = (&refusal.capability, &refusal.subject);
        Refusal::new(capability, subject, &message, &refusal.grant)
    }

    /// Every change is one call: a panic of another holder leaves nothing half-written.
    fn refused(&self) -> MutexGuard<'_, Refused> {
        let refused = self.0.refused.lock();
        refused.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one attempt asks. Cheap to clone: all clones are of the same attempt.
#[derive(Clone, Debug)]
pub struct Access {
    rights: Rights,
    recorder: Recorder,
    attached: Arc<AtomicU64>,
}

impl Access {
    /// For the attempt of this recorder, which hears of each refusal.
    pub fn new(rights: Rights, recorder: Recorder) -> Self {
        Self {
            rights,
            recorder,
            attached: Arc::default(),
        }
    }

    /// The same rights with the evidence elsewhere.
    pub(crate) fn told_to(&self, recorder: Recorder) -> Self {
        Self::new(self.rights.clone(), recorder)
    }

    /// The attempt's evidence.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Whether there is anything that may not be done.
    pub(crate) fn is_limited(&self) -> bool {
        self.permit().grants().is_some()
    }

    /// Whether a URL may be asked for.
    pub(crate) fn ask(&self, url: &Url) -> Result<(), String> {
        self.told(self.network().may_ask(url))
    }

    /// Those of the addresses at which the host of a request may be found. One that may not is no refusal where another one may: nothing goes
    /// there.
    pub(crate) fn allowed(
        &self,
        host: &str,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Denied> {
        let (mut allowed, mut first) = (Vec::new(), None);
        for address in addresses {
            match self
                .network()
                .may_connect(host, address.ip(), address.port())
            {
                Ok(()) => allowed.push(address),
                Err(denied) => first = first.or(Some(denied)),
            }
        }
        match first {
            Some(denied) if allowed.is_empty() => Err(denied),
            _ => Ok(allowed),
        }
    }

    /// Whether a service, or a link, may be known of.
    pub(crate) fn look(&self, name: &str) -> Result<(), String> {
        self.told(self.permit().may_look(name))
    }

    /// Whether a fault of this kind may be made there.
    pub(crate) fn fault(&self, kind: &str, target: Target<'_>) -> Result<(), String> {
        self.told(self.permit().may_fault(kind, target))
    }

    /// Whether a setting may be read.
    pub(crate) fn read(&self, name: &str) -> Result<(), String> {
        let secrets = self.rights.0.secrets.iter().map(String::as_str);
        self.told(self.permit().may_read(name, secrets))
    }

    /// Whether so much load may be made, beside what of the suite goes on already.
    pub(crate) fn load(
        &self,
        vus: u32,
        rate: Option<f64>,
        duration: Option<Duration>,
    ) -> Result<GrantedLoad, String> {
        GrantedLoad::ask(&self.rights, vus, rate, duration).map_err(|denied| self.refused(&denied))
    }

    /// Tells of a load that went on for longer than this, which is as long as it may, and was stopped.
    pub(crate) fn went_on_too_long(&self, ceiling: Duration) -> String {
        let beyond = ceiling.saturating_add(Duration::from_secs(1));
        let refused = self.told(self.permit().may_load(1, None, Some(beyond)));
        refused.err().unwrap_or_default()
    }

    /// Whether so many bytes more may be attached.
    pub(crate) fn attach(&self, bytes: usize) -> Result<(), String> {
        let more = bytes as u64;
        let mut refused = None;
        // Only what is attached counts.
        let attached = self
            .attached
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |so_far| {
                match self.permit().may_attach(so_far, more) {
                    Ok(()) => Some(so_far.saturating_add(more)),
                    Err(denied) => {
                        refused = Some(denied);
                        None
                    }
                }
            });
        match (attached, refused) {
            (Err(_), Some(denied)) => Err(self.refused(&denied)),
            _ => Ok(()),
        }
    }

    /// Tells a refusal, and what it says.
    pub(crate) fn refused(&self, denied: &Denied) -> String {
        self.rights.refused().here.add(denied);
        let (word, subject) = (denied.kind().word(), denied.subject());
        if self.recorder.counts_refusal(word, subject) {
            let grant = denied.line().unwrap_or_default();
            let refusal = Refusal::new(word, subject, denied.why(), &grant);
            self.recorder.refused(refusal);
            return hint::told(denied);
        }
        // Whoever has not read the hint so far will not read it now, and it takes its time.
        denied.to_string()
    }

    fn told<T>(&self, answer: Result<T, Denied>) -> Result<T, String> {
        answer.map_err(|denied| self.refused(&denied))
    }

    fn permit(&self) -> &Permit {
        &self.rights.0.permit
    }

    fn network(&self) -> &Network {
        &self.rights.0.network
    }
}

/// The same for virtual users, whose requests go another way.
impl transport::Rules for Access {
    fn may_ask(&self, url: &Url) -> Result<(), String> {
        self.ask(url)
    }

    fn allowed(&self, host: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, String> {
        self.told(Self::allowed(self, host, addresses))
    }
}
