//! What a link costs: round trips and bulk over loopback, straight and through the proxy that faults are made by, in turns, so that what
//! else the machine does meets both.
//!
//! The proxy is that of `host toxiproxy`, a link without any fault. The other end answers what it gets, or swallows it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::figures::{self, Figures};
use super::section::Section;
use super::{build, unexpected};
use crate::Outcome;
use crate::process::{self, TaskError};

/// Round trips of one byte.
const TRIPS: usize = 2_000;
/// Bytes of a bulk, and how many are sent.
const BULK: usize = 512 << 20;
const BULKS: usize = 5;
/// Bytes that are handed to the kernel at once.
const PIECE: usize = 256 << 10;

/// What was measured, straight and through the link.
struct Costs {
    straight: Way,
    linked: Way,
}

/// One of the two ways.
#[derive(Default)]
struct Way {
    /// Round trips.
    trips: Vec<Duration>,
    /// [`BULK`] bytes each.
    bulks: Vec<Duration>,
}

impl Way {
    /// Bytes a second of the median bulk.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a number of bytes far below 2^52"
    )]
    fn bytes_a_second(&self) -> f64 {
        let mut bulks = self.bulks.clone();
        bulks.sort();
        BULK as f64 / bulks[bulks.len() / 2].as_secs_f64()
    }
}

pub(super) fn section() -> Outcome<Section> {
    let costs = measure()?;
    let speeds = [&costs.straight, &costs.linked].map(Way::bytes_a_second);
    let figures = [
        Figures::new("there and back, straight (baseline)", costs.straight.trips)?,
        Figures::new("there and back, through a link", costs.linked.trips)?,
        Figures::new("512 MiB, straight", costs.straight.bulks)?,
        Figures::new("512 MiB, through a link", costs.linked.bulks)?,
    ];
    Ok(Section {
        text: format!(
            "A byte there and back, and 512 MiB one way, over loopback: straight, and through a link without a fault, in turns. Straight {:.2} GB/s, through the link {:.2} GB/s. Wanted: below 0.1 ms more at the median, and 1 GB/s.\n\n{}",
            speeds[0] / 1e9,
            speeds[1] / 1e9,
            figures::table(&figures)
        ),
        raw: figures::raw(&figures),
        charts: Vec::new(),
    })
}

/// Measures both ways.
fn measure() -> Outcome<Costs> {
    let far_end = far_end().map_err(|error| broken(&error))?;
    let toxiproxy = Toxiproxy::start()?;
    let linked = toxiproxy.link_to(far_end)?;
    let mut costs = Costs {
        straight: Way::default(),
        linked: Way::default(),
    };
    let mut straight_trips = Conversation::begin(far_end)?;
    let mut linked_trips = Conversation::begin(linked)?;
    for trip in 0..=TRIPS {
        let times = (straight_trips.trip()?, linked_trips.trip()?);
        // The first one also pays for the connection behind the link.
        if trip > 0 {
            costs.straight.trips.push(times.0);
            costs.linked.trips.push(times.1);
        }
    }
    for _ in 0..BULKS {
        costs.straight.bulks.push(bulk(far_end)?);
        costs.linked.bulks.push(bulk(linked)?);
    }
    Ok(costs)
}

/// Listens on a free port. A connection says first what it wants: `e` to hear its bytes again, `s` to have them swallowed and hear one
/// byte after the last.
fn far_end() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // One that breaks off is seen at its other end.
            thread::spawn(move || serve(connection));
        }
    });
    Ok(address)
}

fn serve(mut connection: TcpStream) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut wish = [0];
    connection.read_exact(&mut wish)?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = connection.read(&mut piece)?;
        match (&wish, read) {
            (_, 0) => break,
            (b"e", read) => connection.write_all(&piece[..read])?,
            _ => {}
        }
    }
    connection.write_all(b".")
}

/// Round trips over one connection.
struct Conversation(TcpStream);

impl Conversation {
    fn begin(address: SocketAddr) -> Outcome<Self> {
        let begin = || {
            let mut connection = TcpStream::connect(address)?;
            connection.set_nodelay(true)?;
            connection.write_all(b"e")?;
            Ok(Self(connection))
        };
        begin().map_err(|error| broken(&error))
    }

    fn trip(&mut self) -> Outcome<Duration> {
        let mut trip = || {
            let start = Instant::now();
            let mut byte = *b"x";
            self.0.write_all(&byte)?;
            self.0.read_exact(&mut byte)?;
            Ok(start.elapsed())
        };
        trip().map_err(|error| broken(&error))
    }
}

/// From the first byte to the answer to the last one.
fn bulk(address: SocketAddr) -> Outcome<Duration> {
    let send = || {
        let mut connection = TcpStream::connect(address)?;
        connection.write_all(b"s")?;
        let piece = vec![0; PIECE];
        let start = Instant::now();
        for _ in 0..BULK / PIECE {
            connection.write_all(&piece)?;
        }
        connection.shutdown(std::net::Shutdown::Write)?;
        connection.read_exact(&mut [0])?;
        Ok(start.elapsed())
    };
    send().map_err(|error| broken(&error))
}

fn broken(error: &std::io::Error) -> TaskError {
    unexpected(format!("a connection broke: {error}"))
}

/// `host toxiproxy`; it ends with this value.
struct Toxiproxy {
    host: Child,
    api: String,
}

impl Toxiproxy {
    fn start() -> Outcome<Self> {
        let mut command = process::command(build::host(), ["toxiproxy", "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped());
        let mut host = command
            .spawn()
            .map_err(|source| process::start(&command, source))?;
        let mut line = String::new();
        if let Some(stdout) = host.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(|error| broken(&error))?;
        }
        let api = line
            .trim()
            .rsplit(['/', ' '])
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok(Self { host, api })
    }

    /// Where the link listens.
    fn link_to(&self, target: SocketAddr) -> Outcome<SocketAddr> {
        let body = format!(r#"{{"name":"bench","listen":"127.0.0.1:0","upstream":"{target}"}}"#);
        let request = format!(
            "POST /proxies HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.api,
            body.len()
        );
        let ask = || {
            let mut connection = TcpStream::connect(&self.api)?;
            connection.write_all(request.as_bytes())?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer: String = ask().map_err(|error| broken(&error))?;
        let json = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let proxy: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let listen = proxy["listen"]
            .as_str()
            .and_then(|listen| listen.parse().ok());
        listen.ok_or_else(|| unexpected(format!("no link: {answer}")))
    }
}

impl Drop for Toxiproxy {
    fn drop(&mut self) {
        // It has nothing to tidy up, and may have ended by itself.
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}
