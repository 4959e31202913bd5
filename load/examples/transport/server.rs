//! The server: small answers that it counts, so that a client that did not do its work is found out, and event streams by the thousand.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpSocket;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Connections that wait to be accepted: thousands of streams are opened at once.
const BACKLOG: u32 = 4_096;

/// How often `/` was answered.
static ANSWERED: AtomicU64 = AtomicU64::new(0);

type Answer = Response<Either<Full<Bytes>, Events>>;

/// Serves on one thread and without end. `/` is thirteen bytes, `/count` says how many of these there were, and `/events/COUNT/PERIOD` is a
/// stream of so many numbered events, one in each period of so many milliseconds, the first one at once.
pub(super) async fn serve() {
    raise_open_files();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(BACKLOG).unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request)) });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service),
        );
    }
}

/// A connection is an open file.
fn raise_open_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}

fn answer(request: &Request<Incoming>) -> Answer {
    match request.uri().path() {
        "/" => {
            ANSWERED.fetch_add(1, Ordering::Relaxed);
            whole(Bytes::from_static(b"Hello, World!"))
        }
        "/count" => whole(ANSWERED.load(Ordering::Relaxed).to_string().into()),
        path => match Events::of(path) {
            Some(events) => Response::builder()
                .header(CONTENT_TYPE, "text/event-stream")
                .body(Either::Right(events))
                .unwrap(),
            None => Response::builder()
                .status(404)
                .body(Either::Left(Full::default()))
                .unwrap(),
        },
    }
}

fn whole(bytes: Bytes) -> Answer {
    Response::new(Either::Left(Full::new(bytes)))
}

/// Numbered events, from 1 on.
struct Events {
    told: u32,
    count: u32,
    ticks: Interval,
}

impl Events {
    fn of(path: &str) -> Option<Self> {
        let (count, period) = path.strip_prefix("/events/")?.split_once('/')?;
        let period = period.parse().ok().filter(|period| *period > 0)?;
        let mut ticks = interval(Duration::from_millis(period));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(Self {
            told: 0,
            count: count.parse().ok()?,
            ticks,
        })
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.told == self.count {
            return Poll::Ready(None);
        }
        ready!(self.ticks.poll_tick(context));
        self.told += 1;
        let event = format!("id: {0}\ndata: event {0}\n\n", self.told);
        Poll::Ready(Some(Ok(Frame::data(event.into()))))
    }
}
