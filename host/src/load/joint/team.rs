//! The shares of a load on their machines: what they are told, what they tell, and how each stands.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::loss::Gone;
use crate::load::{
    Refusal,
    machines::{Lost, Machine, Remote},
    share::{Finding, ShareCommand, ShareWord},
};

/// Words of all shares that wait to be heard.
const MAX_WORDS: usize = 64;
/// How long shares that are told to stop may take until they are gone.
const STOP_TIME: Duration = Duration::from_secs(10);

/// A machine, and how much of the load is its own.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) machine: Machine,
    pub(super) vus: u32,
    pub(super) per_second: Option<f64>,
}

/// All of them.
pub(super) struct Team {
    shares: Vec<Share>,
    heard: mpsc::Receiver<(usize, Result<ShareWord, Lost>)>,
    /// Bring the words of each here.
    _bringing: JoinSet<()>,
}

struct Share {
    member: Member,
    commands: mpsc::UnboundedSender<ShareCommand>,
    is_ready: bool,
    has_begun: bool,
    is_over: bool,
    last_heard: Instant,
}

impl Team {
    /// Of shares that were started, one for each member.
    pub(super) fn new(members: Vec<Member>, remotes: Vec<Remote>) -> Result<Self, Refusal> {
        if members.len() != remotes.len() {
            return Err(Refusal::Broke(format!(
                "{} of {} shares of the load were begun, which is a mistake of the host; report it",
                remotes.len(),
                members.len()
            )));
        }
        let (tell, heard) = mpsc::channel(MAX_WORDS);
        let mut bringing = JoinSet::new();
        let mut shares = Vec::with_capacity(members.len());
        for (share, (member, remote)) in members.into_iter().zip(remotes).enumerate() {
            bringing.spawn(bring(share, remote.words, tell.clone()));
            shares.push(Share {
                member,
                commands: remote.commands,
                is_ready: false,
                has_begun: false,
                is_over: false,
                last_heard: Instant::now(),
            });
        }
        Ok(Self {
            shares,
            heard,
            _bringing: bringing,
        })
    }

    /// Who makes it.
    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.shares.iter().map(|share| &share.member)
    }

    /// The name of the machine of a share.
    pub(super) fn name(&self, share: usize) -> &str {
        let share = self.shares.get(share);
        share.map_or("", |share| share.member.machine.name.as_str())
    }

    /// Those that are gone hear nothing, which is told otherwise.
    pub(super) fn tell_all(&self, command: &ShareCommand) {
        for share in &self.shares {
            let _ = share.commands.send(command.clone());
        }
    }

    /// The next word, and of which share it is.
    pub(super) async fn hear(&mut self) -> (usize, Result<ShareWord, Lost>) {
        match self.heard.recv().await {
            Some((number, word)) => {
                if let Some(share) = self.shares.get_mut(number) {
                    share.last_heard = Instant::now();
                }
                (number, word)
            }
            // The last word of each share was heard.
            None => std::future::pending().await,
        }
    }

    pub(super) fn mark_ready(&mut self, share: usize) {
        if let Some(share) = self.shares.get_mut(share) {
            share.is_ready = true;
        }
    }

    pub(super) fn mark_begun(&mut self, share: usize) {
        if let Some(share) = self.shares.get_mut(share) {
            share.has_begun = true;
        }
    }

    pub(super) fn mark_over(&mut self, share: usize) {
        if let Some(share) = self.shares.get_mut(share) {
            share.is_over = true;
        }
    }

    pub(super) fn all_ready(&self) -> bool {
        self.shares.iter().all(|share| share.is_ready)
    }

    /// Whether it has said that it was told when to begin.
    pub(super) fn has_begun(&self, share: usize) -> bool {
        self.shares.get(share).is_some_and(|share| share.has_begun)
    }

    pub(super) fn all_over(&self) -> bool {
        self.shares.iter().all(|share| share.is_over)
    }

    /// The names of those that are not ready, for people.
    pub(super) fn unready(&self) -> String {
        let unready = self.shares.iter().filter(|share| !share.is_ready);
        let names = unready.map(|share| format!("`{}`", share.member.machine.name));
        names.collect::<Vec<_>>().join(", ")
    }

    /// A share that goes on and has said nothing for so long.
    pub(super) fn silent_for(&self, time: Duration) -> Option<usize> {
        let is_silent = |share: &Share| !share.is_over && share.last_heard.elapsed() >= time;
        self.shares.iter().position(is_silent)
    }

    /// What is gone with a share, but for what is known of the whole load.
    pub(super) fn gone(&self, share: usize, reason: String) -> Gone {
        let member = self.shares.get(share).map(|share| &share.member);
        Gone {
            machine: self.name(share).to_owned(),
            at: None,
            vus: member.map_or(0, |member| member.vus),
            all_vus: 0,
            per_second: member.and_then(|member| member.per_second),
            reason,
        }
    }

    /// Stops all, and waits until they are gone: of what they say until then only what they were refused is heard. One that does not answer is left to its machine.
    pub(super) async fn stop(&mut self, refused: impl Fn(Finding)) {
        self.tell_all(&ShareCommand::Stop);
        let gone = async {
            while let Some((_, word)) = self.heard.recv().await {
                if let Ok(ShareWord::Found(finding @ Finding::Refused(_))) = word {
                    refused(finding);
                }
            }
        };
        let _ = timeout(STOP_TIME, gone).await;
    }
}

/// Brings the words of a share until the last one. Whoever ends without it is lost.
async fn bring(
    share: usize,
    mut words: mpsc::Receiver<Result<ShareWord, Lost>>,
    tell: mpsc::Sender<(usize, Result<ShareWord, Lost>)>,
) {
    while let Some(word) = words.recv().await {
        let is_last = matches!(word, Ok(ShareWord::Over(_) | ShareWord::Failed(_)) | Err(_));
        if tell.send((share, word)).await.is_err() || is_last {
            return;
        }
    }
    let lost = Lost::new("it ended without a last word");
    // Without anybody who hears, the load is over.
    let _ = tell.send((share, Err(lost))).await;
}
