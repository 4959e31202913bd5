//! Against a remote that answers what it is told to: taken, refused, too busy, and not at all.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
};

use prost::Message as _;

use super::{
    super::{
        catalogue::CASES_PLANNED,
        registry::Value,
        settings::{DEFAULT_INTERVAL, Histograms, MAX_INTERVAL, MIN_INTERVAL},
    },
    message::WriteRequest,
    *,
};

/// Longer than any test takes, unless it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a remote does with a request.
#[derive(Clone, Copy)]
enum Answer {
    /// A status line and headers.
    Head(&'static str),
    /// Nothing, until the other side hangs up.
    Hang,
    /// Taken, but after this time.
    Late(Duration),
}

const TAKEN: Answer = Answer::Head("204 No Content");

struct Remote {
    destination: Destination,
    /// The head of each request, in lower case, and its body.
    requests: Receiver<(String, Vec<u8>)>,
}

/// Gives each answer once, and the last one to all that follow.
fn remote(answers: &'static [Answer]) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://user:geheim@{}/api/v1/write",
        listener.local_addr().unwrap()
    );
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        let mut answered = 0;
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            while let Some(request) = request(&mut stream) {
                let answer = answers[answered.min(answers.len() - 1)];
                answered += 1;
                if sender.send(request).is_err() {
                    return;
                }
                match answer {
                    Answer::Head(head) => {
                        let head = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n");
                        stream.get_mut().write_all(head.as_bytes()).unwrap();
                    }
                    Answer::Late(wait) => {
                        // Nothing is sent meanwhile: it is what a slow remote does.
                        let silence = stream.get_mut();
                        silence.set_read_timeout(Some(wait)).unwrap();
                        drop(silence.read(&mut [0]));
                        silence.set_read_timeout(None).unwrap();
                        let head = b"HTTP/1.1 204 No Content\r\n\r\n";
                        silence.write_all(head).unwrap();
                    }
                    Answer::Hang => {
                        // Its end is that of the other side.
                        drop(stream.read(&mut [0]));
                    }
                }
            }
        }
    });
    Remote {
        destination: Destination::new("remote-write", &url, [("x-scope-orgid", "shop")]).unwrap(),
        requests,
    }
}

/// None when the other side has hung up.
fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.lines().next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn shared() -> Shared {
    let shared = Shared::default();
    let labels = Labels::new([("suite", "jobs")]);
    shared
        .lock()
        .registry_mut()
        .set(&CASES_PLANNED, labels, 5.0);
    shared
}

fn writer(destination: &Destination, interval: Duration, shared: &Shared) -> RemoteWriter {
    let settings = Settings {
        timeout: Duration::from_millis(400),
        ..Settings::default()
    };
    let remote = RemoteWrite {
        destination: destination.clone(),
        interval,
        histograms: Histograms::Both,
    };
    RemoteWriter::start(&remote, &settings, shared.clone()).unwrap()
}

/// How many requests ended so.
fn counted(shared: &Shared, result: &str) -> f64 {
    let figures = shared.lock();
    let mut families = figures.registry().families();
    let family = families.find(|family| family.metric == REMOTE_WRITE_REQUESTS);
    let labels = Labels::new([("result", result)]);
    match family.and_then(|family| family.series.get(&labels)) {
        Some(Value::Number(number)) => *number,
        _ => 0.0,
    }
}

fn decoded(body: &[u8]) -> WriteRequest {
    let bytes = snap::raw::Decoder::new().decompress_vec(body).unwrap();
    WriteRequest::decode(&*bytes).unwrap()
}

/// How a run ends whose first state is written when the writer starts, and its last one at the end: four minutes lie between two
/// others.
fn ended(remote: &Remote, shared: &Shared) -> Result<(), ReportError> {
    let mut writer = writer(&remote.destination, MAX_INTERVAL, shared);
    // The first state is on its way.
    assert!(remote.requests.recv_timeout(PATIENCE).is_ok());
    writer.finish()
}

fn close(number: f64, expected: f64) {
    assert!((number - expected).abs() < 1e-9, "{number} {expected}");
}

#[test]
fn a_request_is_what_the_specification_asks_for() {
    let remote = remote(&[TAKEN]);
    let shared = shared();
    let mut writer = writer(&remote.destination, DEFAULT_INTERVAL, &shared);
    let (head, body) = remote.requests.recv_timeout(PATIENCE).unwrap();
    writer.finish().unwrap();
    for line in [
        "post /api/v1/write http/1.1",
        "content-encoding: snappy",
        "content-type: application/x-protobuf",
        "x-prometheus-remote-write-version: 0.1.0",
        "user-agent: assay/0.1.0",
        "authorization: basic dxnlcjpnzwhlaw0=",
        "x-scope-orgid: shop",
    ] {
        assert!(head.lines().any(|one| one == line), "{line}\n{head}");
    }
    let series = decoded(&body).timeseries;
    let planned = series.iter().find(|series| {
        let mut labels = series.labels.iter();
        labels.any(|label| label.value == "assay_cases_planned")
    });
    close(planned.unwrap().samples[0].value, 5.0);
}

