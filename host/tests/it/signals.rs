//! Ctrl-C and SIGTERM at every stage of a run, seen from outside: the exit code, the reports, and that no process lives on.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use assay_host::environment::trace::VARIABLE;
use assay_report::{event::ReasonKind, verdict::Verdict};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    fixtures::{file, fixture},
    invocation::{Answer, Invocation, Running, host},
};

const INTERRUPTED: Option<i32> = Some(130);

/// Waits until it is so, with a bound that only a host that hangs reaches.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at another process"
)]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A run of one case that waits until it is stopped.
fn waiting() -> Invocation {
    Invocation::run(&[fixture("faulty")]).with(&[
        "--no-progress",
        "--filter",
        "faulty/waits-when-told",
        "--set",
        "faulty.wait=true",
    ])
}

pub(crate) fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(process.cast_signed()).expect("a process");
    kill_process(process, signal).expect("the host lives");
}

pub(crate) fn until_told(running: &Running, event: &str) {
    let mark = format!("\"event\":\"{event}\"");
    eventually(event, || running.log().contains(&mark));
}

/// Whether the process will not simply die of Ctrl-C: from here on the host answers it.
fn handles_interrupts(running: &Running) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", running.process()));
    let status = status.expect("the host lives");
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = u64::from_str_radix(caught.expect("proc(5)").trim(), 16).expect("a mask");
    caught & (1 << (Signal::INT.as_raw() - 1)) != 0
}

/// The services that the host has started and that have not ended, with the time of their start: a number may be used again. Before them it
/// asks `git` what state the project has, which is no service.
pub(crate) fn services(host: u32) -> Vec<(u32, String)> {
    let processes = fs::read_dir("/proc").expect("proc(5)").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| {
        let (state, parent, started) = stat(id)?;
        let lives = parent == host.to_string() && state != "Z";
        (lives && is_service(id)).then_some((id, started))
    })
    .collect()
}

/// Whether it has the variable that each service has.
fn is_service(process: u32) -> bool {
    let variables = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
    let mut variables = variables.split(|byte| *byte == 0);
    variables.any(|variable| variable.starts_with(VARIABLE.as_bytes()))
}

/// State, parent and time of start (proc(5)).
fn stat(process: u32) -> Option<(String, String, String)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may hold anything.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    Some((fields[0].into(), fields[1].into(), fields[19].into()))
}

fn have_ended(services: &[(u32, String)]) {
    for (id, started) in services {
        eventually("the service ends with the host", || {
            stat(*id).is_none_or(|(state, _, now)| state == "Z" || now != *started)
        });
    }
}

fn config(folder: &Path, service: &str) -> String {
    let text = format!("[environments.own.services.shop]\n{service}\n");
    file(folder, "assay.toml", text).display().to_string()
}

/// A service that does not end when it is asked to; only the host's patience or its death ends it.
fn stubborn(folder: &Path, listener: &TcpListener) -> String {
    let address = listener.local_addr().expect("an address");
    let script = format!("trap '' TERM; echo listening on {address}; while :; do sleep 600; done");
    config(
        folder,
        &format!("command = [\"sh\", \"-c\", \"{script}\"]\nready-line = \"listening on \""),
    )
}

/// The run was stopped, and its reports say so and are whole.
fn is_reported(answer: &Answer, by: &str) {
    assert_eq!(answer.exit, INTERRUPTED, "{}", answer.seen());
    let report = answer.report();
    assert!(report.complete, "{}", answer.seen());
    let run = report.run.expect("a run");
    assert_eq!(run.interrupted.as_deref(), Some(by));
    assert_eq!(run.exit_code, Some(130));
}

fn was_cut_off(answer: &Answer) {
    let report = answer.report();
    let case = &report.suites[0].cases[0];
    assert_eq!(case.verdict, Some(Verdict::Skipped), "{}", answer.seen());
    let reason = case.reason.as_ref().expect("a reason");
    assert_eq!(reason.kind, ReasonKind::Interrupted, "{}", reason.message);
}

