//! What a plugin writes to standard output or standard error: kept up to a limit, and taken without end beyond it, so that
//! a plugin that writes much is neither stopped nor slowed down by it.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError},
};

/// The most that a plugin may hand over in one call.
const PERMIT: usize = 64 << 10;

/// One of the two outputs. Cheap to clone: all clones write to the same place.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    limit: usize,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    truncated: bool,
}

impl Output {
    /// Keeps so many bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: Arc::default(),
        }
    }

    /// What was written so far, bytes that are not UTF-8 replaced, and whether the limit cut it.
    pub(crate) fn text(&self) -> (String, bool) {
        let kept = self.lock();
        let complete = if kept.truncated {
            whole_characters(&kept.bytes)
        } else {
            &kept.bytes
        };
        (
            String::from_utf8_lossy(complete).into_owned(),
            kept.truncated,
        )
    }

    fn take(&self, bytes: &[u8]) {
        let mut kept = self.lock();
        let room = self.limit - kept.bytes.len();
        let fitting = bytes.len().min(room);
        kept.bytes.extend_from_slice(&bytes[..fitting]);
        kept.truncated |= fitting < bytes.len();
    }

    /// Bytes are appended whole: a panic of another holder leaves nothing half-written.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves out the start of a character that the limit cut in two.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        Ok(_) | Err(_) => bytes,
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(PERMIT)
    }
}

#[async_trait::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_kept_whole_up_to_the_limit() {
        let output = Output::new(6);
        output.take(b"abc");
        output.take(b"def");
        assert_eq!(output.text(), ("abcdef".to_owned(), false));
        output.take(b"g");
        assert_eq!(output.text(), ("abcdef".to_owned(), true));
    }

    #[test]
    fn a_character_that_the_limit_cuts_in_two_is_left_out() {
        let output = Output::new(4);
        output.take("abcé".as_bytes());
        assert_eq!(output.text(), ("abc".to_owned(), true));
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let output = Output::new(16);
        output.take(b"a\xffb");
        assert_eq!(output.text(), ("a\u{fffd}b".to_owned(), false));
    }

    #[test]
    fn writing_goes_on_beyond_the_limit() {
        let mut output = Output::new(1);
        for _ in 0..1000 {
            assert_eq!(output.check_write().unwrap(), PERMIT);
            output.write(Bytes::from_static(b"flood")).unwrap();
        }
        assert_eq!(output.text(), ("f".to_owned(), true));
    }
}
