//! HTTP/2, against hyper's server.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::tls::configurations;
use super::*;
use crate::transport::Http2;

/// Answers with method, path, headers and body.
async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.version(), Version::HTTP_2);
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text.extend([name.as_str(), ": ", value.to_str().unwrap(), "\n"]);
    }
    if let Ok(body) = request.into_body().collect().await {
        text += std::str::from_utf8(&body.to_bytes()).unwrap();
    }
    let answer = Response::builder().status(418).header("x-a", "b");
    Ok(answer.body(Full::new(text.into())).unwrap())
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let _ = Builder::new(TokioExecutor::new())
        .max_concurrent_streams(10)
        .serve_connection(TokioIo::new(stream), service_fn(echo))
        .await;
}

/// A server without TLS, its URL, and how many connections were made to it. Each connection ends when told.
async fn plain() -> (String, Arc<AtomicU32>, tokio::sync::watch::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&accepted);
    let (end, ends) = tokio::sync::watch::channel(());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut ends = ends.clone();
            ends.mark_unchanged();
            tokio::spawn(async move {
                tokio::select! {
                    () = serve(stream) => {}
                    _ = ends.changed() => {}
                }
            });
        }
    });
    (url, accepted, end)
}

fn unasked() -> Client {
    with_options(Options {
        http2: Http2::PriorKnowledge,
        ..Options::default()
    })
}

#[tokio::test]
async fn a_request_goes_out_whole_and_its_answer_comes_whole() {
    let (url, _, _end) = plain().await;
    let mut parts = get(format!("{url}/{{id}}?q"));
    parts.method = "POST".to_owned();
    parts.headers = vec![("x-id".to_owned(), "<{id}>".to_owned())];
    parts.body = Some("body of {id}".into());
    parts.slots = vec!["id".to_owned()];
    let template = unasked().prepare(&parts).unwrap();
    let answer = template
        .send(With::Values(&["7 ".to_owned()]), Instant::now())
        .await
        .unwrap();
    assert_eq!((answer.head.status, answer.head.version), (418, "HTTP/2"));
    assert_eq!(answer.head.headers[0], ("x-a".to_owned(), "b".to_owned()));
    let text = String::from_utf8(answer.body).unwrap();
    let expected =
        format!("POST {url}/7%20?q\nx-id: <7 >\naccept: */*\ncontent-length: 10\nbody of 7 ");
    assert_eq!(text, expected);
}

#[tokio::test]
async fn many_requests_at_once_share_one_connection() {
    let (url, accepted, _end) = plain().await;
    let template = template(&unasked(), url);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let template = template.clone();
            tokio::spawn(async move { fire(&template).await })
        })
        .collect();
    let mut new = 0;
    for call in calls {
        let sample = call.await.unwrap().unwrap();
        assert_eq!(sample.status, 418);
        assert!(sample.received > 0);
        new += u32::from(sample.connect.is_some());
    }
    assert_eq!((accepted.load(Ordering::SeqCst), new), (1, 1));
}

#[tokio::test]
async fn a_connection_that_ended_is_replaced() {
    let (url, accepted, end) = plain().await;
    let template = template(&unasked(), url);
    for connection in 1..=5 {
        assert_eq!(fire(&template).await.unwrap().status, 418);
        assert_eq!(accepted.load(Ordering::SeqCst), connection);
        end.send(()).unwrap();
    }
}

#[tokio::test]
async fn over_tls_the_server_chooses_and_the_client_may_refuse() {
    let (acceptor, trusting) = configurations(&["h2", "http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}/",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    return serve(stream).await;
                }
                let service = service_fn(|_| async {
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    for (http2, version) in [(Http2::Negotiated, "HTTP/2"), (Http2::Never, "HTTP/1.1")] {
        let client = Client::new(
            &trusting,
            Options {
                http2,
                ..Options::default()
            },
        );
        let template = template(&client, &url);
        let (one, two) = tokio::join!(send(&template), send(&template));
        assert_eq!(one.unwrap().head.version, version);
        assert_eq!(two.unwrap().head.version, version);
    }
}

#[tokio::test]
async fn limits_and_times_hold_here_too() {
    let (url, _, _end) = plain().await;
    let mut parts = get(&url);
    parts.max_body = 4;
    let small = unasked().prepare(&parts).unwrap();
    assert_eq!(fire(&small).await, Err(Error::TooLarge(4)));
    let silent = script::server(|mut connection| async move { connection.ended().await }).await;
    let mut parts = get(&silent.url);
    parts.timeout = Duration::from_millis(50);
    let template = unasked().prepare(&parts).unwrap();
    let error = fire(&template).await.unwrap_err();
    assert!(
        error.to_string().contains("waiting for the head"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_speak_it_fails_as_a_protocol_error() {
    let server = script::always(ok("x")).await;
    let error = fire(&template(&unasked(), &server.url)).await.unwrap_err();
    assert!(["protocol", "closed"].contains(&error.kind()), "{error}");
    assert_eq!(
        fire(&template(&unasked(), "http://127.0.0.1:1/"))
            .await
            .unwrap_err()
            .kind(),
        "connect"
    );
}

#[tokio::test]
async fn a_stream_is_read_as_it_comes() {
    let (url, _, _end) = plain().await;
    let template = template(&unasked(), url);
    let mut stream = template.open(With::Prepared).await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = stream.body.chunk().await.unwrap() {
        text.extend_from_slice(piece);
    }
    assert!(text.starts_with(b"GET http"));
}
