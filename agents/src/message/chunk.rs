//! What an agent tells of an attempt: lines of words, cut into messages anywhere, each below a head that says where it belongs.
//!
//! Events can be larger than a message of the server may be, so a line may begin in one and end in another.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    identity::AgentId,
    shard::{Ending, ShardNumber},
};

/// Bytes of lines in one message, at most.
pub(crate) const MAX_CHUNK_BYTES: usize = 128 << 10;

/// Where a chunk belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) agent: AgentId,
    pub(crate) shard: ShardNumber,
    pub(crate) attempt: u32,
    /// From 0, without gaps, in each attempt.
    pub(crate) number: u64,
    /// How the attempt ended; there is one in its last chunk, and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Ending>,
}

/// A message on the stream of events that is no chunk.
#[derive(Debug, Error)]
pub(crate) enum NoChunk {
    #[error("it has no head")]
    Headless,
    #[error(transparent)]
    Head(#[from] serde_json::Error),
}

/// A message of a head and lines.
pub(crate) fn write(head: &Head, lines: &[u8]) -> Bytes {
    let head = super::encode(head);
    let mut message = BytesMut::with_capacity(head.len() + 1 + lines.len());
    message.put_slice(&head);
    message.put_u8(b'\n');
    message.put_slice(lines);
    message.freeze()
}

/// The head of a message, and its lines.
pub(crate) fn read(message: &[u8]) -> Result<(Head, &[u8]), NoChunk> {
    let end = message.iter().position(|byte| *byte == b'\n');
    let (head, lines) = message.split_at(end.ok_or(NoChunk::Headless)?);
    Ok((super::decode(head)?, &lines[1..]))
}

#[cfg(test)]
mod tests {
    use super::{Head, read, write};
    use crate::{
        identity::AgentId,
        shard::{Ending, ShardNumber},
    };

    #[test]
    fn a_chunk_comes_back_as_it_was() {
        for (last, lines) in [(None, "{}\n{\"half"), (Some(Ending::Finished), "")] {
            let head = Head {
                agent: AgentId::random(),
                shard: ShardNumber(7),
                attempt: 2,
                number: 5,
                last,
            };
            let message = write(&head, lines.as_bytes());
            assert_eq!(read(&message).unwrap(), (head, lines.as_bytes()));
        }
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        for message in ["", "{}", "{}\n", "nonsense\n{}"] {
            assert!(read(message.as_bytes()).is_err(), "{message}");
        }
    }
}
