//! Containers that are stopped, killed, frozen, limited and looked at, each seen through the engine's own client as well.

use std::time::Duration;

use assay_host::environment::control::{ControlError, State};
use assay_report::hint::Hinted;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use super::project::{TestProject, is_possible, shown};

#[tokio::test]
async fn a_container_is_stopped_killed_frozen_and_started_at_its_address() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let id = project.container("cache");
    let address = environment.services()[0].url.replace("redis://", "");
    let control = environment.control("cache").unwrap();
    assert_eq!(control.state().await, State::Running);

    control.stop().await.unwrap();
    assert_eq!(shown(&id, ".State.Running"), "false");
    assert!(TcpStream::connect(&address).await.is_err());
    assert_eq!(control.state().await, State::Stopped);
    assert!(
        environment.fallen("cache").await.is_none(),
        "it was asked to end"
    );
    for refused in [
        control.stop().await,
        control.pause().await,
        control.kill("KILL").await,
    ] {
        assert!(
            matches!(refused, Err(ControlError::NotRunning { .. })),
            "{refused:?}"
        );
    }

    control.start().await.unwrap();
    assert_eq!(control.state().await, State::Running);
    assert!(TcpStream::connect(&address).await.is_ok());
    let again = control.start().await;
    assert!(
        matches!(again, Err(ControlError::Running { .. })),
        "{again:?}"
    );

    control.pause().await.unwrap();
    assert_eq!(shown(&id, ".State.Paused"), "true");
    assert_eq!(control.state().await, State::Paused);
    control.kill("KILL").await.unwrap();
    assert_eq!(shown(&id, ".State.ExitCode"), "137");
    control.start().await.unwrap();

    control.pause().await.unwrap();
    control.resume().await.unwrap();
    assert_eq!(shown(&id, ".State.Paused"), "false");
    control.kill("SIGTERM").await.unwrap();
    control.start().await.unwrap();
    let started = shown(&id, ".State.StartedAt");
    control.restart().await.unwrap();
    assert_ne!(shown(&id, ".State.StartedAt"), started);
    let odd = control.kill("STOP").await.unwrap_err();
    assert!(matches!(odd, ControlError::UnknownSignal { .. }), "{odd}");

    environment.down().await;
    assert_eq!(project.remains(), [""; 0]);
}

#[tokio::test]
async fn limits_show_and_are_lifted() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let id = project.container("cache");
    let control = environment.control("cache").unwrap();

    control.limit_memory(64 << 20).await.unwrap();
    assert_eq!(shown(&id, ".HostConfig.Memory"), (64 << 20).to_string());
    control.limit_cpu(0.5).await.unwrap();
    assert_eq!(shown(&id, ".HostConfig.CpuQuota"), "50000");
    control.lift_limits().await.unwrap();
    let memory: i64 = shown(&id, ".HostConfig.Memory").parse().unwrap();
    assert!(memory > 1 << 60, "no limit that anything meets: {memory}");
    assert_eq!(shown(&id, ".HostConfig.CpuQuota"), "-1");
    // It can be limited again, and starts with what it has now.
    control.limit_memory(32 << 20).await.unwrap();
    control.lift_limits().await.unwrap();
    control.restart().await.unwrap();

    for refused in [
        control.limit_memory((6 << 20) - 1).await,
        control.limit_cpu(0.009).await,
        control.limit_cpu(f64::NAN).await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ControlError::Impossible { .. }), "{error}");
        assert!(error.hint().is_some());
    }
    environment.down().await;
}

#[tokio::test]
async fn usage_and_log_are_those_of_the_container() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let control = environment.control("cache").unwrap();

    let usage = control.usage().await.unwrap();
    assert!(usage.resident_bytes > 100_000, "{usage:?}");
    assert!(
        usage.cpu_ns > 0 && usage.threads >= 2 && usage.open_files >= 6,
        "{usage:?}"
    );
    assert_eq!(
        control.log(10).await.unwrap(),
        ["listening on 0.0.0.0:6379"]
    );
    control.restart().await.unwrap();
    // The engine writes the log beside the container's own work. That of its first life is there too.
    let deadline = Instant::now() + Duration::from_secs(20);
    while control.log(10).await.unwrap().len() < 2 {
        assert!(Instant::now() < deadline, "no line of its second life");
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(control.log(1).await.unwrap().len(), 1);

    control.stop().await.unwrap();
    let refused = control.usage().await.unwrap_err();
    assert!(
        matches!(refused, ControlError::NotRunning { .. }),
        "{refused}"
    );
    environment.down().await;
}
