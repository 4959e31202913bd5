//! Programs of others that the tests need: found by a variable or by name. Where one is missing, its tests say that they were skipped.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use assay_test_server::program::find;

/// How long a program may take to begin: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn promtool() -> Option<OsString> {
    find("PROMTOOL", "promtool", "prometheus")
}

pub(crate) fn prometheus() -> Option<OsString> {
    find("PROMETHEUS", "prometheus", "prometheus")
}

pub(crate) fn pushgateway() -> Option<OsString> {
    find(
        "PUSHGATEWAY",
        "prometheus-pushgateway",
        "prometheus-pushgateway",
    )
}

/// What `promtool check metrics` says of a text; none where there is no promtool.
pub(crate) fn promtool_check(text: &str) -> Option<Result<(), String>> {
    let mut check = Command::new(promtool()?)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    check
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let answer = check.wait_with_output().unwrap();
    let told = [answer.stdout, answer.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    // What is bad style ends it with 3, what is no metrics with 1.
    Some(if answer.status.success() {
        Ok(())
    } else {
        Err(told)
    })
}

/// A server of somebody else, which ends with the test.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts one that was told port 0, and waits until a line of its log tells the address that it got.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let (sender, addresses) = mpsc::channel();
        // Read to its end: a full pipe would stop it.
        thread::spawn(move || {
            let mut lines = Vec::new();
            for line in log.lines().map_while(Result::ok) {
                if let Some(address) = address(&line) {
                    // Only the first one is waited for.
                    let _ = sender.send(address);
                }
                lines.push(line);
            }
            lines
        });
        let address = addresses.recv_timeout(PATIENCE);
        let mut running = Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        match address {
            Ok(address) => running.address = address,
            Err(error) => panic!("it does not say where it listens: {error}"),
        }
        running
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// `address=127.0.0.1:36521`, with a port that was given.
fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("address=")?;
    let address: SocketAddr = rest.split_whitespace().next()?.parse().ok()?;
    (address.port() != 0).then_some(address)
}
