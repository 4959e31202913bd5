//! The last lines that a service wrote, for its log and for the error when it dies. Always drained, so that no pipe fills and stops
//! the service.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::oneshot,
    time::Instant,
};

use crate::{capability::recorder::cut, environment::control::Written};

/// Lines of a service that are kept.
pub(super) const MAX_LINES: usize = 10_000;
/// Bytes of a line that are kept.
pub(super) const MAX_LINE_BYTES: usize = 512;

/// Bytes of all lines that are kept.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The last lines of both outputs of one service, in all its lives. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Each with when it was read.
    lines: VecDeque<(Instant, String)>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, line: String) {
        self.bytes += line.len();
        self.lines.push_back((Instant::now(), line));
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.lines.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
        }
    }
}

impl Tail {
    /// The last lines so far, the oldest first.
    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let kept = self.lock();
        let skipped = kept.lines.len().saturating_sub(count);
        let last = kept.lines.iter().skip(skipped);
        last.map(|(_, line)| line.clone()).collect()
    }

    /// What was written since then.
    pub(super) fn since(&self, then: Instant) -> Written {
        let kept = self.lock();
        let before = kept.lines.partition_point(|(read, _)| *read < then);
        Written::last(kept.lines.range(before..).map(|(_, line)| line.clone()))
    }

    /// Nothing in a change can panic half-way.
    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the end, and tells the first line to `first`.
    pub(super) async fn follow(
        self,
        mut output: impl AsyncRead + Unpin,
        mut first: Option<oneshot::Sender<String>>,
    ) {
        let mut line = Line::default();
        let mut buffer = vec![0; 8 << 10];
        loop {
            // A pipe that breaks has ended.
            let count = output.read(&mut buffer).await.unwrap_or(0);
            for byte in &buffer[..count] {
                if *byte == b'\n' {
                    self.end(&mut line, &mut first);
                } else {
                    line.push(*byte);
                }
            }
            if count == 0 {
                break;
            }
        }
        if !line.0.is_empty() {
            self.end(&mut line, &mut first);
        }
    }

    fn end(&self, line: &mut Line, first: &mut Option<oneshot::Sender<String>>) {
        let text = line.take();
        if let Some(first) = first.take() {
            // Who does not wait for the first line has dropped the receiver.
            let _ = first.send(text.clone());
        }
        self.lock().push(text);
    }
}

/// A line that is being read; what is beyond the limit is left out.
#[derive(Default)]
struct Line(Vec<u8>);

impl Line {
    fn push(&mut self, byte: u8) {
        if self.0.len() < MAX_LINE_BYTES {
            self.0.push(byte);
        }
    }

    fn take(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.0).trim_end().to_owned();
        self.0.clear();
        cut(&text, MAX_LINE_BYTES).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn followed(output: &str) -> (Vec<String>, Option<String>) {
        let tail = Tail::default();
        let (sender, receiver) = oneshot::channel();
        tail.clone().follow(output.as_bytes(), Some(sender)).await;
        (tail.last(usize::MAX), receiver.await.ok())
    }

    #[tokio::test]
    async fn a_flood_keeps_its_last_lines_and_tells_its_first() {
        let flood: Vec<_> = (0..MAX_LINES + 5)
            .map(|number| number.to_string())
            .collect();
        let (lines, first) = followed(&flood.join("\n")).await;
        assert_eq!(lines, flood[5..]);
        assert_eq!(first.as_deref(), Some("0"));
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut_at_the_limit() {
        let (lines, _) = followed(&"x".repeat(100 * MAX_LINE_BYTES)).await;
        assert_eq!(lines, ["x".repeat(MAX_LINE_BYTES)]);
    }

    #[tokio::test]
    async fn long_lines_are_kept_up_to_the_limit_of_bytes() {
        let line = "x".repeat(MAX_LINE_BYTES);
        let limit = MAX_BYTES / MAX_LINE_BYTES;
        let (lines, _) = followed(&format!("{line}\n").repeat(limit + 3)).await;
        assert_eq!(lines.len(), limit);
    }

    #[tokio::test]
    async fn the_last_lines_are_the_newest() {
        let tail = Tail::default();
        tail.clone().follow("a\nb\nc\n".as_bytes(), None).await;
        assert_eq!(tail.last(2), ["b", "c"]);
        assert_eq!(tail.last(0), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_written_before_a_moment_is_left_out() {
        let tail = Tail::default();
        tail.clone().follow("before\n".as_bytes(), None).await;
        tokio::time::advance(Duration::from_millis(1)).await;
        let moment = Instant::now();
        tail.clone().follow("a\nb\n".as_bytes(), None).await;
        let written = tail.since(moment);
        assert_eq!(
            (written.lines, written.dropped),
            (vec!["a".into(), "b".into()], 0)
        );
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(tail.since(Instant::now()), Written::default());
    }

    #[tokio::test]
    async fn nothing_is_nothing() {
        assert_eq!(followed("").await, (Vec::new(), None));
    }
}