#[test]
fn ctrl_c_while_plugins_are_loaded_ends_the_host_before_anything_is_run_or_reported() {
    let cache = TempDir::new().expect("a temporary folder");
    let running = waiting()
        .with(&["--environment", "none"])
        .with_variable("ASSAY_CACHE_DIR", cache.path())
        .start();
    eventually("the host handles Ctrl-C", || handles_interrupts(&running));
    send(running.process(), Signal::INT);
    let answer = running.answer();
    assert_eq!(answer.exit, INTERRUPTED, "{}", answer.seen());
    assert!(answer.stderr.contains("Ctrl-C"), "{}", answer.seen());
    let reports = fs::read_dir(answer.folder()).expect("the folder of the reports");
    assert_eq!(reports.count(), 0, "{}", answer.seen());
}

#[test]
fn sigterm_while_the_environment_comes_up_leaves_no_process_and_a_whole_report() {
    let folder = TempDir::new().expect("a temporary folder");
    let never_ready = "command = [\"sleep\", \"600\"]\nready-line = \"listening on \"";
    let running = waiting()
        .with(&["--environment", "own", "--config"])
        .with(&[&config(folder.path(), never_ready)])
        .start();
    eventually("a service starts", || {
        !services(running.process()).is_empty()
    });
    let services = services(running.process());
    send(running.process(), Signal::TERM);
    let answer = running.answer();
    is_reported(&answer, "SIGTERM");
    have_ended(&services);
}

#[test]
fn ctrl_c_while_a_case_waits_cuts_it_off_and_leaves_a_whole_report() {
    let running = waiting().with(&["--environment", "none"]).start();
    until_told(&running, "case_started");
    send(running.process(), Signal::INT);
    let answer = running.answer();
    is_reported(&answer, "Ctrl-C");
    was_cut_off(&answer);
}

#[test]
fn sigterm_while_the_embedded_environment_is_up_stops_every_service() {
    let running = waiting().with(&["--environment", "embedded"]).start();
    until_told(&running, "case_started");
    let services = services(running.process());
    assert!(services.len() >= 4, "{services:?}");
    send(running.process(), Signal::TERM);
    let answer = running.answer();
    is_reported(&answer, "SIGTERM");
    was_cut_off(&answer);
    have_ended(&services);
}

#[test]
fn ctrl_c_while_the_environment_goes_down_is_told_and_everything_is_still_stopped() {
    let folder = TempDir::new().expect("a temporary folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let running = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "own", "--config"])
        .with(&[&stubborn(folder.path(), &listener)])
        .start();
    until_told(&running, "suite_finished");
    let services = services(running.process());
    assert_eq!(services.len(), 1, "it goes down only after its patience");
    send(running.process(), Signal::INT);
    let answer = running.answer();
    is_reported(&answer, "Ctrl-C");
    have_ended(&services);
}

#[test]
fn a_second_ctrl_c_ends_the_host_at_once_and_its_services_with_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let running = waiting()
        .with(&["--environment", "own", "--config"])
        .with(&[&stubborn(folder.path(), &listener)])
        .start();
    until_told(&running, "case_started");
    let services = services(running.process());
    assert_eq!(services.len(), 1);
    send(running.process(), Signal::INT);
    until_told(&running, "suite_finished");
    send(running.process(), Signal::INT);
    let answer = running.answer();
    assert_eq!(answer.exit, INTERRUPTED, "{}", answer.seen());
    assert!(
        !answer.folder().join("report.json").exists(),
        "it did not end at once"
    );
    have_ended(&services);
}

#[test]
fn a_keeper_that_is_stopped_ends_although_its_starter_still_waits_for_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let never_ready = "command = [\"sleep\", \"600\"]\nready-line = \"listening on \"";
    let mut keeper = host()
        .args(["environment", "keep", "--environment", "own", "--config"])
        .arg(config(folder.path(), never_ready))
        // The starter's end of it stays open until it has heard a line or the end.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the keeper starts");
    eventually("a service starts", || !services(keeper.id()).is_empty());
    let services = services(keeper.id());
    send(keeper.id(), Signal::TERM);
    eventually("the keeper ends", || {
        keeper.try_wait().expect("it can be asked").is_some()
    });
    have_ended(&services);
}
