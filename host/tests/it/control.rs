//! Services that are stopped, killed, frozen and started again, as seen from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, process::Stdio, time::Duration};

use assay_host::{
    config::{AddressSource, Origin, ServiceSettings, ServiceSource},
    environment::{
        Environment, EnvironmentError,
        control::{Control, ControlError, State},
        identity::Identity,
    },
};
use assay_report::hint::Hinted;
use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
    time::{Instant, sleep, timeout},
};

use crate::environment::{Note, cache, eventually, reference, service, up};

const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";

/// A shell script that listens as a cache with `"$0" cache --listen "$1"`. Braces are places of the command.
fn shell(script: &str) -> ServiceSettings {
    let command = ["/bin/sh", "-c", script, &reference(), "127.0.0.1:{port}"];
    let line = AddressSource::ReadyLine("listening on ".to_owned());
    service("cache", &command, line)
}

fn restartable() -> ServiceSettings {
    shell("exec \"$0\" cache --listen \"$1\"")
}

fn process(environment: &Environment) -> Identity {
    Identity::of(environment.process_id("cache").unwrap()).unwrap()
}

fn address(environment: &Environment) -> String {
    let url = &environment.services()[0].url;
    url.split_once("://").unwrap().1.to_owned()
}

async fn becomes(control: &dyn Control, expected: State) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut state = control.state().await;
    while state != expected {
        assert!(Instant::now() < deadline, "{state:?}, never {expected:?}");
        sleep(Duration::from_millis(10)).await;
        state = control.state().await;
    }
}

async fn pong(connection: &mut TcpStream) {
    let mut answer = [0; 7];
    let reading = timeout(Duration::from_secs(20), connection.read_exact(&mut answer));
    reading.await.expect("it answers").unwrap();
    assert_eq!(&answer, b"+PONG\r\n");
}

fn hinted<T: std::fmt::Debug>(outcome: Result<T, ControlError>) -> ControlError {
    let error = outcome.expect_err("it is refused");
    assert!(error.hint().is_some(), "{error}");
    error
}

#[tokio::test]
async fn a_stopped_service_starts_again_with_its_data_at_its_address() {
    let counted = "echo >> {data}/starts; echo start $(wc -l < {data}/starts) >&2; exec \"$0\" cache --listen \"$1\"";
    let environment = up(vec![shell(counted)]).await.unwrap();
    let control = environment.control("cache").unwrap();
    let (first, address) = (process(&environment), address(&environment));
    assert_eq!(control.state().await, State::Running);

    control.stop().await.unwrap();
    assert!(!first.lives());
    assert_eq!(control.state().await, State::Stopped);
    assert!(TcpStream::connect(&address).await.is_err());
    assert_eq!(environment.process_id("cache"), None);
    assert!(
        environment.fallen("cache").await.is_none(),
        "it was asked to end"
    );

    let took = control.start().await.unwrap();
    assert!(took > Duration::ZERO);
    assert_eq!(control.state().await, State::Running);
    let mut connection = TcpStream::connect(&address).await.unwrap();
    connection.write_all(PING).await.unwrap();
    pong(&mut connection).await;
    assert_ne!(process(&environment), first);
    // An open connection does not keep it from coming back.
    control.restart().await.unwrap();
    pong_at(&address).await;
    let log = control.log(100).await.unwrap();
    let starts: Vec<_> = log
        .iter()
        .filter(|line| line.starts_with("start"))
        .collect();
    assert_eq!(starts, ["start 1", "start 2", "start 3"], "{log:?}");
    assert_eq!(control.log(1).await.unwrap(), log[log.len() - 1..]);
    environment.down().await;
}

async fn pong_at(address: &str) {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(PING).await.unwrap();
    pong(&mut connection).await;
}

#[tokio::test]
async fn a_service_is_killed_by_the_name_of_a_signal_and_what_it_started_goes_too() {
    let note = Note::new();
    let path = note.path.display();
    let start = format!("sleep 600 & echo $! > {path}; exec \"$0\" cache --listen \"$1\"");
    let environment = up(vec![shell(&start)]).await.unwrap();
    let control = environment.control("cache").unwrap();
    for signal in ["KILL", "SIGTERM"] {
        let (leader, other) = (process(&environment), note.identity());
        control.kill(signal).await.unwrap();
        assert!(!leader.lives());
        eventually("what it started is dead", || !other.lives()).await;
        assert!(
            environment.fallen("cache").await.is_none(),
            "it was asked to end"
        );
        control.start().await.unwrap();
    }
    let error = hinted(control.kill("STOP").await);
    assert_eq!(error.to_string(), "`STOP` is no signal that ends a service");
    assert_eq!(control.state().await, State::Running);
}

