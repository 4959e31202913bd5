//! What a run has on the server: two streams and a bucket, each with limits, made by its coordinator and removed after the run. What a dead
//! coordinator left loses its messages with age, and the rest to whoever finds it (`streams/leftovers.rs`).

pub(crate) mod leftovers;

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{AckPolicy, pull},
    object_store::{self, ObjectStore},
    stream::{self, DiscardPolicy, RetentionPolicy, StorageType},
};

use crate::{
    connection::Connection,
    error::{Cause, NatsError},
    identity::AgentId,
    names::{ANYBODY, Names},
    plugin::Plugin,
    settings::{Settings, Storage},
    shard::MAX_SHARDS,
};

/// What the stream of shards is called for a person.
pub(crate) const SHARDS: &str = "the stream of shards";
/// What the stream of events is called for a person.
pub(crate) const EVENTS: &str = "the stream of events";
/// What the bucket of plugins is called for a person.
pub(crate) const PLUGINS: &str = "the bucket of plugins";
const DESCRIPTION: &str = "a run of Assay; it can be removed when no coordinator is left";
/// Bytes that an object has beside its own: a head for each part of 128 KiB, and its description.
const PER_OBJECT: u64 = 64 << 10;

/// Makes the streams of a run, and the consumer of shards that any agent may take.
pub(crate) async fn create(
    connection: &Connection,
    names: &Names,
    settings: &Settings,
) -> Result<(), NatsError> {
    let shards = stream::Config {
        subjects: vec![names.shard_subjects()],
        retention: RetentionPolicy::WorkQueue,
        ..config(names.shards(), settings, settings.shards_bytes)
    };
    create_stream(connection, shards, SHARDS).await?;
    let events = stream::Config {
        subjects: vec![names.told()],
        ..config(names.events(), settings, settings.events_bytes)
    };
    create_stream(connection, events, EVENTS).await?;
    let subject = names.shard_for_anybody();
    create_consumer(connection, names, settings, ANYBODY, subject).await
}

/// Makes the consumer of shards that only this agent may take.
pub(crate) async fn create_for(
    connection: &Connection,
    names: &Names,
    settings: &Settings,
    agent: &AgentId,
) -> Result<(), NatsError> {
    let subject = names.shard_for(agent);
    create_consumer(connection, names, settings, agent.as_str(), subject).await
}

/// Makes the bucket for these plugins.
pub(crate) async fn create_bucket(
    connection: &Connection,
    names: &Names,
    settings: &Settings,
    plugins: &[Plugin],
) -> Result<ObjectStore, NatsError> {
    let bytes = plugins.iter().map(|plugin| plugin.bytes.len() as u64);
    // A part has a head of some hundred bytes: a hundredth is more than that.
    let room: u64 = bytes.map(|bytes| bytes + bytes / 100 + PER_OBJECT).sum();
    let bucket = object_store::Config {
        bucket: names.plugins(),
        description: Some(DESCRIPTION.to_owned()),
        max_age: settings.keep,
        max_bytes: signed(room.max(PER_OBJECT)),
        storage: storage(settings),
        num_replicas: settings.replicas,
        ..object_store::Config::default()
    };
    let created = connection.jetstream.create_object_store(bucket).await;
    created.map_err(|error| connection.told(&error, PLUGINS))
}

/// Removes all that a run has. What is not there any more is no problem.
pub(crate) async fn remove(connection: &Connection, names: &Names) -> Result<(), NatsError> {
    let mut first = Ok(());
    let bucket = format!("OBJ_{}", names.plugins());
    for (stream, what) in [
        (names.shards(), SHARDS),
        (names.events(), EVENTS),
        (bucket, PLUGINS),
    ] {
        if let Err(error) = connection.jetstream.delete_stream(stream).await {
            let told = connection.told(&error, what);
            if !matches!(told, NatsError::Gone { .. }) {
                first = first.and(Err(told));
            }
        }
    }
    first
}

fn config(name: String, settings: &Settings, bytes: u64) -> stream::Config {
    stream::Config {
        name,
        description: Some(DESCRIPTION.to_owned()),
        max_bytes: signed(bytes),
        max_age: settings.keep,
        storage: storage(settings),
        num_replicas: settings.replicas,
        // Whoever publishes waits: so nothing is lost, and whoever reads sets the pace.
        discard: DiscardPolicy::New,
        ..stream::Config::default()
    }
}

async fn create_stream(
    connection: &Connection,
    config: stream::Config,
    what: &'static str,
) -> Result<(), NatsError> {
    let created = connection.jetstream.create_stream(config).await;
    created
        .map(drop)
        .map_err(|error| connection.told(&error, what))
}

async fn create_consumer(
    connection: &Connection,
    names: &Names,
    settings: &Settings,
    name: &str,
    filter_subject: String,
) -> Result<(), NatsError> {
    let config = pull::Config {
        durable_name: Some(name.to_owned()),
        filter_subject,
        ack_policy: AckPolicy::Explicit,
        // No earlier than the coordinator gives a shard away again, which alone counts and limits deliveries.
        ack_wait: settings.times.lost_after(),
        max_deliver: -1,
        max_ack_pending: i64::try_from(MAX_SHARDS).unwrap_or(i64::MAX),
        ..pull::Config::default()
    };
    let created = connection
        .jetstream
        .create_consumer_on_stream(config, names.shards())
        .await;
    created
        .map(drop)
        .map_err(|error| Cause::of(&error).told(SHARDS, connection.link.complaint()))
}

fn storage(settings: &Settings) -> StorageType {
    match settings.storage {
        Storage::File => StorageType::File,
        Storage::Memory => StorageType::Memory,
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// How long a question to a coordinator may take that is thought dead.
pub(crate) const ALIVE: Duration = Duration::from_secs(2);
