//! One proxy: a link that can be closed and opened again at its port, and the toxics on it.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use tokio::net::lookup_host;

use super::{
    refusal::Refusal,
    toxic::{Toxic, ToxicRequest},
};
use crate::link::{FaultId, Link};

/// A proxy as a client asks for it, and as far as it asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProxyRequest {
    pub(super) name: String,
    listen: String,
    upstream: String,
    enabled: Option<bool>,
}

/// A proxy as clients see it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Shown {
    name: String,
    listen: String,
    upstream: String,
    enabled: bool,
    toxics: Vec<Toxic>,
}

#[derive(Debug)]
pub(super) struct Proxy {
    name: String,
    listen: SocketAddr,
    /// As it was given: clients compare it.
    upstream: String,
    target: SocketAddr,
    /// None while it is not enabled: then nothing listens on its port.
    link: Option<Link>,
    toxics: Vec<Active>,
}

/// A toxic and the faults that stand for it; none while the proxy is not enabled.
#[derive(Debug)]
struct Active {
    toxic: Toxic,
    faults: Vec<FaultId>,
}

impl Proxy {
    pub(super) async fn create(request: ProxyRequest) -> Result<Self, Refusal> {
        if request.name.is_empty() {
            return Err(Refusal::Missing("name"));
        }
        if request.upstream.is_empty() {
            return Err(Refusal::Missing("upstream"));
        }
        let mut proxy = Self {
            name: request.name,
            listen: loopback(&request.listen).await?,
            target: resolved(&request.upstream).await?,
            upstream: request.upstream,
            link: None,
            toxics: Vec::new(),
        };
        if request.enabled.unwrap_or(true) {
            proxy.enable().await?;
        }
        Ok(proxy)
    }

    pub(super) fn shown(&self) -> Shown {
        Shown {
            name: self.name.clone(),
            listen: self.listen.to_string(),
            upstream: self.upstream.clone(),
            enabled: self.link.is_some(),
            toxics: self.toxics().cloned().collect(),
        }
    }

    pub(super) fn toxics(&self) -> impl Iterator<Item = &Toxic> {
        self.toxics.iter().map(|active| &active.toxic)
    }

    /// Whether it is what the request asks for, but for being enabled. The port of an address without one is not compared.
    pub(super) async fn matches(&self, request: &ProxyRequest) -> Result<bool, Refusal> {
        let listen = loopback(&request.listen).await?;
        let same_port = listen.port() == 0 || listen.port() == self.listen.port();
        Ok(self.upstream == request.upstream && self.listen.ip() == listen.ip() && same_port)
    }

    /// Changes what the request names. A change of address closes what is open.
    pub(super) async fn change(&mut self, request: ProxyRequest) -> Result<(), Refusal> {
        let listen = match request.listen.as_str() {
            "" => self.listen,
            listen => loopback(listen).await?,
        };
        let (upstream, target) = match request.upstream.as_str() {
            "" => (self.upstream.clone(), self.target),
            upstream => (upstream.to_owned(), resolved(upstream).await?),
        };
        let enabled = request.enabled.unwrap_or(self.link.is_some());
        if !enabled || listen != self.listen || target != self.target {
            self.disable().await;
        }
        (self.listen, self.upstream, self.target) = (listen, upstream, target);
        if enabled {
            self.enable().await?;
        }
        Ok(())
    }

    /// Listens again, with its toxics; nothing if it does.
    pub(super) async fn enable(&mut self) -> Result<(), Refusal> {
        if self.link.is_some() {
            return Ok(());
        }
        let link = Link::open_at(self.listen, self.target)
            .await
            .map_err(|error| Refusal::Listen {
                address: self.listen.to_string(),
                problem: error.to_string(),
            })?;
        for active in &mut self.toxics {
            active.faults = apply(&link, &active.toxic)?;
        }
        self.listen = link.address();
        self.link = Some(link);
        Ok(())
    }

