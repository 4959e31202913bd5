//! A share of a load, made here for another host.

use std::{future, sync::Arc};

use assay_agents::{
    agent::{NotTold, Teller},
    clock,
    orders::Orders,
    stop::Stop,
};
use assay_load::clock::Moment;
use tokio::sync::mpsc;

use super::Site;
use crate::{
    access::{Access, Rights},
    agents::work::{ShareJob, Word},
    capability::{metrics, recorder::Recorder},
    ledger::Ledger,
    load::{
        Order, Threads,
        share::{Finding, ShareCommand, ShareWord},
    },
};

/// Words of the share that wait to be told. Its virtual users do not wait for it.
const WAITING: usize = 16;

/// Makes it until it is over or stopped. The error is why it could not be made at all.
pub(super) async fn run(
    site: &Site<'_>,
    job: ShareJob,
    teller: &Teller,
    mut orders: Orders,
    mut stop: Stop,
) -> Result<(), String> {
    let ShareJob { given, share } = job;
    let (permitted, rights) = site.rights(&given)?;
    // What virtual users find is told by the share, with a recorder of its own.
    let (found, _) = mpsc::unbounded_channel();
    let ongoing = Ledger::default().attempt();
    let recorder = Recorder::new(share.source.clone(), found, ongoing.attempt());
    let order = Order {
        engine: site.engine.clone(),
        plugin: Arc::clone(&permitted.plugin),
        data: String::new(),
        context: Arc::new(given.context),
        tls: Arc::clone(site.http.tls()),
        metrics: Arc::new(metrics::Shared::new(given.baselines)),
        access: Access::new(rights.clone(), recorder.clone()),
        recorder,
        memory: given.memory.min(site.limits.memory),
        threads: Threads::default(),
        machines: None,
    };
    let (say, mut words) = mpsc::channel(WAITING);
    let (commands, commanded) = mpsc::unbounded_channel();
    let running = order.start_share(share, say, commanded);
    let running = running.map_err(|refusal| refusal.to_string())?;
    let mut is_over = false;
    let told = {
        let telling = async {
            while let Some(word) = words.recv().await {
                is_over = word.is_last();
                if is_over {
                    tell_wanted(teller, &rights).await?;
                }
                teller.tell(&Word::Share(Box::new(word))).await?;
            }
            Ok::<(), NotTold>(())
        };
        let obeying = async {
            while let Some(order) = orders.next::<ShareCommand<Moment>>().await {
                let order = order.map_err(|error| format!("an order cannot be read: {error}"))?;
                // A share that is over hears nothing any more.
                let _ = commands.send(order.map(clock::instant));
            }
            // Nothing more is ordered: it goes on by itself until it is over.
            future::pending::<Result<(), String>>().await
        };
        // Side by side: whoever waits to tell hears what is ordered, and that it has to stop.
        tokio::select! {
            biased;
            _ = stop.stopped() => Ok(()),
            failed = obeying => failed,
            told = telling => told.map_err(|error| untold(&error)),
        }
    };
    drop(commands);
    let threads = running.threads();
    drop(running);
    // Nothing of it runs any more when its end is told.
    if is_over {
        threads.ended().await;
        return told;
    }
    let refusals = tell_refusals(teller, words, &rights);
    let (refusals, ()) = tokio::join!(refusals, threads.ended());
    told.and(refusals.map_err(|error| untold(&error)))
}

/// Tells of a share that was stopped what it was refused, which is evidence still.
async fn tell_refusals(
    teller: &Teller,
    mut words: mpsc::Receiver<ShareWord>,
    rights: &Rights,
) -> Result<(), NotTold> {
    while let Some(word) = words.recv().await {
        if matches!(word, ShareWord::Found(Finding::Refused(_))) {
            teller.tell(&Word::Share(Box::new(word))).await?;
        }
    }
    tell_wanted(teller, rights).await
}

async fn tell_wanted(teller: &Teller, rights: &Rights) -> Result<(), NotTold> {
    match rights.wanted() {
        Some(wanted) => teller.tell(&Word::Wanted(Box::new(wanted))).await,
        None => Ok(()),
    }
}

fn untold(error: &NotTold) -> String {
    format!("what was measured could not be told: {error}")
}
