//! What locking costs: a cold fetch of five plugins from a server on loopback, the check of them in a warm cache, and what a run is
//! kept from its start by its lock. `cargo run --release -p assay-pins --example cost_of_locking [FILE.wasm...]`; without files, of made ones.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example that cannot go on has failed, and its table is what it is for"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use assay_pins::{
    Digest,
    cache::{Cache, DEFAULT_CAPACITY},
    fetch::Fetcher,
    limits::Limits,
    lock::{Lock, Pin},
    registry::Logins,
    signature::{Policy, SecretKey, Signature},
    verify::Gate,
};

/// How often each thing is done; the median is told.
const TIMES: usize = 51;

fn main() {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let plugins: Vec<Vec<u8>> = if files.is_empty() {
        (1..=5)
            .map(|number| vec![number; usize::from(number) * 100_000])
            .collect()
    } else {
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    };
    let bytes: usize = plugins.iter().map(Vec::len).sum();
    println!("{} plugins with {bytes} bytes", plugins.len());
    let host = serve(plugins.clone());
    let folder = tempfile::tempdir().unwrap();
    let secret = SecretKey::create(&folder.path().join("key.pem")).unwrap();
    let path = folder.path().join("assay.lock");
    locked(&host, &plugins, &secret).write(&path).unwrap();
    let policy = Policy::Require(vec![secret.public()]);
    let lock = Lock::read(&path).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cold = median(|round| {
        let fetcher = fetcher(&folder.path().join(format!("cold-{round}")));
        let started = Instant::now();
        let all = runtime.block_on(fetcher.fetch(lock.pins())).unwrap();
        let took = started.elapsed();
        assert!(all.iter().all(|(_, outcome)| outcome.is_ok()));
        took
    });
    println!("cold fetch:                              {cold:?}");
    let cache = Cache::new(folder.path().join("cold-0"), DEFAULT_CAPACITY);
    let checked = timed(|| {
        let gate = Gate::new(&lock, folder.path(), &cache, &policy);
        assert!(gate.look_at_all().iter().all(|(_, looked)| looked.is_ok()));
    });
    println!("every byte of them checked, warm:        {checked:?}");
    // The host computes the digests anyway, to find compiled code.
    let digests: Vec<Digest> = plugins.iter().map(|plugin| Digest::of(plugin)).collect();
    let added = timed(|| {
        let lock = Lock::read(&path).unwrap();
        let gate = Gate::new(&lock, folder.path(), &cache, &policy);
        for (file, digest) in gate.files().unwrap().iter().zip(&digests) {
            gate.admit(file, digest).unwrap();
        }
    });
    println!("the lock read, and their digests judged: {added:?}");
}

fn locked(host: &str, plugins: &[Vec<u8>], secret: &SecretKey) -> Lock {
    let pins = plugins.iter().enumerate().map(|(number, plugin)| {
        let digest = Digest::of(plugin);
        Pin {
            name: format!("suite-{number}"),
            version: "0.1.0".to_owned(),
            contract: "assay:suite@0.1.0".to_owned(),
            source: format!("http://{host}/{number}").parse().unwrap(),
            digest,
            size: plugin.len() as u64,
            signatures: vec![Signature::sign(secret, &digest)],
        }
    });
    Lock::new(pins).unwrap()
}

fn fetcher(folder: &Path) -> Fetcher {
    let cache = Cache::new(folder, DEFAULT_CAPACITY);
    Fetcher::new(cache, folder, Limits::default(), Logins::default())
}

fn timed(mut work: impl FnMut()) -> Duration {
    median(|_| {
        let started = Instant::now();
        work();
        started.elapsed()
    })
}

fn median(mut once: impl FnMut(usize) -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..TIMES).map(&mut once).collect();
    all.sort_unstable();
    all[TIMES / 2]
}

/// Gives out the plugins by their number.
fn serve(plugins: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let plugins = plugins.clone();
            thread::spawn(move || answer(&stream, &plugins));
        }
    });
    host
}

fn answer(mut stream: &TcpStream, plugins: &[Vec<u8>]) {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    let number = line.split([' ', '/']).nth(2).unwrap();
    let plugin = &plugins[number.parse::<usize>().unwrap()];
    let length = plugin.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(plugin).unwrap();
}
