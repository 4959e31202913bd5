//! How agents come into a run: plugins are put where they find them, and each says whether it takes part.

use std::{collections::BTreeSet, time::Duration};

use async_nats::client::Request;
use futures::future::try_join_all;

use crate::{
    connection::Connection,
    error::{Cause, RunError},
    identity::{AgentInfo, RunId},
    message::{Answer, Offer, decode, encode},
    names::{self, Names},
    plugin::{Plugin, too_much},
    settings::{Settings, Times},
    streams::{PLUGINS, create_bucket},
};

/// Beside the time that an agent has: on the way there and back.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// Puts each plugin into the run's bucket, once for each digest.
pub(super) async fn provide(
    connection: &Connection,
    names: &Names,
    settings: &Settings,
    plugins: &[Plugin],
) -> Result<(), RunError> {
    let sizes = plugins
        .iter()
        .map(|plugin| (plugin.name.as_str(), plugin.bytes.len() as u64));
    if let Some(what) = too_much(sizes) {
        return Err(RunError::TooManyPlugins(what));
    }
    let bucket = create_bucket(connection, names, settings, plugins).await?;
    let mut put = BTreeSet::new();
    for plugin in plugins.iter().filter(|plugin| put.insert(plugin.digest)) {
        let name = plugin.digest.hexadecimal();
        let stored = bucket.put(name.as_str(), &mut plugin.bytes.as_ref()).await;
        stored.map_err(|error| connection.told(&error, PLUGINS))?;
    }
    Ok(())
}

/// Offers the run to each agent, all at the same time.
pub(super) async fn offer(
    connection: &Connection,
    run: &RunId,
    times: &Times,
    agents: &[AgentInfo],
    plugins: &[Plugin],
) -> Result<(), RunError> {
    let offer = encode(&Offer {
        run: run.clone(),
        times: *times,
        plugins: plugins.iter().map(Plugin::offered).collect(),
    });
    let asked = agents
        .iter()
        .map(|agent| ask(connection, agent, offer.clone(), times.joining));
    try_join_all(asked).await.map(drop)
}

async fn ask(
    connection: &Connection,
    agent: &AgentInfo,
    offer: bytes::Bytes,
    within: Duration,
) -> Result<(), RunError> {
    let request = Request::new()
        .payload(offer)
        .timeout(Some(within + ON_THE_WAY));
    let answer = connection
        .client
        .send_request(names::offer(&agent.id), request)
        .await;
    let name = agent.name.clone();
    let answer = match answer {
        Ok(message) => decode(&message.payload),
        Err(error) if Cause::of(&error).is_silence() => {
            return Err(RunError::NotReady {
                agent: name,
                within,
            });
        }
        Err(error) => return Err(connection.told(&error, "to ask an agent").into()),
    };
    match answer {
        Ok(Answer::Ready) => Ok(()),
        Ok(Answer::Busy(run)) => Err(RunError::Busy { agent: name, run }),
        Ok(Answer::Refused(refusal)) => Err(RunError::Refused {
            agent: name,
            refusal,
        }),
        Err(_) => Err(RunError::OtherProtocol {
            agents: vec![format!("`{name}` ({})", agent.version)],
        }),
    }
}
