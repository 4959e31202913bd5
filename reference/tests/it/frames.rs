//! Server-sent events as they are on the wire, comments and `retry` included.

use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout};

/// How long a test waits for the next bytes of a stream.
const PATIENCE: Duration = Duration::from_secs(20);

/// A block of a stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    Event {
        id: String,
        name: String,
        data: Value,
    },
    Comment(String),
    Retry(u64),
}

/// Takes a stream apart as it comes.
pub(crate) struct Frames {
    bytes: futures::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    buffer: String,
}

impl Frames {
    pub(crate) fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            bytes: response.bytes_stream().boxed(),
            buffer: String::new(),
        }
    }

    /// The next block; none at the orderly end.
    pub(crate) async fn next(&mut self) -> Result<Option<Frame>, String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let frame = parse(block);
                self.buffer = String::from(rest);
                return Ok(Some(frame));
            }
            match timeout(PATIENCE, self.bytes.next()).await {
                Err(_) => return Err("nothing came in time".to_owned()),
                Ok(None) => {
                    assert_eq!(self.buffer, "", "the stream ends within a block");
                    return Ok(None);
                }
                Ok(Some(Err(error))) => return Err(format!("the stream broke: {error}")),
                Ok(Some(Ok(bytes))) => {
                    self.buffer.push_str(std::str::from_utf8(&bytes).unwrap());
                }
            }
        }
    }

    /// All blocks to the orderly end.
    pub(crate) async fn rest(mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await.unwrap() {
            frames.push(frame);
        }
        frames
    }

    /// The next event, past comments.
    pub(crate) async fn event(&mut self) -> (String, String, Value) {
        loop {
            match self.next().await.unwrap().unwrap() {
                Frame::Event { id, name, data } => return (id, name, data),
                Frame::Comment(_) | Frame::Retry(_) => {}
            }
        }
    }

    /// Reads on until the text is made: what is left is its save.
    pub(crate) async fn ensure_text_made(&mut self) {
        while self.event().await.2["content"]["progressPercentage"] != 100 {}
    }

    /// When comments came, until there were so many.
    pub(crate) async fn comment_times(&mut self, count: usize) -> Vec<Instant> {
        let mut times = Vec::new();
        while times.len() < count {
            if let Some(Frame::Comment(text)) = self.next().await.unwrap() {
                assert_eq!(text, "heartbeat");
                times.push(Instant::now());
            }
        }
        times
    }
}

fn parse(block: &str) -> Frame {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .map(str::to_owned)
    };
    if let Some(text) = block.strip_prefix(": ") {
        return Frame::Comment(text.to_owned());
    }
    if let Some(ms) = field("retry") {
        return Frame::Retry(ms.parse().unwrap());
    }
    assert_eq!(
        block.lines().count(),
        3,
        "one line each for id, event and data: {block}"
    );
    Frame::Event {
        id: field("id").unwrap(),
        name: field("event").unwrap(),
        data: serde_json::from_str(&field("data").unwrap()).unwrap(),
    }
}

/// The events among the blocks: id, name, data.
pub(crate) fn events(frames: &[Frame]) -> Vec<(String, String, Value)> {
    frames
        .iter()
        .filter_map(|frame| match frame {
            Frame::Event { id, name, data } => Some((id.clone(), name.clone(), data.clone())),
            Frame::Comment(_) | Frame::Retry(_) => None,
        })
        .collect()
}
