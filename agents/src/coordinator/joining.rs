//! How agents come into a run: plugins are put where they find them, and each says whether it takes part.

use std::{collections::BTreeSet, time::Duration};

use async_nats::client::Request;
use bytes::Bytes;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep};

use super::{clocks, silence::Silence};
use crate::{
    connection::Connection,
    error::{Cause, RunError},
    identity::{AgentInfo, RunId},
    message::{Answer, Offer, PROTOCOL, decode, encode, spoken},
    names::{self, Names},
    plugin::{Plugin, too_much},
    settings::{Settings, Times},
    streams::{PLUGINS, create_bucket},
};

/// Beside the time that an agent has: on the way there and back.
const ON_THE_WAY: Duration = Duration::from_secs(1);
/// Until somebody is asked again whom the server does not know.
pub(super) const AGAIN: Duration = Duration::from_millis(250);
/// How often it is looked whether an agent that gets ready is still there.
const LOOKING: Duration = Duration::from_secs(1);

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

/// Offers the run to each agent, all at the same time. All of them speak as their coordinator does.
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
        .map(|agent| ask(connection, agent, offer.clone(), times));
    try_join_all(asked).await.map(drop)
}

/// Offers it to one agent. An offer, or the answer to it, that goes down with the server is said again once the server is back.
async fn ask(
    connection: &Connection,
    agent: &AgentInfo,
    offer: Bytes,
    times: &Times,
) -> Result<(), RunError> {
    let name = agent.name.clone();
    let not_ready = || RunError::NotReady {
        agent: agent.name.clone(),
        within: times.joining,
    };
    let mut end = Instant::now() + times.joining + ON_THE_WAY;
    let given_up = given_up(connection, agent, times);
    tokio::pin!(given_up);
    let answer = loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            if connection.link.state().up {
                return Err(not_ready());
            }
            // What it has answered may have gone down with the server.
            tokio::select! {
                _ = connection.link.up() => {}
                error = &mut given_up => return Err(error),
            }
            end = Instant::now() + ON_THE_WAY;
            continue;
        }
        let request = Request::new().payload(offer.clone()).timeout(Some(left));
        let answer = tokio::select! {
            answer = connection.client.send_request(names::offer(&agent.id), request) => answer,
            () = connection.link.returned() => continue,
            error = &mut given_up => return Err(error),
        };
        match answer {
            Ok(message) => break decode(&message.payload),
            Err(error) => match Cause::of(&error) {
                // Its time is over.
                Cause::TimedOut => {}
                // It may be on its way back from an outage, too.
                Cause::NoResponders => tokio::select! {
                    () = sleep(AGAIN) => {}
                    error = &mut given_up => return Err(error),
                },
                _ => return Err(connection.told(&error, "to ask an agent").into()),
            },
        }
    };
    match answer {
        Ok(Answer::Ready) => Ok(()),
        Ok(Answer::Busy(run)) => Err(RunError::Busy { agent: name, run }),
        Ok(Answer::Refused(refusal)) => Err(RunError::Refused {
            agent: name,
            refusal: refusal.in_lines(),
        }),
        Err(_) => Err(RunError::OtherProtocol {
            ours: spoken(PROTOCOL, agent.words),
            others: vec![format!("`{name}` ({})", agent.version)],
        }),
    }
}

/// Asks for the time of an agent that gets ready, until its silence, or that of the server, has lasted too long: which of the two it was. One that gets plugins
/// ready says nothing else meanwhile, and may take minutes for it.
async fn given_up(connection: &Connection, agent: &AgentInfo, times: &Times) -> RunError {
    let mut silence = Silence::of(agent, times.outage);
    loop {
        sleep(LOOKING).await;
        match clocks::ask(connection, &agent.id).await {
            Err(cause) if cause.is_silence() => {
                let link = connection.link.state();
                if let Err(error) = silence.goes_on(link, Instant::now()) {
                    return error;
                }
            }
            // What else may be wrong is told to whoever waits for the answer to the offer.
            Ok(_) | Err(_) => silence.ends(),
        }
    }
}
