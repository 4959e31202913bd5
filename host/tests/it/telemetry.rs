//! What systems that watch others are told of a run, through the built `host`: figures and traces arrive, credentials are shown nowhere, and
//! a receiver that does not take them changes no verdict.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tempfile::TempDir;

use crate::{
    fixtures::{file, fixture},
    invocation::{Answer, Invocation, host},
};

/// What goes to the gateway, and what goes to the receiver of traces.
const KEYS: [&str; 2] = ["hush-hush-gateway", "hush-hush-traces"];

/// A receiver that answers each request alike and keeps what it got. Ends with the test's process.
struct Receiver {
    address: String,
    got: Arc<Mutex<Vec<u8>>>,
}

impl Receiver {
    fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || take(stream, status, &kept));
            }
        });
        Self { address, got }
    }

    /// Everything that it got.
    fn text(&self) -> String {
        let got = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&got).into_owned()
    }
}

/// Takes one request and closes.
fn take(mut stream: TcpStream, status: &str, kept: &Mutex<Vec<u8>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4_096];
    while !is_whole(&request) {
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => request.extend_from_slice(&buffer[..length]),
            _ => return,
        }
    }
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.extend_from_slice(&request);
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // Whoever went away wants no answer.
    let _ = stream.write_all(answer.as_bytes());
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some(head) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse::<usize>().ok());
    length.is_some_and(|length| request.len() >= head + 4 + length)
}

fn run(plugin: &str, folder: &Path, telemetry: &str) -> Answer {
    let config = file(folder, "assay.toml", telemetry).display().to_string();
    Invocation::run(&[fixture(plugin)])
        .with(&["--config", &config, "--environment", "none"])
        .answer()
}

#[test]
fn figures_and_traces_arrive_and_no_credential_is_shown() {
    let folder = TempDir::new().expect("a temporary folder");
    let (traces, gateway) = (Receiver::answering("200 OK"), Receiver::answering("200 OK"));
    let telemetry = format!(
        "[prometheus]\nlisten = \"127.0.0.1:0\"\ntextfile = \"assay.prom\"\npushgateway = \"http://{}\"\n\
        pushgateway-headers = {{ x-key = \"{}\" }}\n\
        [opentelemetry]\nendpoint = \"http://{}\"\nheaders = {{ x-key = \"{}\" }}\n",
        gateway.address, KEYS[0], traces.address, KEYS[1]
    );
    let answer = run("noop", folder.path(), &telemetry);
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
    assert!(
        answer.stderr.contains("metrics  http://127.0.0.1:"),
        "{}",
        answer.stderr
    );
    let figures = fs::read_to_string(folder.path().join("assay.prom")).expect("the textfile");
    assert!(figures.contains("# TYPE assay_"), "{figures}");
    for (receiver, key, start) in [
        (&gateway, KEYS[0], "PUT /metrics/job/assay"),
        (&traces, KEYS[1], "POST /v1/traces"),
    ] {
        let got = receiver.text();
        assert!(
            got.starts_with(start) && got.contains(&format!("x-key: {key}")),
            "{got}"
        );
    }
    let config = folder.path().join("assay.toml");
    let mut shown = host();
    let shown = shown.arg("config").arg("--config").arg(config);
    let shown = shown.output().expect("the host starts");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("[secret opentelemetry.headers.x-key]"),
        "{shown}"
    );
    let log = fs::read_to_string(answer.folder().join("events.jsonl")).expect("the log");
    for text in [shown, answer.seen(), log, figures] {
        assert!(!KEYS.iter().any(|key| text.contains(key)), "{text}");
    }
}

#[test]
fn a_receiver_that_refuses_is_told_and_changes_no_verdict() {
    for (plugin, exit) in [("noop", 8), ("faulty", 1)] {
        let folder = TempDir::new().expect("a temporary folder");
        let receiver = Receiver::answering("400 Bad Request");
        let telemetry = format!(
            "[opentelemetry]\nendpoint = \"http://{}\"\n",
            receiver.address
        );
        let answer = run(plugin, folder.path(), &telemetry);
        assert_eq!(answer.exit, Some(exit), "{}", answer.seen());
        assert!(
            answer.stderr.contains(&receiver.address),
            "{}",
            answer.stderr
        );
        assert!(
            answer.report().run.is_some(),
            "the other reports are written"
        );
    }
}

#[test]
fn what_cannot_be_told_as_it_is_said_ends_before_the_run() {
    for (telemetry, expected) in [
        (
            "[prometheus]\nlisten = \"0.0.0.0:0\"\n",
            "others can reach this address",
        ),
        (
            "[prometheus]\ntextfile = \"figures.txt\"\n",
            "does not end in `.prom`",
        ),
        (
            "[opentelemetry]\nendpoint = \"collector\"\n",
            "no URL of `http`",
        ),
    ] {
        let folder = TempDir::new().expect("a temporary folder");
        let answer = run("noop", folder.path(), telemetry);
        assert_eq!(answer.exit, Some(3), "{}", answer.seen());
        assert!(answer.stderr.contains(expected), "{}", answer.stderr);
        assert!(!answer.folder().join("events.jsonl").exists());
    }
}
