//! One of the threads that make a load: a runtime of its own, and the virtual users that stay on it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use assay_load::{
    transport::{Client, Guard, Options},
    turns::Turns,
};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::{
    cpu::Cpu,
    instance,
    stage::Stage,
    user::{Place, Places, Thread},
};

/// How often a thread tells how much of a processor it took.
const CPU_EVERY: Duration = Duration::from_millis(500);

/// Counts down the virtual users that have not asked for their first turn.
#[derive(Debug)]
pub(super) struct Readiness {
    left: AtomicU32,
    ready: Notify,
}

impl Readiness {
    pub(super) fn new(vus: u32) -> Self {
        Self {
            left: AtomicU32::new(vus),
            ready: Notify::new(),
        }
    }

    /// One more is ready.
    pub(super) fn one(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.ready.notify_one();
        }
    }

    /// Waits until all are. For one to wait.
    pub(super) async fn all(&self) {
        while self.left() > 0 {
            self.ready.notified().await;
        }
    }

    /// How many are not.
    pub(super) fn left(&self) -> u32 {
        self.left.load(Ordering::Acquire)
    }
}

/// What virtual users tell of themselves. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Told {
    gave_up: mpsc::Sender<String>,
    replaced: Arc<AtomicU64>,
}

impl Told {
    /// And where it is heard: only the first that gives up matters.
    pub(super) fn new() -> (Self, mpsc::Receiver<String>) {
        let (gave_up, heard) = mpsc::channel(1);
        let told = Self {
            gave_up,
            replaced: Arc::default(),
        };
        (told, heard)
    }

    /// A virtual user, or (0) all that share an instance, cannot go on.
    pub(super) fn gave_up(&self, vu: u32, reason: &str) {
        let who = match vu {
            0 => "the virtual users of an instance".to_owned(),
            vu => format!("virtual user {vu}"),
        };
        // Where one has told already, it is enough.
        let _ = self.gave_up.try_send(format!("{who} gave up: {reason}"));
    }

    /// An instance has taken the place of one that trapped.
    pub(super) fn replaced(&self) {
        self.replaced.fetch_add(1, Ordering::Relaxed);
    }

    /// How many have.
    pub(super) fn replacements(&self) -> u64 {
        self.replaced.load(Ordering::Relaxed)
    }
}

/// What a thread is told.
pub(super) struct Share {
    pub(super) stage: Arc<Stage>,
    pub(super) turns: Turns,
    pub(super) tls: Arc<rustls::ClientConfig>,
    /// The numbers of its virtual users.
    pub(super) vus: Vec<u32>,
    pub(super) readiness: Arc<Readiness>,
    pub(super) told: Told,
    pub(super) cpu: Cpu,
    /// True once the load is over: whatever is under way is dropped.
    pub(super) stop: watch::Receiver<bool>,
}

impl Share {
    /// Starts the thread. It ends when its virtual users have, or when it is told to stop.
    pub(super) fn start(self, number: usize) -> io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::Builder::new()
            .name(format!("load-{number}"))
            .spawn(move || runtime.block_on(self.work()))
    }

    /// Where not everything may be asked, each origin and each address is judged.
    fn options(&self) -> Options {
        let access = &self.stage.common.access;
        Options {
            guard: if access.is_limited() {
                Guard::new(Arc::new(access.clone()))
            } else {
                Guard::open()
            },
            ..Options::default()
        }
    }

    async fn work(mut self) {
        let worker = self.turns.worker();
        let mut tasks = JoinSet::new();
        tasks.spawn(tell_cpu(self.cpu.clone()));
        let timer = worker.clone();
        tasks.spawn(async move {
            // Without it virtual users wait by the runtime's own timer, which is coarser.
            let _ = timer.keep_time().await;
        });
        let thread = Arc::new(Thread::new(
            Arc::clone(&self.stage.common),
            Client::new(&self.tls, self.options()),
            Arc::clone(worker.shard()),
        ));
        let ledger = &self.stage.common.ledger;
        let places = self
            .vus
            .iter()
            .map(|vu| Place::new(worker.seat(*vu), ledger, &self.readiness));
        let mut users = JoinSet::new();
        if self.turns.plan().isolated() {
            for place in places {
                users.spawn(instance::alone(
                    Arc::clone(&self.stage),
                    Arc::clone(&thread),
                    place,
                    self.told.clone(),
                ));
            }
        } else {
            users.spawn(instance::together(
                Arc::clone(&self.stage),
                Arc::clone(&thread),
                Places::new(places),
                self.told.clone(),
            ));
        }
        let all = async { while users.join_next().await.is_some() {} };
        tokio::select! {
            // It fails only when nobody can tell any more.
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = all => {}
        }
        self.cpu.tell();
    }
}

async fn tell_cpu(cpu: Cpu) {
    let mut ticks = interval(CPU_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        cpu.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_ready_when_the_last_one_is() {
        let readiness = Readiness::new(2);
        readiness.one();
        assert!(readiness.all().now_or_never().is_none());
        readiness.one();
        assert!(readiness.all().now_or_never().is_some());
    }

    #[test]
    fn the_first_that_gives_up_is_heard() {
        let (told, mut heard) = Told::new();
        told.gave_up(3, "no beginning");
        told.gave_up(4, "later");
        assert_eq!(
            heard.try_recv().ok().as_deref(),
            Some("virtual user 3 gave up: no beginning")
        );
        assert!(heard.try_recv().is_err());
    }

    use futures::FutureExt as _;
}
