//! `host run --dashboard`: the page is there while the run goes on, for whoever was told its address, and for nobody else.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Stdio},
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::host,
    signals::{eventually, send},
};

/// A run that waits until it is stopped, with the address of its page and its token.
struct Watched {
    child: Child,
    /// `127.0.0.1:PORT`.
    address: String,
    token: String,
    _reports: TempDir,
}

impl Watched {
    fn start() -> Self {
        let reports = TempDir::new().expect("a temporary folder");
        let mut command = host();
        command
            .arg("run")
            .arg(fixture("faulty"))
            .args(["--filter", "faulty/waits-when-told"])
            .args(["--set", "faulty.wait=true"])
            .args(["--no-progress", "--no-history", "--dashboard"])
            .arg("--report-dir")
            .arg(reports.path());
        let piped = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the host starts");
        let stderr = child.stderr.take().expect("it is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let url = lines.find_map(|line| {
            let (_, url) = line.split_once("dashboard  http://")?;
            Some(url.to_owned())
        });
        let url = url.expect("the address of the page");
        let (address, token) = url.split_once("/?token=").expect("a token");
        Self {
            child,
            address: address.to_owned(),
            token: token.to_owned(),
            _reports: reports,
        }
    }

    /// What a request with this target and this `Host` is answered.
    fn ask(&self, target: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the page is served");
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

#[test]
fn the_page_shows_the_run_while_it_goes_on_and_ends_with_it() {
    let mut watched = Watched::start();
    let target = format!("/?token={}", watched.token);
    eventually("the case that runs is on the page", || {
        let page = watched.ask(&target, &watched.address);
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        page.contains("waits-when-told")
    });
    send(watched.child.id(), Signal::INT);
    let ended = watched.child.wait().expect("it ends");
    assert_eq!(ended.code(), Some(130));
    TcpStream::connect(&watched.address).expect_err("the page is gone");
}

#[test]
fn whoever_has_no_token_or_comes_by_another_name_sees_nothing() {
    let mut watched = Watched::start();
    let target = format!("/?token={}", watched.token);
    let wrong = format!(
        "/?token={}",
        watched.token.chars().rev().collect::<String>()
    );
    for (target, host) in [
        ("/", watched.address.as_str()),
        (&wrong, &watched.address),
        (&target, "rebound.example"),
    ] {
        let answer = watched.ask(target, host);
        assert!(
            answer.starts_with("HTTP/1.1 403"),
            "{target} {host}: {answer}"
        );
        assert!(!answer.contains("waits-when-told"), "{answer}");
    }
    send(watched.child.id(), Signal::INT);
    assert_eq!(watched.child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn an_address_that_others_reach_is_refused() {
    let output = host()
        .arg("run")
        .arg(fixture("noop"))
        .arg("--dashboard=0.0.0.0:0")
        .output()
        .expect("the host starts");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("for this machine alone"), "{stderr}");
}
