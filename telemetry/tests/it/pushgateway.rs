//! The push at the end: to one that takes it, to one that does not, and to a real Pushgateway.

use std::{net::TcpListener, process::Command, time::Duration};

use assay_report::{Fanout, hint};
use assay_telemetry::prometheus::{Destination, Settings, listeners};
use assay_test_server::{Connection, Server, server};
use tokio::sync::mpsc;

use super::{
    http::get,
    programs::{self, Running},
    whole::whole,
};

fn settings(url: &str) -> Settings {
    Settings {
        pushgateway: Some(Destination::new("pushgateway", url, []).unwrap()),
        instance: Some("ci-7".to_owned()),
        timeout: Duration::from_millis(500),
        ..Settings::default()
    }
}

/// Runs and pushes; what went wrong, as a person sees it.
fn pushed(settings: &Settings) -> Vec<String> {
    let listeners = listeners(settings).unwrap();
    let mut fanout = Fanout::new(listeners.reporters, Vec::new());
    whole().all().for_each(|event| fanout.event(event));
    fanout.finish().iter().map(hint::told).collect()
}

/// Answers like this, and passes the requests on.
async fn gateway(answer: &'static str) -> (Server, mpsc::UnboundedReceiver<String>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let server = server(move |mut connection: Connection| {
        let sender = sender.clone();
        async move {
            while let Some(request) = connection.request().await {
                sender.send(request).unwrap();
                if answer.is_empty() {
                    connection.ended().await;
                } else {
                    connection.send(answer).await;
                }
            }
        }
    })
    .await;
    (server, requests)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_state_takes_the_place_of_what_was_pushed_before() {
    let (server, mut requests) = gateway("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let address = server.url.replace("http://", "http://user:geheim@");
    assert_eq!(pushed(&settings(&address)), [""; 0]);
    let request = requests.recv().await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("PUT /metrics/job/assay/instance/ci-7 HTTP/1.1"),
        "{head}"
    );
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("content-type: text/plain; version=0.0.4"),
        "{head}"
    );
    assert!(head.contains("authorization: basic "), "{head}");
    assert!(body.contains("\nassay_run_finished 1\n"), "{body}");
    assert!(!body.contains("\nprocess_"), "the process is over");
    assert!(requests.try_recv().is_err(), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_refuses_is_told_with_what_it_says_and_without_credentials() {
    let answer = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 24\r\n\r\ngeheim-token is no token";
    let (server, _requests) = gateway(answer).await;
    let address = server.url.replace("http://", "http://user:geheim@") + "/geheim?a=geheim";
    let token = [("x-token", "geheim-token")];
    let settings = Settings {
        pushgateway: Some(Destination::new("pushgateway", &address, token).unwrap()),
        ..settings(&server.url)
    };
    let told = pushed(&settings);
    assert_eq!(told.len(), 1, "{told:?}");
    let start = format!("cannot tell the Pushgateway at {} of the run: ", server.url);
    assert!(told[0].starts_with(&start), "{told:?}");
    assert!(
        told[0].contains("400 Bad Request: [redacted] is no token\nhint: "),
        "{told:?}"
    );
    assert!(!told[0].contains("geheim"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_hangs_costs_its_time_and_silences_nobody_else() {
    let (server, _requests) = gateway("").await;
    let folder = tempfile::TempDir::new().unwrap();
    let textfile = folder.path().join("assay.prom");
    let settings = Settings {
        textfile: Some(textfile.clone()),
        ..settings(&server.url)
    };
    let told = pushed(&settings);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("it did not answer in time\nhint: "),
        "{told:?}"
    );
    assert!(textfile.exists());
}

#[test]
fn a_port_that_nobody_listens_on_is_told() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let told = pushed(&settings(&url));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].to_lowercase().contains("connection refused"),
        "{told:?}"
    );
}

#[test]
fn a_real_pushgateway_takes_the_push_and_shows_it() {
    let Some(program) = programs::pushgateway() else {
        return;
    };
    let gateway = Running::start(Command::new(program).arg("--web.listen-address=127.0.0.1:0"));
    let settings = Settings {
        timeout: Duration::from_secs(20),
        instance: Some("a/b".to_owned()),
        ..settings(&gateway.url(""))
    };
    for _ in 0..2 {
        assert_eq!(pushed(&settings), [""; 0]);
    }
    let text = get(gateway.address, "/metrics");
    let line =
        "assay_cases_total{instance=\"a/b\",job=\"assay\",suite=\"jobs\",verdict=\"passed\"} 3";
    assert!(text.lines().any(|one| one == line), "{text}");
}
