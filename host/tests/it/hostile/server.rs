//! Servers that count who comes, and keep what they were sent as it came.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that ends with the test's process.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepted: Arc<AtomicU32>,
    received: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers everything with a page that is one figure.
    pub(super) fn new() -> Self {
        Self::answering(|| ok("up 1\n"))
    }

    /// Leads everybody to another place.
    pub(super) fn leading_to(location: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::answering(move || {
            let location = location();
            format!("HTTP/1.1 307 There\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
        })
    }

    pub(super) fn answering(answer: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), answer)
    }

    pub(super) fn at(ip: IpAddr, answer: impl Fn() -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            accepted: Arc::default(),
            received: Arc::default(),
        };
        let (kept, answer) = (server.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                kept.accepted.fetch_add(1, Ordering::SeqCst);
                let (kept, answer) = (kept.clone(), Arc::clone(&answer));
                thread::spawn(move || kept.serve(stream, &*answer));
            }
        });
        server
    }

    /// With a slash at its end.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// How many connections were made to it until now. One of this test's own is the last one in line, so none is missed.
    pub(super) fn connections(&self) -> u32 {
        let before = self.accepted.load(Ordering::SeqCst);
        let own = TcpStream::connect(self.address).unwrap();
        // Those before it in line may be counted meanwhile.
        let asked = format!("GET /own HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        (&own).write_all(asked.as_bytes()).unwrap();
        own.set_read_timeout(Some(PATIENCE)).unwrap();
        (&own).read_exact(&mut [0]).unwrap();
        let all = self.accepted.fetch_sub(1, Ordering::SeqCst) - 1;
        assert!(all >= before);
        all
    }

    /// Every request that was sent to it, as it came.
    pub(super) fn requests(&self) -> Vec<String> {
        let all = self.received.lock().unwrap().clone();
        let own = |request: &String| request.starts_with("GET /own ");
        all.into_iter().filter(|request| !own(request)).collect()
    }

    fn serve(&self, mut stream: TcpStream, answer: &dyn Fn() -> String) {
        stream.set_nodelay(true).unwrap();
        let mut buffer = Vec::new();
        while let Some(request) = next(&mut stream, &mut buffer) {
            self.received.lock().unwrap().push(request);
            if stream.write_all(answer().as_bytes()).is_err() {
                return;
            }
        }
        // What is left is no request: it is kept, so that a test sees it.
        if !buffer.is_empty() {
            let rest = String::from_utf8_lossy(&buffer).into_owned();
            self.received.lock().unwrap().push(rest);
        }
    }
}

/// A good answer.
pub(super) fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// The next request, by the length that it says; whatever else is sent is the start of another one.
fn next(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(length) = complete(buffer) {
            let request: Vec<u8> = buffer.drain(..length).collect();
            return Some(String::from_utf8_lossy(&request).into_owned());
        }
        let mut more = [0; 4 << 10];
        match stream.read(&mut more) {
            Ok(length @ 1..) => buffer.extend_from_slice(&more[..length]),
            _ => return None,
        }
    }
}

fn complete(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let body = length.map_or(0, |length| length.trim().parse().unwrap_or(0));
    (buffer.len() >= end + body).then_some(end + body)
}
