//! What a share has to tell and nobody has taken yet: whoever hears may be slow, and the share must hear commands meanwhile.

use std::collections::VecDeque;

use assay_report::event::EventKind;
use tokio::sync::mpsc;

use super::{Finding, ShareWord};
use crate::ledger::Happened;

/// So many words wait at most before no more deltas are taken: what is measured stays in the samples, and is told later, together.
const MAX_WAITING: usize = 60;

/// Nobody hears the share any more.
#[derive(Debug)]
pub(super) struct Unheard;

/// The words of one share, in their order.
pub(super) struct Outbox {
    waiting: VecDeque<ShareWord>,
    say: mpsc::Sender<ShareWord>,
    /// What virtual users leave with their recorder, which has limits.
    found: mpsc::UnboundedReceiver<Happened>,
}

impl Outbox {
    pub(super) fn new(
        say: mpsc::Sender<ShareWord>,
        found: mpsc::UnboundedReceiver<Happened>,
    ) -> Self {
        Self {
            waiting: VecDeque::new(),
            say,
            found,
        }
    }

    /// One more word, after what was found until now.
    pub(super) fn put(&mut self, word: ShareWord) {
        self.take_found();
        self.waiting.push_back(word);
    }

    /// Whether another delta may wait.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < MAX_WAITING
    }

    /// Says one word; waits for ever if there is none.
    pub(super) async fn say_one(&mut self) -> Result<(), Unheard> {
        if self.waiting.is_empty() {
            return std::future::pending().await;
        }
        let room = self.say.reserve().await.map_err(|_| Unheard)?;
        if let Some(word) = self.waiting.pop_front() {
            room.send(word);
        }
        Ok(())
    }

    /// Says all that waits.
    pub(super) async fn say_all(&mut self) -> Result<(), Unheard> {
        while !self.waiting.is_empty() {
            self.say_one().await?;
        }
        Ok(())
    }

    fn take_found(&mut self) {
        while let Ok(happened) = self.found.try_recv() {
            let finding = match happened.kind {
                EventKind::Log { level, message, .. } => Finding::Log { level, message },
                EventKind::Attached { attachment, .. } => Finding::Attached(attachment),
                EventKind::Refused { refusal, .. } => Finding::Refused(refusal),
                // A virtual user does nothing else that an attempt's recorder is told.
                _ => continue,
            };
            self.waiting.push_back(ShareWord::Found(finding));
        }
    }
}