#[test]
fn states_are_written_while_the_run_goes_on_and_the_last_one_at_its_end() {
    let remote = remote(&[TAKEN]);
    let shared = shared();
    let interval = Duration::from_millis(100);
    let mut writer = writer(&remote.destination, interval, &shared);
    for _ in 0..3 {
        remote.requests.recv_timeout(PATIENCE).unwrap();
    }
    writer.finish().unwrap();
    let times = remote.requests.try_iter().map(|(_, body)| decoded(&body));
    let last = times.last().unwrap();
    assert!(!last.timeseries.is_empty());
    assert!(counted(&shared, "written") >= 4.0);
    close(counted(&shared, "dropped"), 0.0);
}

#[test]
fn a_remote_that_is_busy_is_asked_again() {
    for busy in ["500 Oops", "503 Busy", "429 Slow Down\r\nRetry-After: 0"] {
        let answers = [Answer::Head(busy), Answer::Head(busy), TAKEN];
        let remote = remote(Box::leak(Box::new(answers)));
        let shared = shared();
        ended(&remote, &shared).unwrap();
        assert!(remote.requests.try_iter().count() >= 3, "{busy}");
        close(counted(&shared, "written"), 2.0);
        close(counted(&shared, "lost"), 0.0);
    }
}

#[test]
fn what_a_remote_refuses_is_not_tried_again_and_told_without_credentials() {
    let remote = remote(&[Answer::Head("400 Bad Request")]);
    let shared = shared();
    let refused = ended(&remote, &shared).unwrap_err().to_string();
    assert!(refused.contains("400 Bad Request"), "{refused}");
    assert!(!refused.contains("geheim"), "{refused}");
    // One request for each of the two states.
    assert_eq!(remote.requests.try_iter().count(), 1);
    close(counted(&shared, "refused"), 2.0);
}

#[test]
fn a_remote_that_stays_busy_is_given_up() {
    let remote = remote(&[Answer::Head("500 Oops")]);
    let shared = shared();
    let interval = MAX_INTERVAL;
    let settings = Settings {
        timeout: PATIENCE,
        ..Settings::default()
    };
    let write = RemoteWrite {
        destination: remote.destination.clone(),
        interval,
        histograms: Histograms::Classic,
    };
    let mut writer = RemoteWriter::start(&write, &settings, shared.clone()).unwrap();
    assert!(remote.requests.recv_timeout(PATIENCE).is_ok());
    let given_up = writer.finish().unwrap_err().to_string();
    assert!(given_up.contains("500"), "{given_up}");
    let tries = u32::try_from(remote.requests.try_iter().count()).unwrap();
    assert_eq!(tries + 1, 2 * sender::MAX_TRIES);
    close(counted(&shared, "lost"), 2.0);
}

#[test]
fn a_remote_that_hangs_or_refuses_connections_ends_in_an_error_within_its_time() {
    let hanging = remote(&[Answer::Hang]);
    let error = ended(&hanging, &shared()).unwrap_err().to_string();
    assert!(error.contains("in time"), "{error}");

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let destination = Destination::new("remote-write", &url, []).unwrap();
    let mut writer = writer(&destination, MAX_INTERVAL, &shared());
    let error = writer.finish().unwrap_err().to_string();
    assert!(error.starts_with("cannot tell the remote write at http://127.0.0.1:"));
}

#[test]
fn a_last_state_that_arrives_makes_up_for_those_that_did_not() {
    let answers = [Answer::Head("400 Bad Request"), TAKEN];
    let remote = remote(Box::leak(Box::new(answers)));
    let shared = shared();
    ended(&remote, &shared).unwrap();
    close(counted(&shared, "refused"), 1.0);
    close(counted(&shared, "written"), 1.0);
}

#[test]
fn the_last_state_does_not_wait_behind_those_that_a_slow_remote_has_not_taken_yet() {
    const SLOW: Answer = Answer::Late(Duration::from_millis(250));
    let remote = remote(&[SLOW]);
    let shared = shared();
    // One in a hundred milliseconds: most of them wait.
    let mut writer = writer(&remote.destination, MIN_INTERVAL, &shared);
    for _ in 0..5 {
        remote.requests.recv_timeout(PATIENCE).unwrap();
    }
    writer.finish().unwrap();
    assert!(counted(&shared, "dropped") >= 1.0);
}
