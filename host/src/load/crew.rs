//! The threads that make a load, or this machine's share of one, from their start until they are gone.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use assay_load::turns::Turns;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::{
    Refusal,
    cpu::Cpu,
    stage::Stage,
    worker::{Readiness, Share, Told},
};

/// How long all virtual users may take until each has asked for its first turn.
pub(super) const READY_TIME: Duration = Duration::from_mins(1);

/// Threads that run. Dropping it ends them.
pub(super) struct Crew {
    handles: Vec<JoinHandle<()>>,
    cpus: Vec<Cpu>,
    /// Ends them.
    stop: watch::Sender<bool>,
    readiness: Arc<Readiness>,
    told: Told,
    gave_up: mpsc::Receiver<String>,
    vus: u32,
}

impl Crew {
    /// Starts so many threads, and deals the virtual users out to them.
    pub(super) fn start(
        tls: &Arc<rustls::ClientConfig>,
        stage: &Arc<Stage>,
        turns: &Turns,
        threads: u32,
    ) -> Result<Self, Refusal> {
        let (stop, stopped) = watch::channel(false);
        let (told, gave_up) = Told::new();
        let vus: Vec<u32> = turns.part().numbers().collect();
        let mut crew = Self {
            handles: Vec::new(),
            cpus: Vec::new(),
            stop,
            readiness: Arc::new(Readiness::new(turns.part().vus())),
            told,
            gave_up,
            vus: turns.part().vus(),
        };
        let threads = usize::try_from(threads).unwrap_or(1);
        for number in 0..threads {
            let cpu = Cpu::default();
            let share = Share {
                stage: Arc::clone(stage),
                turns: turns.clone(),
                tls: Arc::clone(tls),
                vus: vus.iter().copied().skip(number).step_by(threads).collect(),
                readiness: Arc::clone(&crew.readiness),
                told: crew.told.clone(),
                cpu: cpu.clone(),
                stop: stopped.clone(),
            };
            // Those that run already are ended with the error.
            let handle = share.start(number).map_err(|error| no_thread(&error))?;
            crew.handles.push(handle);
            crew.cpus.push(cpu);
        }
        Ok(crew)
    }

    /// Waits until all virtual users have asked for their first turn.
    pub(super) async fn ready(&mut self) -> Result<(), Refusal> {
        let (readiness, vus) = (Arc::clone(&self.readiness), self.vus);
        tokio::select! {
            biased;
            refusal = self.gave_up() => Err(refusal),
            ready = timeout(READY_TIME, readiness.all()) => ready.map_err(|_| {
                Refusal::Broke(format!(
                    "{} of {vus} virtual users were not ready after {} s: what makes their state must not wait",
                    readiness.left(),
                    READY_TIME.as_secs()
                ))
            }),
        }
    }

    /// Waits until a virtual user cannot go on: as a rule, for ever.
    pub(super) async fn gave_up(&mut self) -> Refusal {
        match self.gave_up.recv().await {
            Some(why) => Refusal::Broke(why),
            // Never: what tells is held here.
            None => std::future::pending().await,
        }
    }

    /// The time of a processor that each thread takes.
    pub(super) fn cpus(&self) -> &[Cpu] {
        &self.cpus
    }

    /// Instances that took the place of one that had trapped.
    pub(super) fn replaced(&self) -> u64 {
        self.told.replacements()
    }

    /// Drops whatever is under way, and waits until the threads are gone.
    pub(super) fn end(&mut self) {
        self.stop.send_replace(true);
        for handle in self.handles.drain(..) {
            // One that has panicked is gone, too, and its virtual users are told as interrupted.
            let _ = handle.join();
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.end();
    }
}

/// A thread that the machine does not allow.
pub(super) fn no_thread(error: &io::Error) -> Refusal {
    Refusal::Limit(format!(
        "a thread for the load cannot be started: {error}; raise the limit on processes (`ulimit -u`)"
    ))
}
