//! How an agent tells what happens in an attempt: as it comes, and whatever must not be shown before anything that may have it.

use assay_agents::{
    agent::{NotTold, Teller},
    clock,
};
use assay_grants::Wanted;
use tokio::sync::{mpsc, oneshot};

use crate::{
    agents::work::{Ended, Stretch, Word},
    capability::metrics::Figure,
    ledger::{Happened, Span},
    redact::Redactor,
};

/// Tells of one attempt.
pub(super) struct Telling<'a> {
    teller: &'a Teller,
    redactor: &'a Redactor,
}

impl<'a> Telling<'a> {
    /// What the redactor learns is told, too.
    pub(super) fn new(teller: &'a Teller, redactor: &'a Redactor) -> Self {
        Self { teller, redactor }
    }

    /// Tells what happens until it is over, and then what is left.
    pub(super) async fn follow(
        &self,
        mut events: mpsc::UnboundedReceiver<Happened>,
        mut is_over: oneshot::Receiver<()>,
    ) -> Result<(), NotTold> {
        loop {
            let happened = tokio::select! {
                biased;
                happened = events.recv() => happened,
                // Without a sender the attempt is over, too.
                _ = &mut is_over => break,
            };
            match happened {
                Some(happened) => self.tell(happened).await?,
                None => return Ok(()),
            }
        }
        while let Ok(happened) = events.try_recv() {
            self.tell(happened).await?;
        }
        Ok(())
    }

    /// Tells the figures that the attempt made, what would grant what it was refused, and its end.
    pub(super) async fn end(
        &self,
        figures: Vec<(Span, Figure)>,
        wanted: Option<Wanted>,
        ended: Ended,
    ) -> Result<(), NotTold> {
        self.learned().await?;
        for (span, figure) in figures {
            let (during, figure) = (stretch(span), Box::new(figure));
            self.teller.tell(&Word::Figure { during, figure }).await?;
        }
        if let Some(wanted) = wanted {
            self.teller.tell(&Word::Wanted(Box::new(wanted))).await?;
        }
        self.teller.tell(&Word::Ended(Box::new(ended))).await
    }

    async fn tell(&self, happened: Happened) -> Result<(), NotTold> {
        // When it happened: whoever tells may wait for the server meanwhile.
        let at = clock::moment(happened.at);
        self.learned().await?;
        let during = happened.during.map(stretch);
        let kind = Box::new(happened.kind);
        self.teller.tell(&Word::Happened { at, during, kind }).await
    }

    async fn learned(&self) -> Result<(), NotTold> {
        let learned = self.redactor.newly_learned();
        if learned.is_empty() {
            return Ok(());
        }
        self.teller.tell(&Word::Learned(learned)).await
    }
}

/// The same on this process' clock.
fn stretch(span: Span) -> Stretch {
    Stretch {
        from: clock::moment(span.from),
        until: clock::moment(span.until),
    }
}
