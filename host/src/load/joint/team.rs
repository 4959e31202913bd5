//! The shares of a load on their machines: what they are told, what they tell, and how each stands.

use std::time::Duration;

use assay_grants::Kind;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::loss::Gone;
use super::piece::{Member, Piece};
use crate::{
    ledger::Faults,
    load::{
        Refusal,
        machines::{Lost, Remote},
        share::{Finding, ShareCommand, ShareWord},
    },
};

/// Words of all shares that wait to be heard.
const MAX_WORDS: usize = 64;

type Heard = (usize, Result<ShareWord, Lost>);

/// All of them.
pub(super) struct Team {
    shares: Vec<Share>,
    heard: mpsc::Receiver<Heard>,
    /// For those that come later; none once all are to stop.
    tell: Option<mpsc::Sender<Heard>>,
    /// Bring the words of each here.
    bringing: JoinSet<()>,
    /// What whoever comes later has to know.
    faults: Option<Faults>,
    began: Option<Instant>,
}

struct Share {
    member: Member,
    /// None once it is lost.
    commands: Option<mpsc::UnboundedSender<ShareCommand>>,
    is_ready: bool,
    has_begun: bool,
    is_over: bool,
    last_heard: Instant,
    awaited: Option<Awaited>,
    asked: Asked,
}

/// What a machine is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Its own part of the load.
    Own,
    /// More than that, for another machine is gone.
    More,
}

/// A share that is to make up for a lost one, and has not begun.
struct Awaited {
    /// The number of the loss.
    loss: usize,
    since: Instant,
}

impl Team {
    /// Of shares that were started, one for each member.
    pub(super) fn new(
        members: Vec<Member>,
        remotes: Vec<Remote>,
        asked: Asked,
    ) -> Result<Self, Refusal> {
        if members.len() != remotes.len() {
            return Err(Refusal::Broke(format!(
                "{} of {} shares of the load were begun, which is a mistake of the host; report it",
                remotes.len(),
                members.len()
            )));
        }
        let (tell, heard) = mpsc::channel(MAX_WORDS);
        let mut team = Self {
            shares: Vec::with_capacity(members.len()),
            heard,
            tell: Some(tell),
            bringing: JoinSet::new(),
            faults: None,
            began: None,
        };
        for (member, remote) in members.into_iter().zip(remotes) {
            team.add(member, remote, None, asked);
        }
        Ok(team)
    }

    fn add(&mut self, member: Member, remote: Remote, awaited: Option<Awaited>, asked: Asked) {
        let share = self.shares.len();
        let (tell, words) = (self.tell.clone(), remote.words);
        self.bringing.spawn(async move {
            if let Some(tell) = tell {
                bring(share, words, tell).await;
            }
        });
        self.shares.push(Share {
            member,
            commands: Some(remote.commands),
            is_ready: false,
            has_begun: false,
            is_over: false,
            last_heard: Instant::now(),
            awaited,
            asked,
        });
    }

    /// One more, which makes up for that loss. It begins as soon as it is ready.
    pub(super) fn take_on(&mut self, member: Member, remote: Remote, loss: usize) {
        if let Some(faults) = self.faults {
            let _ = remote.commands.send(ShareCommand::Faults(faults));
        }
        let awaited = Awaited {
            loss,
            since: Instant::now(),
        };
        self.add(member, remote, Some(awaited), Asked::More);
    }

    /// The number of the next share.
    pub(super) fn next_share(&self) -> usize {
        self.shares.len()
    }

