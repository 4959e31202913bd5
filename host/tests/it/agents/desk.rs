//! A scripted HTTP server: a test sees by it which entry of a suite runs, and holds it by holding the answer back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use super::agent::eventually;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// It answers whatever is not held.
pub(super) struct Desk {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    arrived: Vec<String>,
    held: BTreeSet<String>,
}

impl Desk {
    /// One that holds the answers to these back.
    pub(super) fn holding(names: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        shared.state.lock().unwrap().held = names.iter().map(|&name| name.to_owned()).collect();
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.serve(stream.unwrap()));
            }
        });
        Self { url, shared }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// How often it was asked for this.
    pub(super) fn count(&self, name: &str) -> usize {
        let state = self.shared.state.lock().unwrap();
        state.arrived.iter().filter(|found| *found == name).count()
    }

    /// Waits until it was asked for this so often.
    pub(super) fn was_asked(&self, name: &str, times: usize) {
        eventually(&format!("`{name}` is asked for"), || {
            let count = self.count(name);
            (count >= times).then_some(()).ok_or(count.to_string())
        });
    }

    /// Answers all that is held, and holds nothing any more.
    pub(super) fn release(&self) {
        self.shared.state.lock().unwrap().held.clear();
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// Requests without a body, one after the other.
    fn serve(&self, mut stream: TcpStream) {
        let (mut request, mut byte) = (Vec::new(), [0]);
        // Whoever asks may be killed at any time.
        while matches!(stream.read(&mut byte), Ok(1)) {
            request.push(byte[0]);
            if !request.ends_with(b"\r\n\r\n") {
                continue;
            }
            let text = String::from_utf8_lossy(&request);
            let name = text.split(' ').nth(1).unwrap().trim_start_matches('/');
            self.answer(name);
            if stream.write_all(ANSWER).is_err() {
                return;
            }
            request.clear();
        }
    }

    fn answer(&self, name: &str) {
        let mut state = self.state.lock().unwrap();
        state.arrived.push(name.to_owned());
        let is_held = |state: &mut State| state.held.contains(name);
        drop(self.changed.wait_while(state, is_held).unwrap());
    }
}
