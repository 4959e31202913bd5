//! Machines that are played in paused time, each by its script: the turns of real shares, and no plugin.

use std::collections::BTreeSet;
use std::sync::Mutex;

use assay_load::{
    Phase as Exposed,
    outcome::Outcome,
    turns::{Ended as Done, Ending},
};
use assay_report::event::LoadRefill;
use tokio::{task::JoinSet, time::sleep_until};

use super::*;
use crate::load::ended::Ended;

/// How long an iteration takes.
pub(super) const TAKES: Duration = Duration::from_millis(5);

/// How a machine goes on with a share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Script {
    /// It is lost that long after it began, whatever it has told by then.
    pub(super) lost_after: Option<Duration>,
    /// How long it takes until it is ready to make up for another one.
    pub(super) slow: Duration,
    /// It refuses to.
    pub(super) refuses: bool,
    /// It is lost before it is ready.
    pub(super) never_ready: bool,
    /// It refuses to have more virtual users in a share.
    pub(super) most: u32,
    /// How long its iterations take.
    pub(super) takes: Duration,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            lost_after: None,
            slow: Duration::ZERO,
            refuses: false,
            never_ready: false,
            most: u32::MAX,
            takes: TAKES,
        }
    }
}

/// Machines that are played here, each by its script.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) scripts: Vec<(&'static str, Script)>,
    pub(super) refill: Option<u32>,
    pub(super) lost: Arc<Mutex<BTreeSet<String>>>,
    /// All that was begun.
    pub(super) works: Mutex<Vec<ShareWork>>,
}

#[async_trait]
impl Machines for Played {
    fn list(&self) -> Vec<Machine> {
        let lost = self.lost.lock().unwrap();
        let there = self
            .scripts
            .iter()
            .filter(|(name, _)| !lost.contains(*name));
        there
            .map(|(name, _)| Machine {
                id: (*name).to_owned(),
                name: (*name).to_owned(),
                weight: 1,
                clock: None,
            })
            .collect()
    }

    async fn start(&self, shares: Vec<ShareWork>) -> Result<Vec<Remote>, Refusal> {
        let remotes = shares.into_iter().map(|work| {
            let script = self.scripts.iter().find(|(name, _)| *name == work.machine);
            self.works.lock().unwrap().push(work.clone());
            let (say, words) = mpsc::channel(8);
            let (commands, heard) = mpsc::unbounded_channel();
            let player = Player {
                script: script.unwrap().1,
                say,
                heard,
                lost: Arc::clone(&self.lost),
            };
            tokio::spawn(player.play(work));
            Remote { words, commands }
        });
        Ok(remotes.collect())
    }

    fn margin(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn refill(&self) -> Option<u32> {
        self.refill
    }
}

/// One share that is made.
struct Player {
    script: Script,
    say: mpsc::Sender<Result<ShareWord, Lost>>,
    heard: mpsc::UnboundedReceiver<ShareCommand>,
    lost: Arc<Mutex<BTreeSet<String>>>,
}

impl Player {
    async fn play(mut self, work: ShareWork) {
        let part = work.part().unwrap();
        let makes_up = part.makes_up_from().is_some();
        if (makes_up && self.script.refuses) || part.vus() > self.script.most {
            for capability in ["service", "load"] {
                let refused = assay_report::event::Refusal::new(capability, "shop", "no", "");
                self.say(ShareWord::Found(Finding::Refused(refused))).await;
            }
            let denied = Refusal::Denied("so much is not granted".to_owned());
            return self.say(ShareWord::Failed(denied)).await;
        }
        if makes_up {
            tokio::time::sleep(self.script.slow).await;
        }
        if self.script.never_ready {
            return self.is_lost(&work).await;
        }
        self.say(ShareWord::Ready).await;
        let Some(moment) = self.begins().await else {
            return;
        };
        let turns = Turns::of_part(part, Samples::new([]).unwrap());
        let late = Instant::now().saturating_duration_since(moment);
        self.say(ShareWord::Begun { late }).await;
        let users = users(&turns, self.script.takes);
        if makes_up {
            turns.take_over(moment, late);
        } else {
            turns.begin_at(moment).await;
        }
        let lost_at = self.script.lost_after.map(|after| moment + after);
        if !self.go_on(&turns, moment, lost_at).await {
            self.is_lost(&work).await;
        }
        drop(users);
    }

    async fn is_lost(&self, work: &ShareWork) {
        self.lost.lock().unwrap().insert(work.machine.clone());
        let _ = self.say.send(Err(Lost::new("its plug was pulled"))).await;
    }

    /// When it is to begin; none if it is stopped before.
    async fn begins(&mut self) -> Option<Instant> {
        loop {
            match self.heard.recv().await? {
                ShareCommand::BeginAt(moment) => return Some(moment),
                ShareCommand::Faults(_) => {}
                _ => return None,
            }
        }
    }

