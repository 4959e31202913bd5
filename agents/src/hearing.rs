//! What a coordinator makes of messages of others, without a server: for whoever holds that to properties of all bytes (`fuzz/`).

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    merge::Merge,
    message::{
        Answer, Beat, Call, Claim, Hello, Offer, Pulse, Said, Verdict, Waiting,
        chunk::{self, Head},
        clock::Reading,
        decode, encode,
    },
    shard::{Ending, Kind, ShardNumber},
};

/// Puts together what agents tell of shards of one kind, each attempt of which counts.
#[derive(Debug)]
pub struct Hearing {
    kind: Kind,
    merge: Merge,
}

/// What a message told.
#[derive(Debug)]
pub struct Heard<W> {
    /// Of which shard.
    pub shard: ShardNumber,
    /// Words that are to be told now.
    pub words: Vec<W>,
    /// How the attempt ended, if this was its last message.
    pub ending: Option<Ending>,
}

impl Hearing {
    /// Has heard nothing yet; each shard, and all together, may tell so many bytes.
    pub fn new(kind: Kind, held_bytes: u64) -> Self {
        let merge = Merge::new(held_bytes, held_bytes);
        Self { kind, merge }
    }

    /// Hears a message. An error is why what it tells cannot be used; nothing more is kept of its shard then.
    pub fn hear<W: DeserializeOwned>(&mut self, message: &[u8]) -> Result<Heard<W>, String> {
        let (head, lines) = chunk::read(message).map_err(|error| error.to_string())?;
        let words = self.words(&head, lines);
        if words.is_err() {
            self.merge.forget(head.shard);
        }
        Ok(Heard {
            shard: head.shard,
            words: words?,
            ending: head.last,
        })
    }

    fn words<W: DeserializeOwned>(&mut self, head: &Head, lines: &[u8]) -> Result<Vec<W>, String> {
        let taken = self.merge.take(self.kind, head, lines);
        let mut taken = taken.map_err(|broken| broken.to_string())?;
        let mut words = Vec::new();
        while let Some(word) = taken.next().map_err(|broken| broken.to_string())? {
            words.push(word);
        }
        Ok(words)
    }
}

/// A message as whoever understands it would write it: once for each kind of message that it can be read as.
pub fn written_again(message: &[u8]) -> Vec<Vec<u8>> {
    let chunk = chunk::read(message).ok();
    let chunk = chunk.map(|(head, lines)| chunk::write(&head, lines).to_vec());
    let of_run = [
        again::<Call>,
        again::<Hello>,
        again::<Offer>,
        again::<Answer>,
        again::<Beat>,
        again::<Pulse>,
        again::<Claim>,
        again::<Verdict>,
        again::<Said>,
        again::<Waiting>,
        again::<Reading>,
    ];
    let of_run = of_run.iter().filter_map(|again| again(message));
    chunk.into_iter().chain(of_run).collect()
}

fn again<M: Serialize + DeserializeOwned>(message: &[u8]) -> Option<Vec<u8>> {
    let read = decode::<M>(message).ok()?;
    Some(encode(&read).to_vec())
}
