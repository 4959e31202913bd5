//! A share of a load on the machine that makes it, as whoever starts it sees it.

use std::sync::Arc;
use std::thread;

use tokio::sync::{mpsc, watch};

use super::{
    ShareCommand, ShareWord, ShareWork,
    making::{Control, Making},
    outbox::Outbox,
};
use crate::{
    capability::{metrics, recorder::Recorder},
    ledger::Ledger,
    load::{Order, Refusal, Threads, crew::no_thread},
};

/// A share that runs. Dropping it stops the share: whatever is under way is dropped, and nothing more is told but what was refused.
#[derive(Debug)]
pub struct RunningShare {
    threads: Threads,
    /// Told by being dropped.
    _stop: watch::Sender<()>,
}

impl RunningShare {
    /// Waits until its threads are gone.
    pub async fn ended(&self) {
        self.threads.ended().await;
    }

    /// Counts its threads, also once it is dropped.
    pub(crate) fn threads(&self) -> Threads {
        self.threads.clone()
    }
}

impl Order {
    /// Starts a share of a load. All that becomes of it is told as words, also that it cannot be made; the last one is
    /// [`ShareWord::Over`] or [`ShareWord::Failed`], after which `say` is dropped. Threads of virtual users are gone by then.
    ///
    /// Recorder, figures and data of the order are not used: virtual users leave what they find in words, each share has figures of its own,
    /// and the data comes with the work. Fails only if there is no thread for it.
    pub fn start_share(
        self,
        work: ShareWork,
        say: mpsc::Sender<ShareWord>,
        commands: mpsc::UnboundedReceiver<ShareCommand>,
    ) -> Result<RunningShare, Refusal> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| no_thread(&error))?;
        let (stop, stopped) = watch::channel(());
        let (found, finds) = mpsc::unbounded_channel();
        let ledger = Ledger::default();
        let recorder = Recorder::new(work.source.clone(), found, ledger.attempt().attempt());
        let part = work.part();
        let part = part.map_err(|error| Refusal::Invalid(error.to_string()));
        let threads = self.threads.clone();
        let alive = threads.enter();
        let order = Self {
            data: work.data,
            metrics: Arc::new(metrics::Shared::new(self.metrics.baselines().to_vec())),
            access: self.access.told_to(recorder.clone()),
            recorder,
            machines: None,
            ..self
        };
        let making = Making {
            order,
            outbox: Outbox::new(say, finds),
            control: Control {
                commands,
                stopped,
                ledger,
            },
        };
        thread::Builder::new()
            .name("load-share".to_owned())
            .spawn(move || {
                runtime.block_on(making.run(part));
                drop(alive);
            })
            .map_err(|error| no_thread(&error))?;
        Ok(RunningShare {
            threads,
            _stop: stop,
        })
    }
}