    /// Tells each second. False if it is lost before its end.
    async fn go_on(&mut self, turns: &Turns, moment: Instant, lost_at: Option<Instant>) -> bool {
        let mut deltas = Deltas::new(turns.clone());
        let mut second = moment;
        while second <= Instant::now() {
            second += SECOND;
        }
        loop {
            tokio::select! {
                biased;
                () = sleep_until(lost_at.unwrap_or(moment)), if lost_at.is_some() => return false,
                command = self.heard.recv() => match command {
                    Some(ShareCommand::Abort(reason)) => turns.abort(reason),
                    None | Some(ShareCommand::Stop) => return true,
                    Some(_) => {}
                },
                () = turns.finished() => break,
                () = sleep_until(second) => {
                    second += SECOND;
                    self.tell(&mut deltas, false).await;
                }
            }
        }
        self.tell(&mut deltas, true).await;
        self.say(ShareWord::Over(ShareEnd::default())).await;
        true
    }

    async fn tell(&self, deltas: &mut Deltas, over: bool) {
        for delta in deltas.take(&Generator::default(), over) {
            self.say(ShareWord::Delta(Box::new(delta))).await;
        }
    }

    async fn say(&self, word: ShareWord) {
        // Whoever does not hear it any more has given it up.
        let _ = self.say.send(Ok(word)).await;
    }
}

/// The virtual users of a share, until this is dropped.
fn users(turns: &Turns, takes: Duration) -> JoinSet<()> {
    let worker = turns.worker();
    let mut users = JoinSet::new();
    for vu in turns.part().numbers() {
        let mut seat = worker.seat(vu);
        users.spawn(async move {
            let mut before = None;
            while seat.next(before).await.is_some() {
                tokio::time::sleep(takes).await;
                before = Some(Done {
                    ending: Ending::Passed,
                    phase: Exposed::Baseline,
                });
            }
        });
    }
    users
}

pub(super) const MILLISECOND: Duration = Duration::from_millis(1);

/// What came of a load that machines make by their scripts.
pub(super) struct Came {
    pub(super) ended: Ended,
    pub(super) works: Vec<ShareWork>,
    pub(super) lost: Option<String>,
    pub(super) told: Vec<(Level, String)>,
    /// How often something was refused.
    pub(super) refused: usize,
}

impl Came {
    pub(super) fn outcome(&self) -> &Outcome {
        match &self.ended.measured {
            Ok(measured) => &measured.outcome,
            Err(early) => panic!("{early:?}"),
        }
    }

    pub(super) fn refilled(&self) -> &LoadRefill {
        let [refill] = &*self.ended.refilled else {
            panic!("{:?}", self.ended.refilled);
        };
        refill
    }

    /// Why there is no outcome, which the attempt has, too.
    pub(super) fn why(&self) -> &str {
        assert!(matches!(
            self.ended.measured,
            Err(Early::Refused(Refusal::Lost(_)))
        ));
        self.lost.as_deref().unwrap()
    }

    /// The numbers of virtual users that others made of a share of the division.
    pub(super) fn made_again(&self, share: usize) -> Vec<u32> {
        let works = self.works.iter();
        let refills = works.filter(|work| work.share == share && work.refill.is_some());
        let numbers = refills.flat_map(|work| work.part().unwrap().numbers().collect::<Vec<_>>());
        let mut numbers: Vec<_> = numbers.collect();
        numbers.sort_unstable();
        numbers
    }
}

pub(super) async fn played(
    plan: Plan,
    refill: Option<u32>,
    scripts: &[(&'static str, Script)],
) -> Came {
    let (recorder, mut told) = heard_recorder();
    let machines = Arc::new(Played {
        scripts: scripts.to_vec(),
        refill,
        lost: Arc::default(),
        works: Mutex::default(),
    });
    let joint = joint(plan, &recorder, Arc::clone(&machines) as Arc<dyn Machines>);
    let (_wanted, stopped) = watch::channel(false);
    let ended = joint.conduct(stopped).await.unwrap();
    let (mut logs, mut refused) = (Vec::new(), 0);
    while let Ok(happened) = told.try_recv() {
        match happened.kind {
            EventKind::Log { level, message, .. } => logs.push((level, message)),
            EventKind::Refused { .. } => refused += 1,
            _ => {}
        }
    }
    Came {
        told: logs,
        refused,
        lost: recorder.evidence().lost_load,
        works: std::mem::take(&mut *machines.works.lock().unwrap()),
        ended,
    }
}

pub(super) fn lost_after(milliseconds: u64) -> Script {
    Script {
        lost_after: Some(MILLISECOND * u32::try_from(milliseconds).unwrap()),
        ..Script::default()
    }
}

pub(super) fn slow(milliseconds: u64) -> Script {
    Script {
        slow: MILLISECOND * u32::try_from(milliseconds).unwrap(),
        ..Script::default()
    }
}

pub(super) const REFUSES: Script = Script {
    lost_after: None,
    slow: Duration::ZERO,
    refuses: true,
    never_ready: false,
    most: u32::MAX,
    takes: TAKES,
};

pub(super) fn constant_vus(vus: u32, seconds: u64) -> Plan {
    let duration = Duration::from_secs(seconds);
    Plan::new(Draft::new(
        "browse",
        Executor::ConstantVus { vus, duration },
    ))
    .unwrap()
}

/// 300 starts a second, of which each of three machines makes 100.
pub(super) fn constant_rate(seconds: u64) -> Plan {
    let executor = Executor::ConstantArrivalRate {
        per_second: 300.0,
        duration: Duration::from_secs(seconds),
    };
    Plan::new(Draft {
        max_vus: 30,
        ..Draft::new("browse", executor)
    })
    .unwrap()
}
