//! From what is told of a run to whoever waits for it: each attempt hears its own shard, and the run hears of lost agents.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_agents::{
    clock,
    error::RunError,
    identity::AgentId,
    shard::{Loss, ShardNumber},
    sink::{Sink, Told},
};
use assay_load::clock::{Exchange, Exchanges, Offset};
use assay_report::{event::EventKind, hint::Hinted};
use tokio::{sync::mpsc, time::Instant};

use super::work::Word;
use crate::ledger::{Happened, Ledger};

/// What waits for an attempt that is slower to take it than it comes. Then nothing more is fetched from the server.
const WAITING: usize = 64;

/// What there is to do where nothing more is known.
pub(super) const ADVICE: &str = "see the output of the agents and of NATS, and run it again";

/// An agent of the run.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) id: AgentId,
    /// What people call it.
    pub(super) name: String,
    pub(super) processors: u32,
}

/// Why a shard is run by nobody.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAdded {
    /// The run over agents has ended, for this reason.
    #[error("there are no agents any more: {0}")]
    Ended(String),
    /// It cannot be added.
    #[error(transparent)]
    Refused(#[from] RunError),
}

impl Hinted for NotAdded {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Ended(_) => Some(ADVICE.to_owned()),
            Self::Refused(error) => error.hint(),
        }
    }
}

/// What one shard tells, to its last word.
pub(super) type Listening = mpsc::Receiver<Told<Word>>;

/// Who hears what.
#[derive(Debug)]
pub(super) struct Routes {
    members: Vec<Member>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    listeners: HashMap<ShardNumber, mpsc::Sender<Told<Word>>>,
    /// Why the run over agents has ended, if it has.
    ended: Option<String>,
    clocks: BTreeMap<AgentId, Exchanges>,
    lost: BTreeSet<AgentId>,
    events: Option<(mpsc::WeakUnboundedSender<Happened>, Ledger)>,
    /// What happened before there were any. An agent is lost once, so there is no more of it than there are agents.
    before: Vec<EventKind>,
}

impl Routes {
    /// For these agents.
    pub(super) fn new(members: Vec<Member>) -> Self {
        Self {
            members,
            state: Mutex::default(),
        }
    }

    /// What an agent is called.
    pub(super) fn name(&self, agent: &AgentId) -> String {
        let member = self.member(agent);
        member.map_or_else(|| agent.to_string(), |member| member.name.clone())
    }

    /// How far its clock is ahead, as it is known now.
    pub(super) fn offset(&self, agent: &AgentId) -> Option<Offset> {
        self.lock().clocks.get(agent)?.offset(clock::now())
    }

    /// Its clock was asked.
    pub(super) fn compared(&self, agent: &AgentId, answers: Vec<Exchange>) {
        let mut state = self.lock();
        let exchanges = state.clocks.entry(agent.clone()).or_default();
        for answer in answers {
            // What no exchange can be says nothing; the others still do.
            let _ = exchanges.add(answer);
        }
    }

    /// Those that are not lost.
    pub(super) fn members(&self) -> Vec<Member> {
        let lost = &self.lock().lost;
        let members = self.members.iter();
        members
            .filter(|member| !lost.contains(&member.id))
            .cloned()
            .collect()
    }

    fn member(&self, agent: &AgentId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == *agent)
    }

    /// Adds a shard and listens to it: nothing of it can be told in between.
    pub(super) fn listen(
        &self,
        add: impl FnOnce() -> Result<ShardNumber, RunError>,
    ) -> Result<(ShardNumber, Listening), NotAdded> {
        let mut state = self.lock();
        if let Some(why) = &state.ended {
            return Err(NotAdded::Ended(why.clone()));
        }
        let shard = add()?;
        let (sender, receiver) = mpsc::channel(WAITING);
        state.listeners.insert(shard, sender);
        Ok((shard, receiver))
    }

    /// How a shard was lost, for people.
    pub(super) fn loss(&self, loss: &Loss) -> String {
        let text = loss.to_string();
        match loss {
            Loss::AgentLost { agent, .. }
            | Loss::GivenBack { agent }
            | Loss::NotStopped { agent } => {
                text.replace(agent.as_str(), &format!("`{}`", self.name(agent)))
            }
            Loss::NobodyLeft | Loss::Broken(_) => text,
        }
    }

    /// Nobody waits for this shard any more.
    pub(super) fn forget(&self, shard: ShardNumber) {
        self.lock().listeners.remove(&shard);
    }

    /// Why the run over agents has ended.
    pub(super) fn why_ended(&self) -> String {
        let ended = self.lock().ended.clone();
        ended.unwrap_or_else(|| "nothing more is told of it".to_owned())
    }

    /// Nothing more is told, and nobody is to wait for it.
    pub(super) fn end(&self, why: String) {
        let mut state = self.lock();
        state.ended = Some(why);
        state.listeners.clear();
    }

    /// Tells of what happens by itself, from now on, and of what has happened since the agents have joined.
    pub(super) fn tell(&self, events: mpsc::WeakUnboundedSender<Happened>, ledger: Ledger) {
        let before = {
            let mut state = self.lock();
            state.events = Some((events, ledger));
            std::mem::take(&mut state.before)
        };
        for kind in before {
            self.happened(kind);
        }
    }

    fn agent_lost(&self, agent: &AgentId, left: bool) {
        self.lock().lost.insert(agent.clone());
        let agent = self.name(agent);
        let message = if left {
            "it left: it was ended there\nstart it again where it is to take part"
        } else {
            "nothing was heard of it for too long\nsee the output of that agent, and how its machine and its network are"
        };
        let message = message.to_owned();
        self.happened(EventKind::AgentLost { agent, message });
    }

    /// Tells what happened to the run as a whole. After the last attempt nobody is there to hear it.
    fn happened(&self, kind: EventKind) {
        let mut state = self.lock();
        let Some((events, ledger)) = &state.events else {
            state.before.push(kind);
            return;
        };
        if let Some(events) = events.upgrade() {
            let phase = ledger.phase();
            let _ = events.send(Happened {
                phase,
                at: Instant::now(),
                during: None,
                kind,
            });
        }
    }

    /// Every change is one call: a panic of another holder leaves nothing half-written.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listener(&self, shard: ShardNumber) -> Option<mpsc::Sender<Told<Word>>> {
        self.lock().listeners.get(&shard).cloned()
    }
}

