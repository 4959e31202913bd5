//! The agents of a run, from the call to the farewell, for the host that conducts it.

use std::{convert::Infallible, sync::Arc, time::Duration};

use assay_agents::{
    connection::{Access, Connection},
    coordinator::{Coordinator, Handle},
    error::{NatsError, RunError},
    identity::{AgentId, AgentInfo, CoordinatorInfo, RunId},
    plugin::Plugin,
    settings::Settings,
};
use assay_load::clock::Exchange;
use assay_report::{
    event::{Agent, Source},
    hint,
};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    attempt::{self, Here},
    left::Left,
    machines::AgentMachines,
    routes::{Hearing, Member, Routes},
    work::{AttemptWork, Given, WORDS},
};
use crate::{
    access::Rights,
    capability::{metrics, recorder::Recorder},
    ledger::{Happenings, Ledger},
    load::machines::Machines,
    plugin::{contract::CONTRACT, ending::Ending},
    redact::Redactor,
    runner::identity::Identity,
};

/// Between two looks at the clocks of agents while a run goes on.
const COMPARING: Duration = Duration::from_secs(10);
/// How often clocks are compared before a run: of so many exchanges the best one counts.
const EXCHANGES: u32 = 8;

/// Letters that tell a run from those of other hosts that began in the same second, beside the own ones of a run.
const MORE_LETTERS: usize = 8;

/// Agents that have answered, and do not take part yet.
#[derive(Debug)]
pub struct Called {
    coordinator: Coordinator,
    settings: Settings,
    agents: Vec<Agent>,
    clocks: Vec<(AgentId, Vec<Exchange>)>,
}

/// The agents that take part in a run. Cheap to share; to be closed by [`Conducted::close`].
#[derive(Clone, Debug)]
pub struct Agents {
    run: RunId,
    list: Arc<[Agent]>,
    handle: Handle,
    routes: Arc<Routes>,
    redactor: Redactor,
    left: Left,
    refill: Option<u32>,
}

/// The end of a run over agents is waited for here.
#[derive(Debug)]
pub struct Conducted {
    handle: Handle,
    left: Left,
    patience: Duration,
    task: JoinHandle<Result<(), NatsError>>,
    /// Told, or dropped: nobody waits any longer for what agents still have.
    enough: oneshot::Sender<()>,
}

impl Called {
    /// Connects, and calls until as many have answered as are wanted, or all that do so in this time.
    pub async fn call(
        access: &Access,
        wanted: Option<usize>,
        within: Duration,
    ) -> Result<Self, RunError> {
        let connection = Connection::open(access, "assay host run").await?;
        let info = CoordinatorInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: CONTRACT.to_owned(),
            words: WORDS,
        };
        let mut settings = Settings::default();
        settings.times.call = within;
        let opened = Coordinator::open_as(run_id(), connection, info, settings.clone()).await;
        let mut coordinator = opened?;
        let called = coordinator.call(wanted).await.map(told);
        match called {
            Ok(agents) => Ok(Self {
                coordinator,
                settings,
                agents,
                clocks: Vec::new(),
            }),
            Err(error) => {
                // The error counts; what cannot be removed now, a later run removes.
                let _ = coordinator.close().await;
                Err(error)
            }
        }
    }

    /// Gives them the plugins, and compares clocks. All of them take part, or it is an error. To be closed then, and also if the call is dropped.
    pub async fn join(&mut self, plugins: &[Plugin]) -> Result<(), RunError> {
        self.coordinator.join(plugins).await?;
        self.clocks = self.coordinator.clocks(EXCHANGES).await?;
        Ok(())
    }

    /// Goes on with those that have joined. What requests of plugins carry is learned by the redactor. `refill`: the others are to make what one
    /// that is lost would still have made of a load, of which so many percent may be missing then.
    pub fn conduct(mut self, redactor: Redactor, refill: Option<u32>) -> (Agents, Conducted) {
        let members = self.coordinator.agents().iter().zip(&self.agents);
        let members = members.map(|(agent, told)| Member {
            id: agent.id.clone(),
            name: told.name.clone(),
            processors: told.processors,
        });
        let routes = Arc::new(Routes::new(members.collect()));
        for (agent, answers) in std::mem::take(&mut self.clocks) {
            routes.compared(&agent, answers);
        }
        self.agents.sort_by(|one, other| one.name.cmp(&other.name));
        let times = self.settings.times;
        let left = Left::new(times.stopped_after());
        let agents = Agents {
            run: self.coordinator.run_id().clone(),
            list: self.agents.into(),
            handle: self.coordinator.handle(),
            routes: Arc::clone(&routes),
            redactor,
            left: left.clone(),
            refill,
        };
        let (enough, is_enough) = oneshot::channel();
        let conducted = Conducted {
            handle: self.coordinator.handle(),
            left,
            patience: times.grace + times.outage * 2,
            task: tokio::spawn(conduct(self.coordinator, routes, is_enough)),
            enough,
        };
        (agents, conducted)
    }

    /// Lets them go before anything was run.
    pub async fn close(self) -> Result<(), NatsError> {
        self.coordinator.close().await
    }
}

