//! For tests: a receiver of OTLP/HTTP on a port of its own that does what its script says, and keeps what it was sent.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use prost::Message as _;

use super::{
    endpoint::Endpoint,
    protocol::{ExportTraceServiceRequest, Span},
    settings::{Given, Settings},
};

/// How long something is waited for that has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// Answers: a status, further lines of the head, a body.
    Answer(u16, &'static str, Vec<u8>),
    /// Says nothing.
    Hang,
    /// Hangs up.
    Close,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: ExportTraceServiceRequest,
}

#[derive(Debug)]
pub(super) struct Collector {
    pub(super) url: String,
    received: Arc<(Mutex<Vec<Received>>, Condvar)>,
}

/// All is well.
pub(super) fn taken(_: usize) -> Reply {
    Reply::Answer(200, "Content-Type: application/x-protobuf\r\n", Vec::new())
}

impl Collector {
    /// `script` says what is done with each request, by its number from 1.
    pub(super) fn start(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::<(Mutex<Vec<Received>>, Condvar)>::default();
        let (script, kept) = (Arc::new(script), Arc::clone(&received));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (script, kept) = (Arc::clone(&script), Arc::clone(&kept));
                thread::spawn(move || serve(&mut stream.unwrap(), &*script, &kept));
            }
        });
        Self { url, received }
    }

    /// Settings that lead here.
    pub(super) fn settings(&self) -> Settings {
        settings(&self.url)
    }

    pub(super) fn requests(&self) -> Vec<Received> {
        self.received.0.lock().unwrap().clone()
    }

    /// All spans of all requests, also of those that it did not answer well.
    pub(super) fn spans(&self) -> Vec<Span> {
        spans(&self.requests())
    }

    /// Waits until so many spans are here.
    pub(super) fn await_spans(&self, count: usize) -> Vec<Span> {
        let (received, changed) = &*self.received;
        let waited = changed.wait_timeout_while(received.lock().unwrap(), PATIENCE, |received| {
            spans(received).len() < count
        });
        let (received, timeout) = waited.unwrap();
        assert!(
            !timeout.timed_out(),
            "{} of {count} spans came",
            spans(&received).len()
        );
        spans(&received)
    }
}

/// Settings that lead to a URL.
pub(super) fn settings(url: &str) -> Settings {
    let given = Given {
        endpoint: Some(url.to_owned()),
        ..Given::default()
    };
    let settings = Settings::resolve(&given, |_| None)
        .unwrap()
        .settings
        .unwrap();
    assert_eq!(Some(&settings.endpoint), Endpoint::of_base(url).as_ref());
    settings
}

fn spans(received: &[Received]) -> Vec<Span> {
    received
        .iter()
        .flat_map(|request| &request.body.resource_spans)
        .flat_map(|resource| &resource.scope_spans)
        .flat_map(|scope| &scope.spans)
        .map(|encoded| Span::decode(encoded.as_slice()).unwrap())
        .collect()
}

fn serve(
    stream: &mut TcpStream,
    script: &dyn Fn(usize) -> Reply,
    (received, changed): &(Mutex<Vec<Received>>, Condvar),
) {
    let mut buffer = Vec::new();
    while let Some(request) = next(stream, &mut buffer) {
        let number = {
            let mut received = received.lock().unwrap();
            received.push(request);
            received.len()
        };
        changed.notify_all();
        match script(number) {
            Reply::Answer(status, head, body) => {
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n{head}\r\n");
                let answer = [head.into_bytes(), body].concat();
                if stream.write_all(&answer).is_err() {
                    return;
                }
            }
            Reply::Hang => {
                let mut sink = [0; 1024];
                while let Ok(1..) = stream.read(&mut sink) {}
                return;
            }
            Reply::Close => return,
        }
    }
}

/// The next request of a connection; none when the client has hung up.
fn next(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let mut chunk = vec![0; 64 << 10];
    loop {
        if let Some((head, end)) = complete(buffer) {
            let body = ExportTraceServiceRequest::decode(&buffer[head.len()..end]).unwrap();
            buffer.drain(..end);
            return Some(Received { head, body });
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => buffer.extend_from_slice(&chunk[..count]),
        }
    }
}

/// The head of the first request, and where its body ends, if all of it is there.
fn complete(buffer: &[u8]) -> Option<(String, usize)> {
    let length = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(buffer[..length].to_vec()).unwrap();
    let lower = head.to_ascii_lowercase();
    let (_, rest) = lower.split_once("content-length: ")?;
    let (body, _) = rest.split_once("\r\n")?;
    let end = length + body.parse::<usize>().unwrap();
    (buffer.len() >= end).then_some((head, end))
}
