//! A reader that loses its stream and comes back with the last id that it has seen: what it has in the end must be the stream of
//! somebody who never lost it.

use assay_client::{Follower, Published, Transcript, User};
use assay_sdk::prelude::*;

use crate::promises;

/// A reader of one generation's stream, over as many connections as it takes.
#[derive(Debug)]
pub(crate) struct Reader {
    user: User,
    job: String,
    events: Vec<Published>,
    /// Comments that say that the stream lives.
    pub(crate) heartbeats: usize,
    /// Connections that came to no orderly end.
    pub(crate) broken: usize,
    /// Whether the newest connection came to an orderly end.
    pub(crate) ended: bool,
}

impl Reader {
    /// A reader who has seen nothing yet.
    pub(crate) fn new(user: &User, job: &str) -> Self {
        Self {
            user: user.clone(),
            job: job.to_owned(),
            events: Vec::new(),
            heartbeats: 0,
            broken: 0,
            ended: false,
        }
    }

    /// Opens the stream, after the last event that was seen.
    pub(crate) async fn open(&self) -> Result<Follower> {
        Ok(Follower::new(self.request().open().await?))
    }

    fn request(&self) -> sse::Request {
        let request = self.user.stream(&self.job);
        match self.last_event_id() {
            Some(id) => request.last_event_id(id),
            None => request,
        }
    }

    fn last_event_id(&self) -> Option<&str> {
        self.events.last()?.id.as_deref()
    }

    /// How many events it has.
    pub(crate) fn count(&self) -> usize {
        self.events.len()
    }

    /// Whether it has the final event.
    pub(crate) fn is_complete(&self) -> bool {
        self.events.last().is_some_and(Published::is_final)
    }

    /// Reads so many events, or up to the final one, and closes the stream itself.
    pub(crate) async fn read_some(&mut self, most: usize) -> Result<()> {
        let mut follower = self.open().await?;
        for _ in 0..most {
            if follower.next_event().await?.is_none_or(Published::is_final) {
                break;
            }
        }
        self.keep(follower.into_transcript());
        Ok(())
    }

    /// Reads as far as the stream goes; one that cannot even be opened goes nowhere.
    pub(crate) async fn read_as_far_as_it_goes(&mut self) -> Result<()> {
        if let Ok(stream) = self.request().open_any().await {
            return self.go_on_with(Follower::new(stream)).await;
        }
        self.broken += 1;
        self.ended = false;
        Ok(())
    }

    /// Reads an open stream as far as it goes.
    pub(crate) async fn go_on_with(&mut self, follower: Follower) -> Result<()> {
        let transcript =
            within(promises::until_completed()?, follower.as_far_as_it_goes()).await??;
        self.broken += usize::from(!transcript.ended);
        self.ended = transcript.ended;
        self.keep(transcript);
        Ok(())
    }

    /// Comes back and reads to the orderly end.
    pub(crate) async fn read_to_the_end(&mut self) -> Result<()> {
        let follower = self.open().await?;
        self.go_on_with(follower).await?;
        ensure!(self.ended, "the stream of {} comes to its end", self.job);
        Ok(())
    }

    fn keep(&mut self, transcript: Transcript) {
        self.heartbeats += heartbeats(&transcript);
        self.events.extend(transcript.events);
    }

    /// Checks that all parts together are the whole stream, each event once and word for word, as `whole` is that was never cut.
    pub(crate) fn check_same_as(&self, whole: &Transcript, when: &str) {
        check_eq!(
            ids(&self.events),
            ids(&whole.events),
            "every event is read once, in order, {when}"
        );
        check!(
            contents(&self.events) == contents(&whole.events),
            "every event says what it said to a reader who was never cut, {when}"
        );
    }
}

/// The comments that say that a stream lives.
pub(crate) fn heartbeats(transcript: &Transcript) -> usize {
    let comments = transcript.comments.iter();
    comments
        .filter(|comment| comment.text.trim() == "heartbeat")
        .count()
}

/// Reads the whole stream of a generation from its start to its orderly end, and checks that it is one: numbered without a gap from 1,
/// the text growing up to the final one.
pub(crate) async fn whole(user: &User, job: &str) -> Result<Transcript> {
    let follower = user.follow(job).await?;
    let transcript = within(promises::until_completed()?, follower.to_the_end()).await??;
    check_whole(&transcript, job)?;
    Ok(transcript)
}

/// Checks that a transcript is the whole stream of a generation that completed.
pub(crate) fn check_whole(transcript: &Transcript, job: &str) -> Result<()> {
    ensure!(transcript.ended, "the stream of {job} comes to its end");
    let dense: Vec<Option<u64>> = (1..).map(Some).take(transcript.events.len()).collect();
    check_eq!(transcript.numbers(), dense, "ids are dense from 1");
    let completed = transcript
        .completed()
        .with_context(|| format!("`completed` is the last event of {job}"))?;
    let mut texts = transcript.previews();
    texts.push(&completed.markdown);
    check!(
        texts.len() > 1 && texts.windows(2).all(|pair| pair[1].starts_with(pair[0])),
        "the text of {job} only grows, over {} previews, up to the final one",
        texts.len() - 1
    );
    Ok(())
}

fn ids(events: &[Published]) -> Vec<Option<&str>> {
    events.iter().map(|event| event.id.as_deref()).collect()
}

/// Events without what depends on when they were read.
fn contents(events: &[Published]) -> Vec<Published> {
    let content = |event: &Published| Published {
        at: Duration::ZERO,
        ..event.clone()
    };
    events.iter().map(content).collect()
}
