//! What a request costs over the transport of load, over hyper as it is usually used, and over reqwest, on one thread.
//!
//! ```text
//! taskset -c 1 transport serve                    # prints its URL
//! taskset -c 0 transport measure URL [CONNECTIONS] [SECONDS] [ROUNDS]
//! ```
//!
//! The ways take turns, so that whatever else the machine does befalls all of them. Processor time is that of this process, user and
//! system; it says more than requests per second, which the server may limit.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints its result, and ends at the first thing that goes wrong"
)]

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_load::transport::{Client, Options, Parts, Template, With};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustix::time::{ClockId, clock_gettime};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// For each request of each way: a deadline is part of what a request costs.
const TIMEOUT: Duration = Duration::from_secs(30);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: u32| {
        let argument = arguments.get(index);
        argument.map_or(default, |text| text.parse().unwrap())
    };
    match arguments.first().map(String::as_str) {
        Some("serve") => runtime().block_on(serve()),
        Some("measure") => measure(&arguments[1], number(2, 64), number(3, 2), number(4, 5)),
        _ => println!(
            "usage: transport serve | transport measure URL [CONNECTIONS] [SECONDS] [ROUNDS]"
        ),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Answers everything with thirteen bytes, on one thread.
async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let service = service_fn(|_| async {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(
                b"Hello, World!",
            ))))
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service),
        );
    }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Fire,
    Send,
    Hyper,
    Reqwest,
}

/// Requests per second, and microseconds of processor time for each.
type Figures = (f64, f64);

fn measure(url: &str, connections: u32, seconds: u32, rounds: u32) {
    let time = Duration::from_secs(seconds.into());
    let ways = [Way::Fire, Way::Send, Way::Hyper, Way::Reqwest];
    let mut figures = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (way, figures) in ways.iter().zip(&mut figures) {
            figures.push(runtime().block_on(run(*way, url, connections, time)));
        }
    }
    for (way, figures) in ways.iter().zip(figures) {
        let (rates, costs): (Vec<f64>, Vec<f64>) = figures.into_iter().unzip();
        let way = format!("{way:?}");
        println!(
            "{way:<8} {:>8.0} requests/s {:>6.2} µs",
            median(rates),
            median(costs)
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn run(way: Way, url: &str, connections: u32, time: Duration) -> Figures {
    match way {
        Way::Fire => {
            let template = template(url);
            drive(connections, time, async || template.clone(), fire).await
        }
        Way::Send => {
            let template = template(url);
            drive(connections, time, async || template.clone(), send).await
        }
        Way::Hyper => {
            let address = url.trim_start_matches("http://").trim_end_matches('/');
            let request = Request::builder()
                .uri("/")
                .header("host", address)
                .header("accept", "*/*")
                .body(Empty::new())
                .unwrap();
            let connect = async || (connection(address).await, request.clone());
            drive(connections, time, connect, hyper).await
        }
        Way::Reqwest => {
            let client = reqwest::Client::builder()
                .tls_backend_preconfigured(ClientConfig::clone(&trusts_nobody()))
                .no_proxy()
                .timeout(TIMEOUT)
                .build()
                .unwrap();
            drive(
                connections,
                time,
                async || (client.clone(), url.to_owned()),
                reqwest,
            )
            .await
        }
    }
}

/// Runs a task for each connection; each sends one request after the other.
async fn drive<T, F>(
    connections: u32,
    time: Duration,
    connect: impl AsyncFn() -> T,
    mut request: impl FnMut(T) -> F + Copy + Send + 'static,
) -> Figures
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let mut ready = Vec::new();
    for _ in 0..connections {
        ready.push(request(connect().await).await);
    }
    let (start, before) = (Instant::now(), processor_time());
    let end = start + time;
    let tasks: Vec<_> = ready
        .into_iter()
        .map(|mut connection| {
            tokio::spawn(async move {
                let mut requests = 0_u32;
                while Instant::now() < end {
                    connection = request(connection).await;
                    requests += 1;
                }
                requests
            })
        })
        .collect();
    let mut requests = 0.0;
    for task in tasks {
        requests += f64::from(task.await.unwrap());
    }
    let spent = processor_time().saturating_sub(before);
    (
        requests / start.elapsed().as_secs_f64(),
        spent.as_secs_f64() * 1e6 / requests,
    )
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap(),
        time.tv_nsec.try_into().unwrap(),
    )
}

fn trusts_nobody() -> Arc<ClientConfig> {
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
    Arc::new(config)
}

fn template(url: &str) -> Template {
    let client = Client::new(&trusts_nobody(), Options::default());
    client.prepare(&Parts::get(url)).unwrap()
}

async fn fire(template: Template) -> Template {
    let sample = template.fire(With::Prepared).await.unwrap();
    assert_eq!((sample.status, sample.received), (200, 13));
    template
}

async fn send(template: Template) -> Template {
    let answer = template.send(With::Prepared).await.unwrap();
    assert_eq!((answer.head.status, answer.body.len()), (200, 13));
    template
}

type Connection = SendRequest<Empty<Bytes>>;

async fn connection(address: &str) -> Connection {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn hyper(
    (mut sender, request): (Connection, Request<Empty<Bytes>>),
) -> (Connection, Request<Empty<Bytes>>) {
    let exchange = async {
        sender.ready().await.unwrap();
        let answer = sender.send_request(request.clone()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        let mut received = 0;
        while let Some(frame) = body.frame().await {
            received += frame.unwrap().data_ref().map_or(0, Bytes::len);
        }
        assert_eq!(received, 13);
    };
    timeout(TIMEOUT, exchange).await.unwrap();
    (sender, request)
}

async fn reqwest((client, url): (reqwest::Client, String)) -> (reqwest::Client, String) {
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.bytes().await.unwrap().len(), 13);
    (client, url)
}
