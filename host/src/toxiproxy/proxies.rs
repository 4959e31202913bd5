//! All proxies of the API by their names. One request changes them at a time, so that none sees half of another's work.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{
    proxy::{Proxy, ProxyRequest, Shown},
    refusal::Refusal,
};

/// Proxies that can exist at the same time.
pub(super) const MAX_PROXIES: usize = 256;

/// Cheap to clone: all clones are the same proxies.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    by_name: Arc<Mutex<BTreeMap<String, Proxy>>>,
}

impl Proxies {
    pub(super) async fn shown(&self) -> BTreeMap<String, Shown> {
        let proxies = self.lock().await;
        let shown = |(name, proxy): (&String, &Proxy)| (name.clone(), proxy.shown());
        proxies.iter().map(shown).collect()
    }

    pub(super) async fn create(&self, request: ProxyRequest) -> Result<Shown, Refusal> {
        create(&mut *self.lock().await, request).await
    }

    /// Makes every proxy that is not there as it is asked for; those that are keep their toxics and are enabled as asked.
    pub(super) async fn populate(
        &self,
        requests: Vec<ProxyRequest>,
    ) -> Result<Vec<Shown>, Refusal> {
        if requests.iter().any(|request| request.name.is_empty()) {
            return Err(Refusal::Missing("name"));
        }
        let mut proxies = self.lock().await;
        let mut populated = Vec::new();
        for request in requests {
            if let Some(known) = proxies.get_mut(&request.name) {
                if known.matches(&request).await? {
                    known.change(request).await?;
                    populated.push(known.shown());
                    continue;
                }
                known.disable().await;
                proxies.remove(&request.name);
            }
            populated.push(create(&mut proxies, request).await?);
        }
        Ok(populated)
    }

    /// One proxy; all others wait until it is let go.
    pub(super) async fn proxy(&self, name: &str) -> Result<MappedMutexGuard<'_, Proxy>, Refusal> {
        let found = MutexGuard::try_map(self.lock().await, |proxies| proxies.get_mut(name));
        found.map_err(|_| Refusal::NoProxy)
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), Refusal> {
        let mut proxy = self.lock().await.remove(name).ok_or(Refusal::NoProxy)?;
        proxy.disable().await;
        Ok(())
    }

    /// Removes every toxic and enables every proxy. One that cannot listen does not keep the others from it.
    pub(super) async fn reset(&self) -> Result<(), Refusal> {
        let mut failed = Ok(());
        for proxy in self.lock().await.values_mut() {
            proxy.remove_all();
            failed = failed.and(proxy.enable().await);
        }
        failed
    }

    /// Closes everything.
    pub(super) async fn close(&self) {
        for proxy in self.lock().await.values_mut() {
            proxy.disable().await;
        }
    }

    async fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Proxy>> {
        self.by_name.lock().await
    }
}

async fn create(
    proxies: &mut BTreeMap<String, Proxy>,
    request: ProxyRequest,
) -> Result<Shown, Refusal> {
    let full = proxies.len() >= MAX_PROXIES;
    match proxies.entry(request.name.clone()) {
        Entry::Occupied(_) => Err(Refusal::ProxyExists),
        Entry::Vacant(_) if full => Err(Refusal::TooManyProxies),
        Entry::Vacant(place) => Ok(place.insert(Proxy::create(request).await?).shown()),
    }
}
