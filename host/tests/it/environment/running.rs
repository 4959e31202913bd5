//! Services that are started, used and stopped.

use std::time::Duration;

use assay_host::{
    config::{AddressSource, Origin, ServiceSource},
    environment::{EnvironmentError, identity::Identity, port},
};
use assay_report::hint::Hinted;
use tokio::time::sleep;

use super::{Note, cache, eventually, reference, refused, service, up};

#[tokio::test]
async fn services_are_started_and_stopped() {
    let environment = up(vec![cache()]).await.unwrap();
    let [info] = environment.services() else {
        panic!("one service");
    };
    assert!(
        info.managed && info.url.starts_with("http://127.0.0.1:"),
        "{info:?}"
    );
    let process = Identity::of(environment.process_id("cache").unwrap()).unwrap();
    assert!(environment.fallen("cache").await.is_none());
    environment.down().await;
    assert!(!process.lives());
    environment.down().await;
}

#[tokio::test]
async fn a_service_that_dies_later_is_noticed() {
    let environment = up(vec![cache()]).await.unwrap();
    let process = Identity::of(environment.process_id("cache").unwrap()).unwrap();
    process.signal(rustix::process::Signal::KILL).unwrap();
    // A process of several threads looks dead in /proc a moment before its parent can learn how it ended.
    let noticed = async {
        loop {
            if let Some(fallen) = environment.fallen("cache").await {
                return fallen;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let fallen = tokio::time::timeout(Duration::from_secs(20), noticed)
        .await
        .expect("it is noticed");
    assert!(
        fallen
            .to_string()
            .starts_with("service `cache` ended with signal: 9"),
        "{fallen}"
    );
}

#[tokio::test]
async fn dropping_an_environment_kills_its_services_and_what_they_started() {
    let note = Note::new();
    let path = note.path.display().to_string();
    let start = format!("sleep 600 & echo $! > {path}; exec \"$0\" cache --listen 127.0.0.1:0");
    let line = AddressSource::ReadyLine("listening on ".to_owned());
    let environment = up(vec![service(
        "cache",
        &["/bin/sh", "-c", &start, &reference()],
        line,
    )])
    .await
    .unwrap();
    let grandchild = note.identity();
    let child = Identity::of(environment.process_id("cache").unwrap()).unwrap();
    drop(environment);
    eventually("both are dead", || !grandchild.lives() && !child.lives()).await;
}

#[tokio::test]
async fn a_picked_port_is_given_to_the_service() {
    let listen = "127.0.0.1:{port}";
    let picked = service(
        "cache",
        &[&reference(), "cache", "--listen", listen],
        AddressSource::Picked,
    );
    let environment = up(vec![picked]).await.unwrap();
    let port = environment.services()[0]
        .url
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap();
    assert_eq!(
        port::holder(port).map(|holder| holder.pid),
        environment.process_id("cache")
    );
}

#[tokio::test]
async fn a_running_service_is_used_and_left_alone() {
    let started = up(vec![cache()]).await.unwrap();
    let url = started.services()[0].url.clone();
    let mut other = cache();
    other.source = ServiceSource::Running {
        url: url.clone(),
        origin: Origin::Default,
    };
    let environment = up(vec![other.clone()]).await.unwrap();
    assert!(!environment.services()[0].managed);
    environment.down().await;
    assert!(Identity::of(started.process_id("cache").unwrap()).is_some());
    drop(started);
    other.source = ServiceSource::Running {
        url: "http://127.0.0.1:1".to_owned(),
        origin: Origin::Default,
    };
    other.readiness.within = Duration::from_millis(200);
    let ServiceSource::Running { origin, .. } = &mut other.source else {
        panic!("it runs");
    };
    *origin = Origin::Variable("ASSAY_SERVICE_CACHE_URL".to_owned());
    let error = refused(other).await;
    assert!(
        matches!(error, EnvironmentError::Unreachable { .. }),
        "{error}"
    );
    let hint = error.hint().unwrap();
    assert!(hint.contains("host environment down"), "{hint}");
    assert!(hint.contains("`unset ASSAY_SERVICE_CACHE_URL`"), "{hint}");
}
