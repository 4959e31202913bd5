//! A way to the NATS server that stops what goes by at the first of some words, so that a test holds a run at exactly that stage.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use assay_test_server::nats::Nats;

use super::agent::eventually;

/// Which way words go, as whoever connects sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    ToServer,
    FromServer,
}

/// Everything goes by until the words come; what they are in, and what comes after that in this direction, waits.
pub(super) struct Gate {
    port: u16,
    words: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The words have not come.
    Watching(Direction, &'static str),
    Holding,
    Open,
    /// What was held never arrives.
    Cut,
}

impl Gate {
    /// One that holds these words.
    pub(super) fn before(nats: &Nats, direction: Direction, words: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = nats.url().replace("nats://", "");
        let shared = Arc::new(Shared {
            state: Mutex::new(State::Watching(direction, words)),
            changed: Condvar::new(),
        });
        let leading = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                // Where no server listens, none does here either.
                if let Ok(server) = TcpStream::connect(&server) {
                    lead(&leading, &client.unwrap(), &server);
                }
            }
        });
        Self {
            port,
            words,
            shared,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Waits until the words are held.
    pub(super) fn holds(&self) {
        eventually(&format!("`{}` is held", self.words), || {
            let is_held = *self.shared.state.lock().unwrap() == State::Holding;
            is_held.then_some(()).ok_or_else(String::new)
        });
    }

    /// Lets everything go by.
    pub(super) fn open(&self) {
        self.shared.set(State::Open);
    }

    /// Lets nothing arrive that was held.
    pub(super) fn cut(&self) {
        self.shared.set(State::Cut);
    }
}

impl Shared {
    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
        self.changed.notify_all();
    }

    /// Waits if these are the words; whether they may go by.
    fn passes(&self, direction: Direction, bytes: &[u8]) -> bool {
        let mut state = self.state.lock().unwrap();
        if let State::Watching(watched, words) = *state
            && watched == direction
            && bytes
                .windows(words.len())
                .any(|window| window == words.as_bytes())
        {
            *state = State::Holding;
            let is_held = |state: &mut State| *state == State::Holding;
            state = self.changed.wait_while(state, is_held).unwrap();
        }
        *state != State::Cut
    }
}

fn lead(shared: &Arc<Shared>, client: &TcpStream, server: &TcpStream) {
    for (direction, from, to) in [
        (Direction::ToServer, client, server),
        (Direction::FromServer, server, client),
    ] {
        let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let shared = Arc::clone(shared);
        thread::spawn(move || pass(&shared, direction, from, to));
    }
}

/// Passes on what comes. When one end closes both are, as by a kernel whose process has died.
fn pass(shared: &Shared, direction: Direction, mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 64 << 10];
    // Words may come in two parts.
    let mut seen: Vec<u8> = Vec::new();
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..read];
        seen.extend(bytes);
        if !shared.passes(direction, &seen) || to.write_all(bytes).is_err() {
            break;
        }
        seen.drain(..seen.len().saturating_sub(LONGEST));
    }
    // Either may be gone already.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Bytes of words that are remembered of what went by.
const LONGEST: usize = 64;