#[tokio::test]
async fn a_signal_that_is_ignored_is_not_confirmed_and_stopping_still_ends_it() {
    let stubborn = "trap '' TERM HUP; \"$0\" cache --listen \"$1\" & wait; exec sleep 600";
    let environment = up(vec![shell(stubborn)]).await.unwrap();
    let control = environment.control("cache").unwrap();
    let leader = process(&environment);
    let error = hinted(control.kill("HUP").await);
    assert_eq!(error.to_string(), "service `cache` is not ended after 5s");
    assert!(leader.lives());
    control.stop().await.unwrap();
    assert!(!leader.lives());
}

#[tokio::test]
async fn a_paused_service_keeps_its_connections_and_goes_on_later() {
    let environment = up(vec![restartable()]).await.unwrap();
    let control = environment.control("cache").unwrap();
    let mut connection = TcpStream::connect(address(&environment)).await.unwrap();
    connection.write_all(PING).await.unwrap();
    pong(&mut connection).await;

    control.pause().await.unwrap();
    assert_eq!(control.state().await, State::Paused);
    let stat = fs::read_to_string(format!("/proc/{}/stat", process(&environment).pid)).unwrap();
    assert!(stat.contains(") T "), "{stat}");
    let frozen = control.usage().await.unwrap();
    connection.write_all(PING).await.unwrap();
    // Pausing twice is pausing.
    control.pause().await.unwrap();
    assert_eq!(control.usage().await.unwrap().cpu_ns, frozen.cpu_ns);

    control.resume().await.unwrap();
    pong(&mut connection).await;
    assert_eq!(control.state().await, State::Running);
    // What goes on already is left alone.
    control.resume().await.unwrap();
    assert!(environment.fallen("cache").await.is_none());
}

#[tokio::test]
async fn a_paused_service_can_be_stopped_and_killed() {
    let environment = up(vec![restartable()]).await.unwrap();
    let control = environment.control("cache").unwrap();
    for signal in [None, Some("TERM"), Some("KILL")] {
        control.pause().await.unwrap();
        let paused = process(&environment);
        match signal {
            None => control.stop().await.unwrap(),
            Some(signal) => control.kill(signal).await.unwrap(),
        }
        assert!(!paused.lives());
        assert_eq!(control.state().await, State::Stopped);
        control.start().await.unwrap();
        assert_eq!(control.state().await, State::Running);
    }
}

#[tokio::test]
async fn an_environment_with_a_paused_service_ends_in_an_orderly_way() {
    let note = Note::new();
    let path = note.path.display();
    let orderly = format!(
        "trap 'echo orderly > {path}; exit 0' TERM; \"$0\" cache --listen \"$1\" & while :; do wait; done"
    );
    let environment = up(vec![shell(&orderly)]).await.unwrap();
    let leader = process(&environment);
    environment.control("cache").unwrap().pause().await.unwrap();
    environment.down().await;
    assert!(!leader.lives());
    assert_eq!(fs::read_to_string(&note.path).unwrap(), "orderly\n");
    let error = hinted(environment.control("cache").unwrap().start().await);
    assert!(matches!(error, ControlError::Down { .. }), "{error}");
}

#[tokio::test]
async fn dropping_an_environment_kills_paused_and_restarted_services() {
    for paused in [true, false] {
        let environment = up(vec![restartable()]).await.unwrap();
        let control = environment.control("cache").unwrap();
        control.restart().await.unwrap();
        if paused {
            control.pause().await.unwrap();
        }
        let leader = process(&environment);
        drop(environment);
        eventually("it is dead", || !leader.lives()).await;
    }
}

#[tokio::test]
async fn a_service_that_starts_or_fell_silent_looks_so_from_outside() {
    let (gate, note) = (Note::new(), Note::new());
    let (gate_path, path) = (gate.path.display(), note.path.display());
    let start = format!(
        "while [ -e {gate_path} ]; do sleep 0.02; done; \"$0\" cache --listen \"$1\" & echo $! > {path}; wait; exec sleep 600"
    );
    let environment = up(vec![shell(&start)]).await.unwrap();
    let control = environment.control("cache").unwrap();
    control.stop().await.unwrap();
    fs::write(&gate.path, "").unwrap();
    let (started, ()) = tokio::join!(control.start(), async {
        becomes(control, State::Starting).await;
        fs::remove_file(&gate.path).unwrap();
    });
    started.unwrap();
    assert_eq!(control.state().await, State::Running);
    note.identity().signal(Signal::KILL).unwrap();
    becomes(control, State::Unreachable).await;
}