    /// Closes its port and all its connections, and keeps its toxics for later.
    pub(super) async fn disable(&mut self) {
        if let Some(link) = self.link.take() {
            link.close().await;
        }
        for active in &mut self.toxics {
            active.faults.clear();
        }
    }

    pub(super) fn toxic(&self, name: &str) -> Result<&Toxic, Refusal> {
        let mut toxics = self.toxics();
        toxics
            .find(|toxic| toxic.name == name)
            .ok_or(Refusal::NoToxic)
    }

    pub(super) fn add(&mut self, request: ToxicRequest) -> Result<Toxic, Refusal> {
        let toxic = request.create()?;
        if self.toxic(&toxic.name).is_ok() {
            return Err(Refusal::ToxicExists);
        }
        let faults = self.apply(&toxic)?;
        self.toxics.push(Active {
            toxic: toxic.clone(),
            faults,
        });
        Ok(toxic)
    }

    /// The new faults are made before the old ones are healed: no connection slips through between them.
    pub(super) fn change_toxic(
        &mut self,
        name: &str,
        request: ToxicRequest,
    ) -> Result<Toxic, Refusal> {
        let place = self.place(name)?;
        let toxic = request.change(&self.toxics[place].toxic)?;
        let faults = self.apply(&toxic)?;
        let new = Active {
            toxic: toxic.clone(),
            faults,
        };
        let old = std::mem::replace(&mut self.toxics[place], new);
        self.heal(&old);
        Ok(toxic)
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<(), Refusal> {
        let old = self.toxics.remove(self.place(name)?);
        self.heal(&old);
        Ok(())
    }

    pub(super) fn remove_all(&mut self) {
        for old in std::mem::take(&mut self.toxics) {
            self.heal(&old);
        }
    }

    fn place(&self, name: &str) -> Result<usize, Refusal> {
        let mut toxics = self.toxics();
        toxics
            .position(|toxic| toxic.name == name)
            .ok_or(Refusal::NoToxic)
    }

    fn apply(&self, toxic: &Toxic) -> Result<Vec<FaultId>, Refusal> {
        match &self.link {
            Some(link) => apply(link, toxic),
            None => toxic.faults().map(|_| Vec::new()),
        }
    }

    fn heal(&self, old: &Active) {
        for fault in &old.faults {
            self.link.as_ref().and_then(|link| link.heal(*fault));
        }
    }
}

/// All faults of the toxic, or none.
fn apply(link: &Link, toxic: &Toxic) -> Result<Vec<FaultId>, Refusal> {
    let mut applied = Vec::new();
    for fault in toxic.faults()? {
        match link.apply(fault) {
            Ok(id) => applied.push(id),
            Err(error) => {
                for id in applied {
                    link.heal(id);
                }
                return Err(Refusal::Fault(error));
            }
        }
    }
    Ok(applied)
}

/// An address to listen on. Nothing is 127.0.0.1 and a free port; `localhost` is 127.0.0.1.
async fn loopback(text: &str) -> Result<SocketAddr, Refusal> {
    let text = match text {
        "" => "127.0.0.1:0".to_owned(),
        text => match text.strip_prefix(':') {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        },
    };
    let address = resolved(&text).await?;
    if !address.ip().is_loopback() {
        return Err(Refusal::Invalid(format!(
            "a proxy listens on this machine alone: give it 127.0.0.1:{} instead of {text}",
            address.port()
        )));
    }
    Ok(address)
}

/// The first address that the name stands for, one of IPv4 before all others.
async fn resolved(text: &str) -> Result<SocketAddr, Refusal> {
    let invalid = |problem: String| {
        Refusal::Invalid(format!(
            "`{text}` is no address ({problem}): write it like 127.0.0.1:6379"
        ))
    };
    let found: Vec<_> = lookup_host(text)
        .await
        .map_err(|error| invalid(error.to_string()))?
        .collect();
    let first = found.iter().find(|address| address.is_ipv4());
    first
        .or(found.first())
        .copied()
        .ok_or_else(|| invalid("nothing has that name".to_owned()))
}