/// The shard that something is told of.
fn shard_of<W>(told: &Told<W>) -> Option<ShardNumber> {
    match told {
        Told::Given { shard, .. }
        | Told::Word { shard, .. }
        | Told::Ended { shard, .. }
        | Told::Returned { shard, .. }
        | Told::NotRun { shard }
        | Told::Lost { shard, .. } => Some(*shard),
        Told::AgentLost { .. } => None,
    }
}

/// The routes, as what hears of a run.
#[derive(Debug)]
pub(super) struct Hearing(pub(super) Arc<Routes>);

impl Sink for Hearing {
    type Word = Word;

    async fn take(&mut self, told: Told<Word>) -> Result<(), String> {
        if let Told::AgentLost { agent, left } = &told {
            self.0.agent_lost(agent, *left);
        }
        let Some(shard) = shard_of(&told) else {
            return Ok(());
        };
        let is_last = matches!(
            told,
            Told::Ended { .. } | Told::Lost { .. } | Told::NotRun { .. }
        );
        if let Some(listener) = self.0.listener(shard) {
            // Whoever does not listen any more has stopped its attempt.
            let _ = listener.send(told).await;
        }
        if is_last {
            self.0.forget(shard);
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Of one agent, `a1`.
    pub(in crate::agents) fn routes() -> Arc<Routes> {
        Arc::new(Routes::new(vec![Member {
            id: "a1".parse().unwrap(),
            name: "one".to_owned(),
            processors: 2,
        }]))
    }

    /// Listens to the shard of that number.
    pub(in crate::agents) fn listen(routes: &Routes, number: u32) -> Listening {
        routes.listen(|| Ok(ShardNumber(number))).unwrap().1
    }

    /// Nobody runs that shard.
    pub(in crate::agents) fn not_run(number: u32) -> Told<Word> {
        Told::NotRun {
            shard: ShardNumber(number),
        }
    }

    #[tokio::test]
    async fn each_hears_its_own_shard_to_the_last_thing_that_is_told_of_it() {
        let routes = routes();
        let (mut one, mut other) = (listen(&routes, 1), listen(&routes, 2));
        let mut hearing = Hearing(Arc::clone(&routes));
        hearing.take(not_run(2)).await.unwrap();
        hearing.take(not_run(7)).await.unwrap();
        assert_eq!(other.recv().await, Some(not_run(2)));
        assert_eq!(other.recv().await, None);
        assert!(one.try_recv().is_err());
        routes.end("the server is gone".to_owned());
        assert_eq!(one.recv().await, None);
        assert_eq!(routes.why_ended(), "the server is gone");
        let late = routes.listen(|| Ok(ShardNumber(3))).unwrap_err();
        let text = "there are no agents any more: the server is gone";
        assert_eq!(late.to_string(), text);
    }

    #[test]
    fn a_loss_names_the_agent_as_people_call_it() {
        let routes = routes();
        let agent: AgentId = "a1".parse().unwrap();
        let lost = |attempts| Loss::AgentLost {
            agent: agent.clone(),
            attempts,
            left: false,
        };
        assert_eq!(routes.loss(&lost(1)), "its agent `one` was lost");
        assert!(routes.loss(&lost(3)).contains("`one`"));
        assert_eq!(routes.loss(&Loss::NobodyLeft), Loss::NobodyLeft.to_string());
    }

    #[test]
    fn an_agent_that_is_lost_before_anybody_hears_of_the_run_is_told_then() {
        let routes = routes();
        routes.agent_lost(&"a1".parse().unwrap(), true);
        let (events, mut told) = mpsc::unbounded_channel();
        routes.tell(events.downgrade(), Ledger::default());
        let happened = told.try_recv().unwrap();
        assert!(
            matches!(&happened.kind, EventKind::AgentLost { agent, .. } if agent == "one"),
            "{happened:?}"
        );
        assert!(told.try_recv().is_err(), "it is told once");
    }

    #[test]
    fn a_lost_agent_makes_no_more_load() {
        let routes = routes();
        assert_eq!(routes.members().len(), 1);
        routes.agent_lost(&"a1".parse().unwrap(), false);
        assert!(routes.members().is_empty());
    }
}
