//! `/metrics`, for a Prometheus that scrapes while the run goes on. In a thread of its own, on the loopback.
//!
//! At the end of a run it may wait for one more scrape, so that the last state is seen at least once.

mod host;

use std::{
    convert::Infallible,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use assay_report::{
    ReportError, Reporter,
    event::{Event, EventKind},
};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

use super::{error::PrometheusError, exposition::Format, settings::Listen, shared::Shared};

/// Connections at once; the next one waits until one of them is over.
pub const MAX_CONNECTIONS: usize = 16;
/// How long a connection may take: it is for one scrape.
const MAX_CONNECTION_TIME: Duration = Duration::from_secs(10);
/// The wait after a connection could not be accepted.
const AFTER_REFUSAL: Duration = Duration::from_millis(100);
/// How long the answer to a scrape that is under way at the end may take.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// The server, from before the run to after it.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    linger: Duration,
    last: Arc<LastState>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Whether the last state was seen.
#[derive(Debug, Default)]
struct LastState {
    told: AtomicBool,
    seen: Mutex<bool>,
    is_seen: Condvar,
}

impl LastState {
    /// From now on whoever looks at the figures sees it.
    fn tell(&self) {
        self.told.store(true, Ordering::SeqCst);
    }

    /// Whoever asks this before he looks at the figures knows whether he sees it.
    fn is_told(&self) -> bool {
        self.told.load(Ordering::SeqCst)
    }

    fn see(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.is_seen.notify_all();
    }

    /// Waits until it is seen, or for so long. False if nobody came: no fault of the run, which ends either way.
    fn wait(&self, patience: Duration) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .is_seen
            .wait_timeout_while(seen, patience, |seen| !*seen);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Server {
    /// Listens from now on.
    pub(crate) fn start(listen: Listen, shared: Shared) -> Result<Self, PrometheusError> {
        let failed = |source| PrometheusError::Listen {
            address: listen.address,
            source,
        };
        let listener = TcpListener::bind(listen.address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(PrometheusError::Thread)?;
        let last = Arc::new(LastState::default());
        let (stop, stopped) = watch::channel(false);
        let answer = Answer {
            shared,
            last: Arc::clone(&last),
        };
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(failed)?
        };
        let thread = thread::Builder::new()
            .name("metrics".to_owned())
            .spawn(move || runtime.block_on(serve(listener, answer, stopped)))
            .map_err(PrometheusError::Thread)?;
        Ok(Self {
            address,
            linger: listen.linger,
            last,
            stop,
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Reporter for Server {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        if let EventKind::Interrupted { .. } = event.kind {
            // Somebody wants it to end.
            self.linger = Duration::ZERO;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        if !self.linger.is_zero() {
            self.last.tell();
            self.last.wait(self.linger);
        }
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // It has nothing left to do; a panic of it is told by the thread itself.
            drop(thread.join());
        }
        Ok(())
    }
}

/// What answers a request.
#[derive(Clone)]
struct Answer {
    shared: Shared,
    last: Arc<LastState>,
}

/// Until it is to stop, and what is under way then is answered.
async fn serve(
    listener: tokio::net::TcpListener,
    answer: Answer,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let accept = async {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, answer.clone(), place));
                }
                // It was reset already, or too many files are open, which somebody has to close: trying at once again would be in the way.
                Err(_) => tokio::time::sleep(AFTER_REFUSAL).await,
            }
        }
    };
    tokio::select! {
        () = accept => {}
        // The other end goes without a word when the reporter does.
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    let all = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
    let answered = tokio::time::timeout(LAST_ANSWER, places.acquire_many(all));
    // Whoever has not read his answer by then does not get it.
    drop(answered.await);
}

/// One request, one answer: a connection that is kept would keep its place from others.
async fn connection(stream: TcpStream, answer: Answer, place: OwnedSemaphorePermit) {
    let service = service_fn(move |request| {
        let response = answer.to(&request);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(MAX_CONNECTION_TIME)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // A client that is gone, or too slow, is told nothing; nobody else is concerned.
    drop(tokio::time::timeout(MAX_CONNECTION_TIME, connection).await);
    drop(place);
}

impl Answer {
    fn to(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !host::is_known(request.headers()) {
            return plain(
                StatusCode::FORBIDDEN,
                "ask for `localhost` or an IP address: a page of a stranger can have any other name\n",
            );
        }
        if request.uri().path() != "/metrics" {
            return plain(StatusCode::NOT_FOUND, "the metrics are at /metrics\n");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "use GET\n");
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allowed);
            return response;
        }
        let accept = request.headers().get(ACCEPT);
        let accept = accept.and_then(|accept| accept.to_str().ok());
        let format = Format::accepted(accept.unwrap_or_default());
        let is_last = *request.method() == Method::GET && self.last.is_told();
        let text = format.text(&self.shared.now());
        if is_last {
            self.last.see();
        }
        let mut response = Response::new(Full::from(text));
        let kind = HeaderValue::from_static(format.content_type());
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrape_that_looked_before_the_end_and_is_answered_after_it_is_not_the_last_one() {
        let last = LastState::default();
        let is_last = last.is_told();
        last.tell();
        assert!(!is_last, "it may have seen the run before its end");
        assert!(!last.wait(Duration::ZERO));
        assert!(last.is_told());
        last.see();
        assert!(last.wait(Duration::ZERO));
    }
}