impl Agents {
    /// Which run it is, as others at the server are told.
    pub fn run_id(&self) -> &RunId {
        &self.run
    }

    /// Who they are, in the order of their names.
    pub fn list(&self) -> &[Agent] {
        &self.list
    }

    /// Runs one attempt at whichever agent is free first, and tells the recorder and the figures of its suite what comes of it. Dropping the call
    /// stops the attempt; what it had found by then comes while it is waited for ([`Agents::settle`]).
    pub async fn attempt(
        &self,
        work: AttemptWork,
        recorder: &Recorder,
        metrics: &Arc<metrics::Shared>,
        rights: &Rights,
    ) -> Ending {
        // Whoever is no plugin of the project's own teaches only what looks like a token, here as elsewhere.
        let redactor = match work.given.granted {
            Some(_) => self.redactor.wary(),
            None => self.redactor.clone(),
        };
        let here = Here {
            routes: Arc::clone(&self.routes),
            redactor,
            recorder: recorder.clone(),
            metrics: Arc::clone(metrics),
            rights: rights.clone(),
        };
        attempt::run(&self.handle, &self.left, work, here).await
    }

    /// Waits until what was left of an attempt before its end is over. What it had found by then is in its recorder.
    pub async fn settle(&self, source: &Source) {
        self.left.settle(source).await;
    }

    /// The machines that make loads of a suite which is given this and has these rights here.
    pub fn machines(&self, given: Given, rights: &Rights) -> Arc<dyn Machines> {
        Arc::new(AgentMachines {
            handle: self.handle.clone(),
            routes: Arc::clone(&self.routes),
            given,
            rights: rights.clone(),
            refill: self.refill,
        })
    }

    /// Tells of lost agents from now on, as long as somebody else does who holds the sender.
    pub fn tell(&self, events: &Happenings, ledger: &Ledger) {
        self.routes.tell(events.downgrade(), ledger.clone());
    }
}

impl Conducted {
    /// Lets the agents go: nothing is given to them any more. What some of them still have is stopped. Whoever was cut off and not heard then was waited for
    /// already, and is not once more.
    pub async fn close(self) -> Result<(), NatsError> {
        self.handle.no_more();
        let mut task = self.task;
        if self.left.is_in_vain() {
            self.handle.abort("the run is over").await;
            // An error is that it has ended by itself.
            let _ = self.enough.send(());
        } else if let Ok(ended) = timeout(self.patience, &mut task).await {
            return ended.unwrap_or(Ok(()));
        } else {
            self.handle.abort("the run is over").await;
        }
        task.await.unwrap_or(Ok(()))
    }
}

/// Follows a run to its end. What ends it early, everybody hears who waits for an attempt.
async fn conduct(
    mut coordinator: Coordinator,
    routes: Arc<Routes>,
    is_enough: oneshot::Receiver<()>,
) -> Result<(), NatsError> {
    let mut sink = Hearing(Arc::clone(&routes));
    let handle = coordinator.handle();
    let ended = tokio::select! {
        ended = coordinator.run(&mut sink) => ended.map(drop),
        never = keep_clocks(&handle, &routes) => match never {},
        _ = is_enough => Ok(()),
    };
    routes.end(match &ended {
        Ok(()) => "the run is over".to_owned(),
        Err(error) => hint::told(error),
    });
    coordinator.close().await
}

/// Asks the clocks of agents now and then: how they stand is known less surely with each second.
async fn keep_clocks(handle: &Handle, routes: &Routes) -> Infallible {
    loop {
        sleep(COMPARING).await;
        for member in routes.members() {
            // One that does not answer now is asked again; whether it is lost its beats say.
            if let Ok(answers) = handle.clock(&member.id, 1).await {
                routes.compared(&member.id, answers);
            }
        }
    }
}

/// What a run is called at the server and in its own reports alike, so that whoever is told of it finds it there. As all names of runs it sorts by time, which
/// is when agents were called: its first event, and what that says of its start, comes once they take part. Runs of many hosts need more letters.
fn run_id() -> RunId {
    let (own, random) = (Identity::now().run_id, RunId::random());
    let more: String = random.as_str().chars().take(MORE_LETTERS).collect();
    format!("{own}{more}").parse().unwrap_or(random)
}

/// What a report says of agents.
fn told(agents: &[AgentInfo]) -> Vec<Agent> {
    let agents = agents.iter().map(|agent| Agent {
        name: agent.name.clone(),
        version: agent.version.clone(),
        slots: agent.slots,
        processors: agent.processors,
    });
    agents.collect()
}

#[cfg(test)]
mod tests {
    use super::{Identity, run_id};

    #[test]
    fn a_run_over_agents_says_when_it_began_and_is_no_other() {
        let (one, other) = (run_id(), run_id());
        assert_ne!(one, other);
        let (when, letters) = one.as_str().split_once('-').unwrap();
        assert!(when.starts_with("20") && when.contains('t') && when.ends_with('z'));
        assert_eq!(letters.len(), 12, "{one}");
        // Beside those that have no agents, too.
        let alone = Identity::now().run_id;
        assert!(
            one.as_str()[..9] <= alone[..9] && alone.contains('t'),
            "{alone}"
        );
    }
}
