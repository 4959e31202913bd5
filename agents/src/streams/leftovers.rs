//! What a dead coordinator left. A server tells at once that nobody listens any more, but one who comes back from an outage may not
//! listen yet: so only what was quiet for long is removed by strangers, and by agents of the run only after they have waited.

use std::{collections::BTreeMap, time::Duration};

use async_nats::client::Request;
use futures::StreamExt as _;

use super::{ALIVE, remove};
use crate::{
    connection::Connection,
    error::{Cause, NatsError},
    identity::RunId,
    names::{Names, run_of},
};

/// Streams that are looked at, at most: the server may have many that are no run's.
const MAX_STREAMS: usize = 10_000;

/// Removes what is left of runs that nobody conducts and that were quiet for this long; which runs those were.
pub(crate) async fn remove_old(
    connection: &Connection,
    quiet: Duration,
) -> Result<Vec<RunId>, NatsError> {
    let mut removed = Vec::new();
    for (run, latest_ns) in latest(connection).await? {
        let age = Duration::from_nanos(now_ns().saturating_sub(latest_ns));
        if age >= quiet && remove_dead(connection, &Names::new(run.clone())).await? {
            removed.push(run);
        }
    }
    Ok(removed)
}

/// Removes what a run has if nobody conducts it; whether that was so.
pub(crate) async fn remove_dead(connection: &Connection, names: &Names) -> Result<bool, NatsError> {
    let question = Request::new().timeout(Some(ALIVE));
    let answer = connection
        .client
        .send_request(names.alive(), question)
        .await;
    if !matches!(answer, Err(error) if Cause::of(&error) == Cause::NoResponders) {
        return Ok(false);
    }
    remove(connection, names).await?;
    Ok(true)
}

/// What this machine's wall clock shows, which is what a server dates its streams with; nanoseconds since 1970, 0 before that.
fn now_ns() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// When anything happened last in each run that has a stream, in nanoseconds since 1970.
async fn latest(connection: &Connection) -> Result<BTreeMap<RunId, u64>, NatsError> {
    let mut runs = BTreeMap::new();
    let mut streams = connection.jetstream.streams().take(MAX_STREAMS);
    while let Some(info) = streams.next().await {
        let info = info.map_err(|error| connection.told(&error, "to list its streams"))?;
        let Some(run) = run_of(&info.config.name) else {
            continue;
        };
        let times = [info.created, info.state.last_timestamp];
        let latest = times.map(|time| u64::try_from(time.unix_timestamp_nanos()).unwrap_or(0));
        let known = runs.entry(run).or_insert(0);
        *known = latest.into_iter().fold(*known, u64::max);
    }
    Ok(runs)
}
