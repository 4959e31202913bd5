//! Prepared requests, through the same code that the contract's calls run.

use bytes::Bytes;
use wasmtime::component::ResourceTable;

use super::*;
use crate::capability::http::{Prepared, View, exchange};
use crate::plugin::bindings::assay::suite::http::{Error, HostTemplate};

fn post(url: &str) -> Request {
    let mut request = get(url);
    request.method = "POST".into();
    request.payload = Payload::Bytes(b"prepared".to_vec());
    request
}

#[tokio::test]
async fn a_template_is_fired_many_times_and_told_each_time() {
    let url = script::always(ok("12345")).await.url;
    let (context, mut told) = client();
    let prepared = Prepared::for_template(post(&url)).unwrap();
    for _ in 0..3 {
        let sample = exchange::fire(&context, &prepared, None).await.unwrap();
        assert_eq!((sample.status, sample.received), (200, 5));
        assert!(sample.first_byte > 0 && sample.first_byte <= sample.total);
    }
    assert_eq!(exchanges(&mut told).len(), 3);
}

#[tokio::test]
async fn a_body_of_its_own_takes_the_place_of_the_prepared_one() {
    let url = script::server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let body = request.split_once("\r\n\r\n").unwrap().1;
            let status = if body == "own" { 201 } else { 202 };
            connection
                .send(&format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"))
                .await;
        }
    })
    .await
    .url;
    let (context, _told) = client();
    let prepared = Prepared::for_template(post(&url)).unwrap();
    let own = Some(Bytes::from_static(b"own"));
    assert_eq!(
        exchange::fire(&context, &prepared, own)
            .await
            .unwrap()
            .status,
        201
    );
    assert_eq!(
        exchange::fire(&context, &prepared, None)
            .await
            .unwrap()
            .status,
        202
    );
}

#[tokio::test]
async fn a_template_fails_as_a_request_does() {
    let (context, mut told) = client();
    let prepared = Prepared::for_template(get("http://127.0.0.1:1/")).unwrap();
    let error = exchange::fire(&context, &prepared, None).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error}");
    assert_eq!(exchanges(&mut told).len(), 1);
    let too_much = Some(Bytes::from(vec![0; (64 << 20) + 1]));
    let error = exchange::fire(&context, &prepared, too_much)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

#[tokio::test]
async fn dropping_a_template_frees_it() {
    let (mut context, _told) = client();
    let mut table = ResourceTable::new();
    let mut view = View::new(&mut context, &mut table);
    let template = view.prepare(get("http://127.0.0.1:1/")).unwrap().unwrap();
    view.drop(template).unwrap();
    assert!(table.is_empty());
}

#[tokio::test]
async fn templates_that_are_not_dropped_stop_at_their_limit_instead_of_filling_the_host() {
    let (mut context, _told) = client();
    let mut table = ResourceTable::new();
    let mut view = View::new(&mut context, &mut table);
    let of = |bytes: usize| {
        let mut request = get("http://127.0.0.1:1/");
        request.payload = Payload::Bytes(vec![0; bytes]);
        request
    };
    // With 1 KiB, the method, the URL and the name for each.
    let head = 1024 + "GET".len() + "http://127.0.0.1:1/".len() + "GET /".len();
    let first = view.prepare(of(64 << 20)).unwrap().unwrap();
    let rest = (64 << 20) - 2 * head;
    let error = view.prepare(of(rest + 1)).unwrap().unwrap_err();
    assert!(matches!(error, Error::Invalid(text) if text.contains("drop one first")));
    let second = view.prepare(of(rest)).unwrap().unwrap();
    assert!(view.prepare(of(0)).unwrap().is_err());
    view.drop(first).unwrap();
    assert!(view.prepare(of(64 << 20)).unwrap().is_ok());
    view.drop(second).unwrap();
}
