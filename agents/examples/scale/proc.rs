//! What processes have used, from the kernel and from the server.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use assay_test_server::nats::Nats;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;

/// Time that this process has spent on processors.
pub(crate) fn used() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

/// The most memory that this process has had, in MiB.
pub(crate) fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib: u64 = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    kib / 1024
}

/// What a server says of itself.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Server {
    pub(crate) in_bytes: u64,
    /// Bytes of memory now.
    pub(crate) mem: u64,
    /// On a processor, in clock ticks: not of the server's own.
    #[serde(skip)]
    pub(crate) ticks: u64,
}

/// Ticks of a second, which Linux has told programs since long ago.
pub(crate) const TICKS: f64 = 100.0;

impl Server {
    /// Asks a server that was started with [`MONITORED`].
    pub(crate) fn look(nats: &Nats) -> Self {
        let (port, process) = monitor(nats);
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"GET /varz HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let (_, after_name) = stat.rsplit_once(')').unwrap();
        let fields: Vec<_> = after_name.split_whitespace().collect();
        let ticks = |field: usize| fields[field].parse::<u64>().unwrap();
        Self {
            ticks: ticks(11) + ticks(12),
            ..serde_json::from_str(body).unwrap()
        }
    }
}

/// The configuration of a server that can be asked.
pub(crate) const MONITORED: &str = "jetstream { store_dir: \"{store}\" }\nhttp: \"127.0.0.1:-1\"\n";

/// Where it answers, and which process it is: both are in the file of its ports.
fn monitor(nats: &Nats) -> (u16, u32) {
    let files = std::fs::read_dir(nats.folder()).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let file = paths
        .into_iter()
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ports")
        })
        .unwrap();
    let name = file.file_stem().unwrap().to_str().unwrap();
    let process = name.rsplit_once('_').unwrap().1.parse().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let ports: serde_json::Value = serde_json::from_str(&text).unwrap();
    let address = ports["monitoring"][0].as_str().unwrap();
    let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    (port, process)
}