#[tokio::test]
async fn a_start_that_fails_tells_why_and_leaves_nothing_running() {
    let once = "[ -e {data}/once ] && echo worn out >&2 && exit 3; touch {data}/once; exec \"$0\" cache --listen \"$1\"";
    let environment = up(vec![shell(once)]).await.unwrap();
    let control = environment.control("cache").unwrap();
    let error = hinted(control.restart().await);
    let ControlError::NotReady(EnvironmentError::Died { output, .. }) = &error else {
        panic!("{error}");
    };
    assert_eq!(output.last().unwrap(), "worn out");
    assert_eq!(control.state().await, State::Stopped);
    assert!(environment.fallen("cache").await.is_none());
}

#[tokio::test]
async fn a_service_that_would_come_back_elsewhere_is_stopped_again() {
    // Its command says port 0, whatever its port was.
    let environment = up(vec![cache()]).await.unwrap();
    let control = environment.control("cache").unwrap();
    let error = hinted(control.restart().await);
    assert!(matches!(error, ControlError::Moved { .. }), "{error}");
    assert_eq!(control.state().await, State::Stopped);
    assert_eq!(environment.process_id("cache"), None);
}

#[tokio::test]
async fn a_service_that_died_by_itself_can_be_started_again() {
    let environment = up(vec![restartable()]).await.unwrap();
    let control = environment.control("cache").unwrap();
    process(&environment).signal(Signal::KILL).unwrap();
    becomes(control, State::Stopped).await;
    assert!(environment.fallen("cache").await.is_some());
    control.start().await.unwrap();
    assert_eq!(control.state().await, State::Running);
    assert!(environment.fallen("cache").await.is_none());
}

#[tokio::test]
async fn usage_is_that_of_the_process() {
    let environment = up(vec![restartable()]).await.unwrap();
    let control = environment.control("cache").unwrap();
    let before = control.usage().await.unwrap();
    assert!(before.resident_bytes > 100_000, "{before:?}");
    assert!(before.threads >= 1, "{before:?}");
    let mut connections = Vec::new();
    for _ in 0..5 {
        let mut connection = TcpStream::connect(address(&environment)).await.unwrap();
        connection.write_all(PING).await.unwrap();
        pong(&mut connection).await;
        connections.push(connection);
    }
    let after = control.usage().await.unwrap();
    assert!(
        after.open_files >= before.open_files + 4,
        "{before:?} {after:?}"
    );
    assert!(after.cpu_ns >= before.cpu_ns);
    control.stop().await.unwrap();
    assert!(control.usage().await.is_err());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_to_do() {
    let environment = up(vec![restartable()]).await.unwrap();
    let error = hinted(environment.control("cash"));
    assert_eq!(
        error.to_string(),
        "there is no service `cash`; there is: cache"
    );
    let control = environment.control("cache").unwrap();
    let error = hinted(control.start().await);
    assert_eq!(error.to_string(), "service `cache` runs already");
    let mut found = restartable();
    found.source = ServiceSource::Running {
        url: environment.services()[0].url.clone(),
        origin: Origin::Default,
    };
    let other = up(vec![found]).await.unwrap();
    let error = hinted(other.control("cache"));
    assert_eq!(error.to_string(), "service `cache` was not started here");
    control.stop().await.unwrap();
    for refused in [
        control.stop().await,
        control.kill("KILL").await,
        control.pause().await,
        control.resume().await.map(drop),
    ] {
        let error = hinted(refused);
        assert_eq!(error.to_string(), "service `cache` does not run");
    }
}

#[tokio::test]
async fn killing_the_host_leaves_neither_a_restarted_nor_a_paused_service() {
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "control::a_host_to_be_killed",
            "--ignored",
            "--nocapture",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let services = loop {
        let line = lines.next_line().await.unwrap().expect("it is up");
        if let Some((_, pids)) = line.split_once("services: ") {
            break pids
                .split(' ')
                .map(|pid| Identity::of(pid.parse().unwrap()).unwrap())
                .collect::<Vec<_>>();
        }
    };
    assert_eq!(services.len(), 2);
    host.kill().await.unwrap();
    eventually("both are dead", || {
        services.iter().all(|service| !service.lives())
    })
    .await;
}

#[tokio::test]
#[ignore = "it waits to be killed: the test before runs it"]
#[expect(clippy::print_stdout, reason = "its output is how it tells the test")]
async fn a_host_to_be_killed() {
    let mut other = restartable();
    "other".clone_into(&mut other.name);
    let environment = up(vec![restartable(), other]).await.unwrap();
    for name in ["cache", "other"] {
        environment.control(name).unwrap().restart().await.unwrap();
    }
    environment.control("other").unwrap().pause().await.unwrap();
    let pids = ["cache", "other"].map(|name| environment.process_id(name).unwrap());
    println!("services: {} {}", pids[0], pids[1]);
    std::future::pending::<()>().await;
}