    /// Who makes it.
    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.shares.iter().map(|share| &share.member)
    }

    /// Who makes a share.
    pub(super) fn member(&self, share: usize) -> Option<&Member> {
        self.shares.get(share).map(|share| &share.member)
    }

    /// The name of the machine of a share.
    pub(super) fn name(&self, share: usize) -> &str {
        self.member(share)
            .map_or("", |member| member.machine.name.as_str())
    }

    /// Those that are gone hear nothing, which is told otherwise.
    pub(super) fn tell_all(&mut self, command: &ShareCommand) {
        match command {
            ShareCommand::BeginAt(moment) => self.began = Some(*moment),
            ShareCommand::Faults(faults) => self.faults = Some(*faults),
            ShareCommand::End | ShareCommand::Abort(_) | ShareCommand::Stop => {}
        }
        for share in &self.shares {
            share.tell(command.clone());
        }
    }

    /// The next word, and of which share it is.
    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            let Some((number, word)) = self.heard.recv().await else {
                // The last word of each share was heard.
                return std::future::pending().await;
            };
            let Some(share) = self.shares.get_mut(number) else {
                continue;
            };
            // Of a share that was given up nothing counts any more but what it was refused.
            let counts = share.commands.is_some() || is_refusal(&word);
            if counts && !share.is_only_full(&word) {
                share.last_heard = Instant::now();
                return (number, word);
            }
        }
    }

    /// One that makes up for another begins at once.
    pub(super) fn mark_ready(&mut self, share: usize) {
        let began = self.began;
        if let Some(share) = self.shares.get_mut(share) {
            share.is_ready = true;
            if let (Some(_), Some(began)) = (&share.awaited, began) {
                share.tell(ShareCommand::BeginAt(began));
            }
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
        let is_silent = |share: &Share| {
            !share.is_over && share.awaited.is_none() && share.last_heard.elapsed() >= time
        };
        self.shares.iter().position(is_silent)
    }

    /// A share that makes up for another one and has not begun for so long.
    pub(super) fn awaited_for(&self, time: Duration) -> Option<usize> {
        let is_awaited = |awaited: &Awaited| awaited.since.elapsed() >= time;
        self.shares
            .iter()
            .position(|share| share.awaited.as_ref().is_some_and(is_awaited))
    }

    /// Which loss a share is to make up for, if it has not begun.
    pub(super) fn awaited(&self, share: usize) -> Option<usize> {
        let share = self.shares.get(share)?;
        share.awaited.as_ref().map(|awaited| awaited.loss)
    }

    /// The names of those that are to make up for a loss and have not begun.
    pub(super) fn awaited_of(&self, loss: usize) -> Vec<&str> {
        let of_loss = |awaited: &Awaited| awaited.loss == loss;
        let shares = self.shares.iter();
        let awaited = shares.filter(|share| share.awaited.as_ref().is_some_and(of_loss));
        awaited
            .map(|share| share.member.machine.name.as_str())
            .collect()
    }

    /// Virtual users of shares that are to make up for losses and have not begun: each with the number of its loss.
    pub(super) fn awaited_vus(&self) -> impl Iterator<Item = (usize, u32)> {
        self.shares.iter().filter_map(|share| {
            let awaited = share.awaited.as_ref()?;
            Some((awaited.loss, share.member.piece.vus()))
        })
    }

    /// When the load began, or is to; none before that was told.
    pub(super) fn began(&self) -> Option<Instant> {
        self.began
    }

    /// It begins to make up for a loss: for which.
    pub(super) fn begins(&mut self, share: usize) -> Option<usize> {
        let awaited = self.shares.get_mut(share)?.awaited.take()?;
        Some(awaited.loss)
    }

    /// How many virtual users a machine has in shares that go on, at most.
    pub(super) fn vus_of(&self, machine: &str) -> u64 {
        let shares = self.shares.iter();
        let own = shares.filter(|share| !share.is_over && share.member.machine.id == machine);
        own.map(|share| u64::from(share.member.piece.vus())).sum()
    }

    /// It is lost: it is told to stop, and only what it was refused is heard of it. What was its own.
    pub(super) fn lose(&mut self, share: usize) -> Option<Piece> {
        let share = self.shares.get_mut(share)?;
        share.tell(ShareCommand::Stop);
        // Whoever has no commander stops as well.
        share.commands = None;
        share.is_over = true;
        share.awaited = None;
        Some(share.member.piece.clone())
    }

    /// What is gone with a share, but for what is known of the whole load.
    pub(super) fn gone(&self, share: usize, reason: String) -> Gone {
        let piece = self.member(share).map(|member| &member.piece);
        Gone {
            share,
            machine: self.name(share).to_owned(),
            at: None,
            vus: piece.map_or(0, Piece::vus),
            all_vus: 0,
            per_second: piece.and_then(Piece::per_second),
            reason,
            not_refilled: None,
        }
    }

    /// Stops all that go on, and waits until all are gone, also those that were given up: of what they say until then only what they were refused is
    /// heard. One that does not answer within that time is left to its machine.
    pub(super) async fn stop(&mut self, time: Duration, refused: impl Fn(Finding)) {
        self.tell_all(&ShareCommand::Stop);
        self.tell = None;
        let gone = async {
            while let Some((share, word)) = self.heard.recv().await {
                let share = self.shares.get(share);
                if share.is_some_and(|share| share.is_only_full(&word)) {
                    continue;
                }
                if let Ok(ShareWord::Found(finding @ Finding::Refused(_))) = word {
                    refused(finding);
                }
            }
        };
        let _ = timeout(time, gone).await;
    }
}

impl Share {
    /// Whether it says only that its machine may not make so much load: the plugin has not asked that machine for it.
    fn is_only_full(&self, word: &Result<ShareWord, Lost>) -> bool {
        let Ok(ShareWord::Found(Finding::Refused(refusal))) = word else {
            return false;
        };
        self.asked == Asked::More && !self.has_begun && refusal.capability == Kind::Load.word()
    }

    fn tell(&self, command: ShareCommand) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }
}

fn is_refusal(word: &Result<ShareWord, Lost>) -> bool {
    matches!(word, Ok(ShareWord::Found(Finding::Refused(_))))
}

/// Brings the words of a share until the last one. Whoever ends without it is lost.
async fn bring(
    share: usize,
    mut words: mpsc::Receiver<Result<ShareWord, Lost>>,
    tell: mpsc::Sender<Heard>,
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
