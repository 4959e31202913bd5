//! What is told of a request in detail, once its attempt has gone bad.

use assay_report::event::{ExchangeDetail, Header, MAX_BODY_BYTES, Message, MessageBody};

use super::*;
use crate::capability::http::Shared;

/// The details of the requests that are told again.
fn recalled(context: &Context, told: &mut Told) -> Vec<(Exchange, ExchangeDetail)> {
    while told.try_recv().is_ok() {}
    context.recorder().recall();
    let happened = std::iter::from_fn(|| told.try_recv().ok());
    let exchanges = happened.map(|happened| match happened.kind {
        EventKind::ExchangeRecalled { mut exchange, .. } => {
            let detail = *exchange.detail.take().unwrap();
            (exchange, detail)
        }
        other => panic!("{other:?}"),
    });
    exchanges.collect()
}

fn value<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let found = message.headers.iter().find(|header| header.name == name);
    found.map(|header| &*header.value)
}

fn text(text: &str) -> MessageBody {
    MessageBody {
        text: Some(text.to_owned()),
        size: text.len() as u64,
        truncated: false,
    }
}

#[tokio::test]
async fn both_heads_and_both_bodies_are_told() {
    let answer = "HTTP/1.1 500 Oh\r\nX-Why: full\r\nContent-Length: 5\r\n\r\nsorry";
    let url = script::always(answer).await.url;
    let (context, mut told) = client();
    let mut request = get(&url);
    request.method = "POST".into();
    request.headers = vec![("X-Own".into(), "1".into())];
    request.payload = Payload::Bytes(b"{}".to_vec());
    context.send(request).await.unwrap();
    let recalled = recalled(&context, &mut told);
    let [(exchange, detail)] = &recalled[..] else {
        panic!("{recalled:?}");
    };
    assert_eq!((exchange.number, exchange.status), (1, Some(500)));
    let sent = &detail.request;
    assert_eq!(value(sent, "x-own"), Some("1"));
    assert_eq!(value(sent, "traceparent"), exchange.traceparent.as_deref());
    assert_eq!(sent.body, text("{}"));
    let response = detail.response.as_ref().unwrap();
    assert_eq!(value(response, "x-why"), Some("full"));
    assert_eq!(
        (&response.body, &detail.redirected_to),
        (&text("sorry"), &None)
    );
}

#[tokio::test]
async fn of_a_request_without_answer_what_was_sent_is_told() {
    let url = script::server(|mut connection| async move {
        connection.request().await;
        connection.reset();
    })
    .await
    .url;
    let (context, mut told) = client();
    let mut request = get(&url);
    request.payload = Payload::Bytes(vec![0xFF; 3]);
    context.send(request).await.unwrap_err();
    let (exchange, detail) = recalled(&context, &mut told).swap_remove(0);
    assert!(exchange.error.is_some());
    let bytes = MessageBody {
        text: None,
        size: 3,
        truncated: false,
    };
    assert_eq!((detail.request.body, detail.response), (bytes, None));
}

#[tokio::test]
async fn a_body_that_is_over_its_limit_is_told_as_far_as_it_came() {
    let url = script::always(ok(&"x".repeat(2 * MAX_BODY_BYTES)))
        .await
        .url;
    let (context, mut told) = client();
    let mut request = get(&url);
    request.max_body = Some(1);
    context.send(request).await.unwrap_err();
    let (exchange, detail) = recalled(&context, &mut told).swap_remove(0);
    let body = detail.response.unwrap().body;
    assert_eq!(body.size, exchange.received_bytes);
    assert!(body.text.unwrap().len() <= MAX_BODY_BYTES);
}

#[tokio::test]
async fn a_redirect_is_told_with_where_it_led() {
    let url = script::server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let answer = if request.starts_with("GET /to") {
                ok(&request)
            } else {
                "HTTP/1.1 302 Found\r\nLocation: /to\r\nContent-Length: 0\r\n\r\n".to_owned()
            };
            connection.send(&answer).await;
        }
    })
    .await
    .url;
    let (context, mut told) = client();
    let mut request = get(format!("{url}/from"));
    request.max_redirects = 1;
    let answer = String::from_utf8(context.send(request).await.unwrap().body).unwrap();
    let (exchange, detail) = recalled(&context, &mut told).swap_remove(0);
    assert_eq!(detail.redirected_to, Some(format!("{url}/to")));
    let traceparent = exchange.traceparent.unwrap();
    assert!(
        answer.contains(&format!("traceparent: {traceparent}\r\n")),
        "{answer}"
    );
}

#[tokio::test]
async fn a_traceparent_is_the_suites_own_or_none_where_that_is_asked_for() {
    let url = script::echo().await.url;
    let (context, mut told) = client();
    let mut request = get(&url);
    request.headers = vec![("Traceparent".into(), "00-own".into())];
    let answer = String::from_utf8(context.send(request).await.unwrap().body).unwrap();
    assert_eq!(answer.matches("traceparent").count(), 1);
    let (exchange, detail) = recalled(&context, &mut told).swap_remove(0);
    assert_eq!(exchange.traceparent.as_deref(), Some("00-own"));
    let own = Header {
        name: "traceparent".into(),
        value: "00-own".into(),
    };
    assert_eq!(detail.request.headers, [own]);

    let untraced = Shared::new().unwrap().traced(false);
    let context = Context::new(&untraced, context.access().clone());
    let answer = context.send(get(&url)).await.unwrap();
    assert!(
        !String::from_utf8(answer.body)
            .unwrap()
            .contains("traceparent")
    );
    let (exchange, detail) = recalled(&context, &mut told).swap_remove(0);
    assert_eq!(
        (exchange.traceparent, detail.request.headers.len()),
        (None, 0)
    );
}
