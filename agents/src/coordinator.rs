//! The one that spreads a run: it calls agents, gives them plugins and shards, and tells a sink what comes back.
//!
//! ```text
//! open ─▶ call ─▶ provide ─▶ join ─▶ run ─▶ close
//! ```
//!
//! What is dropped before it is closed is a dead coordinator: its agents stop by themselves, and its streams are removed later.

mod apart;
mod books;
mod clocks;
mod commands;
mod control;
mod events;
mod handle;
mod joining;
mod offering;
mod reader;
mod roll;
mod silence;

use std::{sync::Arc, time::Duration};

use assay_load::clock::Exchange;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

pub use self::handle::Handle;
use self::{
    books::Books, clocks::Comparison, events::Follower, offering::Offering, silence::Silence,
};
use crate::{
    connection::Connection,
    error::{NatsError, RunError},
    identity::{AgentId, AgentInfo, CoordinatorInfo, RunId},
    message::{Pulse, encode},
    names::Names,
    plugin::Plugin,
    settings::Settings,
    shard::{Fate, Shard},
    sink::Sink,
    streams::{self, leftovers},
};

/// How long a run's streams have to be quiet until others look whether its coordinator is dead.
const QUIET: Duration = Duration::from_hours(1);

/// Conducts one run.
#[derive(Debug)]
pub struct Coordinator {
    connection: Connection,
    info: CoordinatorInfo,
    settings: Settings,
    names: Names,
    run: RunId,
    books: Arc<Books>,
    agents: Vec<AgentInfo>,
    offering: Offering,
    /// Ends with the coordinator.
    tasks: JoinSet<()>,
}

impl Coordinator {
    /// Makes what a run needs on the server, and removes what dead coordinators have left there.
    pub async fn open(
        connection: Connection,
        info: CoordinatorInfo,
        settings: Settings,
    ) -> Result<Self, RunError> {
        Self::open_as(RunId::random(), connection, info, settings).await
    }

    /// The same, for a run whose identity is known: no other run of the server may have it.
    pub async fn open_as(
        run: RunId,
        connection: Connection,
        info: CoordinatorInfo,
        settings: Settings,
    ) -> Result<Self, RunError> {
        Self::open_after(run, connection, info, settings, QUIET).await
    }

    /// The same; others' streams have to be quiet for so long until it is looked whether they are leftovers.
    pub async fn open_after(
        run: RunId,
        connection: Connection,
        info: CoordinatorInfo,
        settings: Settings,
        quiet: Duration,
    ) -> Result<Self, RunError> {
        // Agents ignore what they cannot keep, and nobody would hear of it.
        if !settings.times.are_sane() {
            return Err(RunError::Times);
        }
        leftovers::remove_old(&connection, quiet).await?;
        let names = Names::new(run.clone());
        if let Err(error) = streams::create(&connection, &names, &settings).await {
            // Some of them may be there; that they cannot be removed either is no news.
            let _ = streams::remove(&connection, &names).await;
            return Err(error.into());
        }
        let books = Arc::new(Books::new(&settings));
        let mut tasks = JoinSet::new();
        control::listen(&connection, &names, &books, &mut tasks).await?;
        tasks.spawn(Arc::clone(&books).stay_awake());
        commands::start(&connection, &names, &books, &mut tasks);
        let offering = offering::start(&connection, &names, &books, &mut tasks);
        Ok(Self {
            connection,
            info,
            settings,
            names,
            run,
            books,
            agents: Vec::new(),
            offering,
            tasks,
        })
    }

    /// Which run it is.
    pub fn run_id(&self) -> &RunId {
        &self.run
    }

    /// The agents that were called, by name.
    pub fn agents(&self) -> &[AgentInfo] {
        &self.agents
    }

    /// Calls agents: as many as are wanted, or all that answer in time if there is no number. All of them have our contract, and each has a name of
    /// its own: of those that have the same one it is not what they say of themselves.
    pub async fn call(&mut self, wanted: Option<usize>) -> Result<&[AgentInfo], RunError> {
        let mut agents = roll::call(
            &self.connection,
            &self.run,
            &self.info,
            &self.settings.times,
            wanted,
        )
        .await?;
        apart::tell(&mut agents);
        self.agents = agents;
        Ok(&self.agents)
    }

