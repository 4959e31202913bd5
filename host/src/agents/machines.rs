//! The agents of a run as the machines that make its loads together: each share is a shard for one agent.

use std::sync::Arc;

use assay_agents::{
    clock,
    coordinator::Handle,
    identity::AgentId,
    shard::{Ending, Kind, Shard, ShardNumber, Target},
    sink::Told,
};
use assay_load::clock::Moment;
use assay_report::hint;
use async_trait::async_trait;
use tokio::{sync::mpsc, time::Instant};

use super::{
    routes::Routes,
    work::{Given, ShareJob, Word, Work},
};
use crate::access::Rights;
use crate::load::{
    Refusal,
    machines::{Lost, Machine, Machines, Remote},
    share::{Finding, ShareCommand, ShareWord, ShareWork},
};

/// Words of a share that wait to be heard. Then nothing more of it is fetched.
const WAITING: usize = 64;

/// Agents that make the loads of one suite.
#[derive(Debug)]
pub(super) struct AgentMachines {
    pub(super) handle: Handle,
    pub(super) routes: Arc<Routes>,
    /// What each of them needs beside the load.
    pub(super) given: Given,
    /// Where what is refused there is gathered.
    pub(super) rights: Rights,
    /// Whether whoever runs it wishes that the others make up for one that is lost: how much of a load may be missing then, in percent.
    pub(super) refill: Option<u32>,
}

#[async_trait]
impl Machines for AgentMachines {
    fn list(&self) -> Vec<Machine> {
        let members = self.routes.members().into_iter();
        members
            .map(|member| Machine {
                clock: self.routes.offset(&member.id),
                id: member.id.to_string(),
                name: member.name,
                weight: member.processors,
            })
            .collect()
    }

    async fn start(&self, shares: Vec<ShareWork>) -> Result<Vec<Remote>, Refusal> {
        // Those that are begun stop when they are dropped with the error.
        shares.into_iter().map(|share| self.begin(share)).collect()
    }

    fn refill(&self) -> Option<u32> {
        self.refill
    }
}

impl AgentMachines {
    fn begin(&self, part: ShareWork) -> Result<Remote, Refusal> {
        let broke = |message: String| Refusal::Broke(message);
        let name = part.machine.clone();
        let agent: AgentId = name
            .parse()
            .map_err(|error: assay_agents::identity::NoIdentity| broke(error.to_string()))?;
        if self.routes.offset(&agent).is_none() {
            let name = self.routes.name(&agent);
            return Err(broke(format!(
                "nothing is known of the clock of the agent `{name}`, so it cannot begin with the others: see how its network is"
            )));
        }
        let title = format!("load {} of {}", part.load, part.source.entry);
        let work = Work::Share(Box::new(ShareJob {
            given: self.given.clone(),
            share: part,
        }));
        let target = Target::Agent(agent.clone());
        let shard = Shard::new(&title, Kind::Load, target, &work)
            .map_err(|error| broke(format!("a share cannot be told to an agent: {error}")))?;
        let added = self.routes.listen(|| self.handle.add(shard));
        let (shard, told) = added.map_err(|error| broke(hint::told(&error)))?;
        let (say, words) = mpsc::channel(WAITING);
        let (commands, heard) = mpsc::unbounded_channel();
        tokio::spawn(
            Way {
                handle: self.handle.clone(),
                routes: Arc::clone(&self.routes),
                agent,
                shard,
                rights: self.rights.clone(),
                say,
            }
            .follow(told, heard),
        );
        Ok(Remote { words, commands })
    }
}

/// The way to one share and back.
struct Way {
    handle: Handle,
    routes: Arc<Routes>,
    agent: AgentId,
    shard: ShardNumber,
    rights: Rights,
    say: mpsc::Sender<Result<ShareWord, Lost>>,
}

impl Way {
    async fn follow(
        self,
        mut told: mpsc::Receiver<Told<Word>>,
        mut commands: mpsc::UnboundedReceiver<ShareCommand>,
    ) {
        let mut are_commanded = true;
        let is_over = loop {
            tokio::select! {
                command = commands.recv(), if are_commanded => {
                    if let Some(command) = command {
                        self.command(command).await;
                    } else {
                        // Whoever commands is gone, and so is the load.
                        are_commanded = false;
                        self.handle.stop(self.shard, "nobody waits for the load any more");
                    }
                },
                told = told.recv() => if let Some(is_over) = self.hear(told).await {
                    break is_over;
                },
            }
        };
        if !is_over {
            self.handle.stop(self.shard, "what it tells cannot be used");
        }
        self.routes.forget(self.shard);
    }

    async fn command(&self, command: ShareCommand) {
        let there = command.map(|at| self.there(at));
        if let Err(error) = self.handle.order(self.shard, &there) {
            let _ = self.say.send(Err(Lost::new(hint::told(&error)))).await;
        }
    }

    /// A word as it is told here.
    fn told(&self, word: ShareWord) -> ShareWord {
        match word {
            ShareWord::Found(Finding::Refused(refusal)) => {
                let agent = self.routes.name(&self.agent);
                let refusal = self.rights.told_by(&agent, &refusal);
                ShareWord::Found(Finding::Refused(refusal))
            }
            other => other,
        }
    }

    /// A moment on the agent's clock.
    fn there(&self, at: Instant) -> Moment {
        let here = clock::moment(at);
        let offset = self.routes.offset(&self.agent);
        offset.map_or(here, |offset| offset.there(here))
    }

    /// Nothing if more may come; otherwise whether the share is over there, too.
    async fn hear(&self, told: Option<Told<Word>>) -> Option<bool> {
        let word = match told {
            Some(Told::Word { word, .. }) => match *word {
                Word::Share(word) => Ok(self.told(*word)),
                Word::Wanted(wanted) => {
                    let agent = self.routes.name(&self.agent);
                    self.rights.refused_at(&agent, &wanted);
                    return None;
                }
                Word::Learned(_) | Word::Happened { .. } | Word::Figure { .. } | Word::Ended(_) => {
                    Err(Lost::new("it told of an attempt, which it was not given"))
                }
            },
            Some(Told::Ended {
                ending: Ending::Failed(reason),
                ..
            }) => Ok(ShareWord::Failed(Refusal::Broke(reason))),
            // Its last word has come before, unless it was stopped.
            Some(Told::Ended { .. }) => return Some(true),
            Some(Told::Given { .. } | Told::Returned { .. } | Told::AgentLost { .. }) => {
                return None;
            }
            Some(Told::Lost { loss, .. }) => Err(Lost::new(self.routes.loss(&loss))),
            Some(Told::NotRun { .. }) => Err(Lost::new("it was stopped before it began")),
            None => Err(Lost::new(self.routes.why_ended())),
        };
        let is_over = match &word {
            Ok(word) => word.is_last().then_some(true),
            Err(_) => Some(false),
        };
        // Whoever does not hear it any more has told the share to stop.
        let _ = self.say.send(word).await;
        is_over
    }
}
