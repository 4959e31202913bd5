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

    /// Says of what waits only what was refused, as far as there is room for it: whoever has stopped the share need not take anything any more.
    pub(super) fn say_refusals(&mut self) {
        self.take_found();
        for word in self.waiting.drain(..) {
            if matches!(word, ShareWord::Found(Finding::Refused(_))) {
                // Without room, or anybody who hears, the others have neither.
                let _ = self.say.try_send(word);
            }
        }
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

#[cfg(test)]
mod tests {
    use assay_report::event::{Level, Phase, Refusal, Source};
    use tokio::time::Instant;

    use super::*;

    fn source() -> Source {
        Source {
            suite: "shop".to_owned(),
            entry: "orders".to_owned(),
            attempt: 1,
        }
    }

    fn refusal(subject: &str) -> Refusal {
        Refusal::new("service", subject, "it is not in `services`", "")
    }

    #[test]
    fn of_what_waits_when_a_share_is_stopped_only_what_was_refused_is_said() {
        let (tell, found) = mpsc::unbounded_channel();
        let (say, mut said) = mpsc::channel(2);
        let mut outbox = Outbox::new(say, found);
        let happened = |kind| {
            let happened = Happened {
                phase: Phase::Baseline,
                at: Instant::now(),
                during: None,
                kind,
            };
            tell.send(happened).unwrap();
        };
        let refused = |subject| EventKind::Refused {
            source: source(),
            refusal: refusal(subject),
        };
        happened(refused("first"));
        outbox.put(ShareWord::Ready);
        happened(EventKind::Log {
            source: source(),
            level: Level::Info,
            message: "so it is".to_owned(),
        });
        for subject in ["second", "beyond the room"] {
            happened(refused(subject));
        }
        outbox.say_refusals();
        drop(outbox);
        let said = std::iter::from_fn(|| said.try_recv().ok());
        let expected =
            ["first", "second"].map(|subject| ShareWord::Found(Finding::Refused(refusal(subject))));
        assert_eq!(said.collect::<Vec<_>>(), expected);
    }
}