    /// Puts plugins where agents find them, each once, and waits until every agent has them and takes part. An agent that refuses one, or that is not ready
    /// in time, is an error.
    pub async fn join(&mut self, plugins: &[Plugin]) -> Result<(), RunError> {
        joining::provide(&self.connection, &self.names, &self.settings, plugins).await?;
        for agent in &self.agents {
            streams::create_for(&self.connection, &self.names, &self.settings, &agent.id).await?;
            self.books.expect(agent, self.settings.times.joining);
        }
        joining::offer(
            &self.connection,
            &self.run,
            &self.settings.times,
            &self.agents,
            plugins,
        )
        .await
    }

    /// Compares clocks: so many questions to each agent, whose answers say how far its clock is ahead. They are fewer only of an agent that leaves
    /// questions without an answer for as long as an outage may last. While the run goes on [`Handle::clock`] does so.
    pub async fn clocks(&self, rounds: u32) -> Result<Vec<(AgentId, Vec<Exchange>)>, RunError> {
        let mut compared = Vec::new();
        for agent in &self.agents {
            let exchanges = self.clock_of(agent, rounds).await?;
            compared.push((agent.id.clone(), exchanges));
        }
        Ok(compared)
    }

    /// One that does not answer is asked again, as long as its silence may mean nothing. Then it is gone, if it has answered nothing at all.
    async fn clock_of(&self, agent: &AgentInfo, rounds: u32) -> Result<Vec<Exchange>, RunError> {
        // What it answers in between does not end its silence: all of it takes no longer than an outage may.
        let mut silence = Silence::of(agent, self.settings.times.outage);
        let mut comparison = Comparison::of(rounds);
        loop {
            let link = &self.connection.link;
            match comparison.go_on(&self.connection, &agent.id).await {
                Ok(()) => return Ok(comparison.exchanges),
                Err(cause) if cause.is_silence() => {
                    match silence.goes_on(link.state(), Instant::now()) {
                        Err(RunError::Vanished { .. }) if !comparison.exchanges.is_empty() => {
                            return Ok(comparison.exchanges);
                        }
                        silent => silent?,
                    }
                }
                Err(cause) => return Err(cause.told(clocks::TIME, link.complaint()).into()),
            }
            sleep(joining::AGAIN).await;
        }
    }

    /// Adds shards, gives orders to them, and stops them or the run, from anywhere.
    pub fn handle(&self) -> Handle {
        Handle::new(
            self.connection.clone(),
            self.names.clone(),
            Arc::clone(&self.books),
            self.offering.clone(),
        )
    }

    /// Runs these shards and those that a sink adds meanwhile, and no more.
    pub async fn run_all(
        &mut self,
        shards: Vec<Shard>,
        sink: &mut impl Sink,
    ) -> Result<Vec<Fate>, RunError> {
        let handle = self.handle();
        for shard in shards {
            handle.add(shard)?;
        }
        handle.no_more();
        Box::pin(self.run(sink)).await
    }

    /// Runs all shards that are added, until it was said that there are [no more](Handle::no_more) or the run was [stopped](Handle::abort), and all are settled. Then
    /// it says what became of each, by its number. A problem stops the agents.
    pub async fn run(&mut self, sink: &mut impl Sink) -> Result<Vec<Fate>, RunError> {
        let handle = self.handle();
        let mut follower =
            Follower::new(&self.connection, &self.names, &self.settings, &self.books);
        // Large, and made once: whoever awaits a run stays small.
        if let Err(error) = Box::pin(follower.follow(sink)).await {
            handle.abort(&error.to_string()).await;
            return Err(error);
        }
        Ok(self.books.ledger().fates())
    }

    /// Lets the agents go, and removes what the run has on the server.
    pub async fn close(mut self) -> Result<(), NatsError> {
        self.books.ledger().close();
        tell(&self.connection, &self.names, &Pulse::Over).await;
        let removed = streams::remove(&self.connection, &self.names).await;
        self.tasks.shutdown().await;
        removed
    }
}

/// Tells all agents at once how the run is. Whoever misses it learns it with its next beat.
async fn tell(connection: &Connection, names: &Names, pulse: &Pulse) {
    let told = connection
        .client
        .publish(names.pulse(), encode(pulse))
        .await;
    if told.is_ok() && connection.link.state().up {
        // It waits for the server, which may be away.
        let _ = tokio::time::timeout(streams::ALIVE, connection.client.flush()).await;
    }
}
