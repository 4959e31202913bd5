//! How an agent comes into a run: its policy is asked, plugins are fetched and checked, and its worker makes them ready. Whatever goes wrong with that
//! is a refusal that the coordinator hears.

use std::time::Duration;

use assay_pins::Digest;
use async_nats::jetstream::object_store::ObjectStore;
use bytes::Bytes;
use tokio::{
    io::AsyncReadExt as _,
    time::{sleep, timeout},
};

use crate::{
    connection::Connection,
    message::Offer,
    names::Names,
    plugin::{Offered, Plugin, Policy, Refusal, too_much},
    streams::PLUGINS,
    worker::Worker,
};

/// How long after its start the server may refuse what it has: it may not know its streams yet.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(250);

/// Does all that has to be done before an agent takes part.
pub(super) async fn join(
    connection: &Connection,
    offer: &Offer,
    worker: &impl Worker,
    policy: &impl Policy,
) -> Result<(), Refusal> {
    let within = offer.times.joining;
    let prepared = timeout(within, prepare(connection, offer, worker, policy)).await;
    prepared.unwrap_or_else(|_| {
        Err(about_the_run(format!(
            "its plugins were not ready within {within:?}"
        )))
    })
}

async fn prepare(
    connection: &Connection,
    offer: &Offer,
    worker: &impl Worker,
    policy: &impl Policy,
) -> Result<(), Refusal> {
    let sizes = offer
        .plugins
        .iter()
        .map(|offered| (offered.name.as_str(), offered.size));
    if let Some(what) = too_much(sizes) {
        return Err(about_the_run(format!("{what} is more than an agent takes")));
    }
    for offered in &offer.plugins {
        policy.may_fetch(offered)?;
    }
    let plugins = fetch_all(connection, offer).await?;
    for plugin in &plugins {
        policy.may_use(plugin)?;
    }
    worker.prepare(&offer.run, plugins).await
}

/// Fetches all of them. What goes down with the server is fetched anew once it is back.
async fn fetch_all(connection: &Connection, offer: &Offer) -> Result<Vec<Plugin>, Refusal> {
    loop {
        let fetched = tokio::select! {
            fetched = try_fetch_all(connection, offer) => fetched,
            () = connection.link.returned() => continue,
        };
        let link = connection.link.state();
        if fetched.is_ok() || (link.up && link.since.elapsed() > PATIENCE) {
            return fetched;
        }
        sleep(AGAIN).await;
    }
}

async fn try_fetch_all(connection: &Connection, offer: &Offer) -> Result<Vec<Plugin>, Refusal> {
    let mut plugins = Vec::with_capacity(offer.plugins.len());
    if offer.plugins.is_empty() {
        return Ok(plugins);
    }
    let names = Names::new(offer.run.clone());
    let bucket = connection.jetstream.get_object_store(names.plugins()).await;
    let bucket =
        bucket.map_err(|error| about_the_run(connection.told(&error, PLUGINS).to_string()))?;
    for offered in &offer.plugins {
        plugins.push(fetch(&bucket, offered).await?);
    }
    Ok(plugins)
}

/// Fetches a plugin, of which no more is read than was said that there is, and which is what was said that it is.
async fn fetch(bucket: &ObjectStore, offered: &Offered) -> Result<Plugin, Refusal> {
    let refusal = |reason: String| Refusal::of(&offered.name, reason);
    let not_there =
        |error: &dyn std::fmt::Display| refusal(format!("it cannot be fetched: {error}"));
    let object = bucket.get(offered.digest.hexadecimal()).await;
    let object = object.map_err(|error| not_there(&error))?;
    let mut bytes = Vec::new();
    let read = object.take(offered.size + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| not_there(&error))?;
    let digest = Digest::of(&bytes);
    if digest != offered.digest {
        return Err(refusal(format!(
            "it has to be {}, and it is {digest}",
            offered.digest
        )));
    }
    Ok(Plugin {
        name: offered.name.clone(),
        digest,
        bytes: Bytes::from(bytes),
    })
}

pub(super) fn about_the_run(reason: String) -> Refusal {
    Refusal {
        plugin: None,
        reason,
        hint: None,
    }
}
